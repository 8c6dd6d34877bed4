import type { Desk } from "./desk.ts";
import type { CliContext } from "./context.ts";
import { EXIT } from "./exit-codes.ts";

const ONE_PRESS_MS = 50;
const NO_LIMIT_MS = Number.MAX_SAFE_INTEGER;

/** Listens for someone who says stop. */
export interface Interrupt {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  readonly dispose: () => void;
}

/**
 * SIGINT or SIGTERM once: what is out may end, nothing new begins. Twice: it is stopped at once. A terminal and a
 * parent may both pass one key press on, so two signals within 50 ms are one.
 */
export function listenForInterrupt(
  { say }: CliContext,
  desk: Desk,
  what: { readonly describe: () => readonly string[] },
): Interrupt {
  const stop = new AbortController();
  let firstAt = 0;
  const onSignal = (): void => {
    const now = performance.now();
    if (stop.signal.aborted && now - firstAt < ONE_PRESS_MS) return;
    if (stop.signal.aborted) {
      say("stopped at once; what was out is looked into when the run is taken up");
      // Long enough for commands to get their SIGTERM, short enough to be at once.
      void desk.close({ drainMs: 0 }).finally(() => process.exit(EXIT.interrupted));
      setTimeout(() => process.exit(EXIT.interrupted), 2_500);
      return;
    }
    firstAt = now;
    stop.abort();
    for (const line of what.describe()) say(line);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: stop.signal,
    dispose: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

/** Lets what is out end, however long it takes. */
export async function drain(desk: Desk): Promise<void> {
  await desk.close({ drainMs: NO_LIMIT_MS });
}
