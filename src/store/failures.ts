import { DefectError, type RunId } from "../base/index.ts";

/** An owner of the past tried to write (J1). */
export function staleEpoch(mine: number, now: number): DefectError {
  return new DefectError(
    "STALE_EPOCH",
    `Expected to own the store with epoch ${mine}, but a later owner has epoch ${now}. Nothing was written. ` +
      "End this process; the other one goes on with the runs.",
  );
}

/** Events that don't follow the journal: a bug of the writer. */
export function journalGap(run: RunId, expected: number, from: number): DefectError {
  return new DefectError(
    "JOURNAL_GAP",
    `Expected record ${expected} next in the journal of run "${run}", got record ${from}. Nothing was written. ` +
      "Read the journal again and go on from there.",
  );
}

/** What is on disk is not what was written. */
export function journalDamaged(where: string, why: string, cause?: unknown): DefectError {
  return new DefectError(
    "JOURNAL_DAMAGED",
    `${where} is damaged: ${why}. Nothing was changed. Keep a copy of the state folder, run \`pawl verify\` to see ` +
      "what else is touched, and restore from a backup.",
    { cause },
  );
}

/** A run whose plan nobody stored: a bug of the writer. */
export function planMissing(run: RunId, plan: string): DefectError {
  return new DefectError(
    "PLAN_MISSING",
    `Expected the plan ${plan} of run "${run}" in the store or in \`plans\` of the same batch, found neither. ` +
      "Nothing was written. Give the graph with the first run that uses it.",
  );
}

/** Everything after a failed commit (invariant 4 of the Store port). */
export function storeFailed(cause: unknown): DefectError {
  const what = cause instanceof Error ? cause.message : String(cause);
  return new DefectError(
    "STORE_FAILED",
    `The store failed and takes nothing more: ${what} Close it, see to the cause, and open it again: ` +
      "it goes on from what is on disk.",
    { cause },
  );
}

/** A call on a store or reader that was closed. */
export function storeClosed(): DefectError {
  return new DefectError("STORE_CLOSED", "Expected an open store, but close() was called before. Open it again.");
}
