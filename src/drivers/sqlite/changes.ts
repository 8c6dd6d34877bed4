import type { Connection } from "./connection.ts";
import { number } from "./rows.ts";

const POLL_MS = 30;

/**
 * Waits for writes of other connections, of this or another process, by asking SQLite now and then (about a
 * microsecond). What the connection itself wrote does not count.
 *
 * @see https://sqlite.org/pragma.html#pragma_data_version
 */
export function createWatcher(connection: Connection): (ms: number, signal?: AbortSignal) => Promise<void> {
  const version = (): number =>
    connection.reading("the store", () =>
      number(connection.prepare("PRAGMA data_version").get() ?? {}, "data_version"),
    );
  let seen = version();
  const hasChanged = (): boolean => {
    const now = version();
    if (now === seen) return false;
    seen = now;
    return true;
  };

  return async (ms, signal) => {
    const end = performance.now() + ms;
    for (;;) {
      const left = end - performance.now();
      if (hasChanged() || signal?.aborted === true || left <= 0) return;
      await sleep(Math.min(POLL_MS, Math.ceil(left)), signal);
      if (!connection.isOpen()) return;
    }
  };
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake);
  });
}
