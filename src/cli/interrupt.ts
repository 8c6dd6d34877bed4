import { EXIT } from "./exit-codes.ts";

/** Long enough for anything; a second signal cuts it short. */
export const NO_LIMIT_MS: number = Number.MAX_SAFE_INTEGER;

const ONE_PRESS_MS = 50;
/** How long the second signal waits for commands to be told that they are stopped. */
const LAST_WORD_MS = 2_500;

/** Listens for someone who says stop. */
export interface Interrupt {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** Says from now on what is out, and through the view, which may be redrawing. */
  readonly talk: (talk: Talk) => void;
  readonly dispose: () => void;
}

/** What is said at the first signal, and where. */
export interface Talk {
  readonly say: (line: string) => void;
  readonly describe: () => readonly string[];
}

/** Closes what is worked with, after what is out has had so long. */
type Close = (how: { readonly drainMs: number }) => Promise<void>;

/**
 * SIGINT or SIGTERM once: what is out may end, nothing new begins. Twice: it is stopped at once. A terminal and a
 * parent may both pass one key press on, so two signals within 50 ms are one.
 */
export function listenForInterrupt(close: Close, say: Talk["say"]): Interrupt {
  const stop = new AbortController();
  let talk: Talk = { say, describe: () => ["stopping"] };
  let firstAt = 0;
  const onSignal = (): void => {
    const now = performance.now();
    if (!stop.signal.aborted) {
      firstAt = now;
      for (const line of talk.describe()) talk.say(line);
      stop.abort();
      close({ drainMs: NO_LIMIT_MS }).catch(() => {}); // who works sees the same error
    } else if (now - firstAt >= ONE_PRESS_MS) {
      talk.say("stopped at once; what was out is looked into when the run is taken up");
      endAtOnce(close);
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: stop.signal,
    talk: (next) => {
      talk = next;
    },
    dispose: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

function endAtOnce(close: Close): void {
  const exit = (): void => process.exit(EXIT.interrupted);
  setTimeout(exit, LAST_WORD_MS);
  close({ drainMs: 0 }).then(exit, exit);
}
