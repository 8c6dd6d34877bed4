import type { RunState } from "./state.ts";

/** A run can be rolled back while it runs, fails or waits, and also after it succeeded or failed. */
export function mayRollBack(run: RunState): boolean {
  if (run.phase === "finished") return run.finished?.tag === "succeeded" || run.finished?.tag === "failed";
  return run.phase === "running" || run.phase === "failing";
}

/** A run can be cancelled until its end or its rollback is decided (C1). */
export function mayCancel(run: RunState): boolean {
  return run.phase === "running" || run.phase === "failing";
}

/** Only a suspended run can be resumed by an operator's word. */
export function mayResume(run: RunState): boolean {
  return run.phase === "suspended";
}

/** A stuck rollback can be retried, and a run that failed without being undone and has failed nodes. */
export function mayRetry(run: RunState): boolean {
  if (run.finished?.tag === "rollback-stuck") return true;
  return (
    run.finished?.tag === "failed" && run.nodes.some((node) => node.strategy === "fail" && node.ended === undefined)
  );
}

/** A plan can be changed while its run goes forward. */
export function mayPatch(run: RunState): boolean {
  return run.phase === "running" || (run.phase === "suspended" && run.resumes === "running");
}
