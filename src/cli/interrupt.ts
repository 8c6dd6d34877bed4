import type { Desk } from "./desk.ts";
import { EXIT } from "./exit-codes.ts";

const ONE_PRESS_MS = 50;
/** How long the second signal waits for commands to be told that they are stopped. */
const LAST_WORD_MS = 2_500;

/** Listens for someone who says stop. */
export interface Interrupt {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  readonly dispose: () => void;
}

/** What is said at the first signal, and where. */
export interface Talk {
  readonly say: (line: string) => void;
  readonly describe: () => readonly string[];
}

/**
 * SIGINT or SIGTERM once: what is out may end, nothing new begins. Twice: it is stopped at once. A terminal and a
 * parent may both pass one key press on, so two signals within 50 ms are one.
 */
export function listenForInterrupt(desk: Desk, { say, describe }: Talk): Interrupt {
  const stop = new AbortController();
  let firstAt = 0;
  const onSignal = (): void => {
    const now = performance.now();
    if (!stop.signal.aborted) {
      firstAt = now;
      stop.abort();
      for (const line of describe()) say(line);
    } else if (now - firstAt >= ONE_PRESS_MS) {
      say("stopped at once; what was out is looked into when the run is taken up");
      endAtOnce(desk);
    }
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

function endAtOnce(desk: Desk): void {
  const exit = (): void => process.exit(EXIT.interrupted);
  setTimeout(exit, LAST_WORD_MS);
  desk.close({ drainMs: 0 }).then(exit, exit);
}
