import type { RunTag } from "../plan/index.ts";

/** What the process ends with. Strangers' scripts rely on these. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, waits: 3, stuck: 4, interrupted: 130 } as const;

/** The exit code for a run that stands like this. */
export function exitFor(tag: RunTag): number {
  switch (tag) {
    case "succeeded":
      return EXIT.ok;
    case "waiting":
      return EXIT.waits;
    case "suspended":
    case "rollback-stuck":
      return EXIT.stuck;
    default:
      return EXIT.failed;
  }
}

const SEVERITY: readonly number[] = [EXIT.ok, EXIT.waits, EXIT.failed, EXIT.stuck, EXIT.badInput, EXIT.interrupted];

/** The code for several runs: that of the one that most needs someone. */
export function worstExit(codes: readonly number[]): number {
  return codes.reduce((worst, code) => (SEVERITY.indexOf(code) > SEVERITY.indexOf(worst) ? code : worst), EXIT.ok);
}
