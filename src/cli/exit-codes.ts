import type { RunTag } from "../plan/index.ts";

/** What the process ends with. Strangers' scripts rely on these. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, waits: 3, stuck: 4, interrupted: 130 } as const;

/** From the least to the one that most needs someone. */
const SEVERITY: readonly number[] = [EXIT.ok, EXIT.waits, EXIT.failed, EXIT.stuck];

/** The exit code for runs that stand like this; `goal` is the end that the order was for. */
export function exitFor(runs: readonly { readonly tag: RunTag }[], goal: RunTag = "succeeded"): number {
  return runs
    .map(({ tag }) => (tag === goal ? EXIT.ok : codeOf(tag)))
    .reduce<number>((worst, code) => (SEVERITY.indexOf(code) > SEVERITY.indexOf(worst) ? code : worst), EXIT.ok);
}

function codeOf(tag: RunTag): number {
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
