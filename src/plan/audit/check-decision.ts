import type {
  CancelDecided,
  FailDecided,
  PlanPatched,
  RollbackDecided,
  RunFinished,
  RunResumed,
  RunRetried,
  RunSuspended,
} from "../event.ts";
import { stateOf, strategyOf } from "./facts.ts";
import { trailOf, type Audit, type Trail } from "./state.ts";

type DecisionEvent =
  | RollbackDecided
  | CancelDecided
  | FailDecided
  | RunSuspended
  | RunResumed
  | RunRetried
  | PlanPatched
  | RunFinished;

/** Judges what is decided about the run: R1, R5, R6, C1, E10, E12. */
export function checkDecision(audit: Audit, event: DecisionEvent): void {
  switch (event.type) {
    case "rollback-decided":
      if (audit.turned === "rolling-back" || audit.turned === "cancelling")
        audit.violate("R6", "a second rollback is decided");
      return turn(audit, "rolling-back");

    case "cancel-decided":
      if (audit.isFinished || audit.turned === "rolling-back" || audit.cancels > 0)
        audit.violate("C1", "a cancel is decided too late, or twice");
      audit.cancels += 1;
      return turn(audit, "cancelling");

    case "fail-decided":
      if (audit.turned !== undefined) audit.violate("R6", "a failure is decided after the run turned");
      return turn(audit, "failing");

    case "run-retried":
      if (!audit.isFinished) audit.violate("C1", "a run is retried that has not ended");
      audit.isFinished = false;
      if (audit.turned === "failing") audit.turned = undefined;
      for (const trail of audit.trails.values()) startOver(trail);
      return;

    case "plan-patched":
      return checkPatch(audit, event);

    case "run-finished":
      return checkFinish(audit, event);

    default:
  }
}

/** An operator's word counts attempts anew, and no pause holds it up. */
function startOver(trail: Trail): void {
  trail.failures = 0;
  trail.isRetried = true;
  trail.dueAt = undefined;
}

function turn(audit: Audit, turned: NonNullable<Audit["turned"]>): void {
  audit.turned = turned;
  audit.isFinished = false;
}

/** E12: only nodes that have not started change. */
function checkPatch(audit: Audit, { patch }: PlanPatched): void {
  if (audit.turned !== undefined) audit.violate("E12", "the plan is changed after the run turned");
  for (const operation of patch) {
    if (operation.op === "give-up-node") giveUp(audit, operation.id);
    if (operation.op !== "replace-node" && operation.op !== "remove-node") continue;
    const trail = trailOf(audit, operation.id);
    if (trail.hasStarted || trail.ending !== undefined)
      audit.violate("E12", `${operation.id} is changed though it has started`);
    audit.trails.delete(operation.id);
  }
}

/** E12: only what failed for good, and waits to be replanned, is given up. */
function giveUp(audit: Audit, id: string): void {
  const trail = trailOf(audit, id);
  if (!trail.hasFailed || trail.ending !== undefined || strategyOf(audit, id) !== "replan")
    audit.violate("E12", `${id} is given up though it does not wait to be replanned`);
  trail.ending ??= "skipped";
  trail.isGivenUp = true;
}

function checkFinish(audit: Audit, event: RunFinished): void {
  const { violate, live, waits, turned } = audit;
  if (audit.isFinished) violate("C1", "the run ends twice");
  audit.isFinished = true;
  if (live.size > 0) violate("E10", `the run ends while ${[...live].join(", ")} is out`);
  for (const [id, wait] of waits) if (wait.isOpen) violate("E10", `the run ends while ${id} is open`);
  const expected = turned === undefined ? ["succeeded"] : ENDS[turned];
  if (!expected.includes(event.tag)) violate("C1", `the run ends ${event.tag} after ${turned ?? "no decision"}`);
  if (event.tag === "succeeded") return checkAllEnded(audit);
  if (event.tag !== "failed") checkUndone(audit, event);
}

const ENDS: Readonly<Record<NonNullable<Audit["turned"]>, readonly string[]>> = {
  failing: ["failed"],
  "rolling-back": ["rolled-back", "rollback-stuck"],
  cancelling: ["cancelled", "rollback-stuck"],
};

function checkAllEnded(audit: Audit): void {
  for (const { id } of audit.run.nodes)
    if (trailOf(audit, id).ending === undefined && !isGivenUp(audit, id))
      audit.violate("E10", `the run succeeds though ${id} has not ended`);
}

/** A node that a join went on without ends as skipped when it fails. */
function isGivenUp(audit: Audit, id: string): boolean {
  return stateOf(audit, id)?.lost === true;
}

/** R1: exactly what has an effect of this run is undone, or named as left. R5: all of it, or the end says stuck. */
function checkUndone(audit: Audit, event: RunFinished): void {
  const undone = new Set<string>(event.undone);
  const left = new Set<string>(event.notUndone.map(({ node }) => node));
  let missing = 0;
  for (const { id, nature } of audit.run.nodes) {
    const trail = trailOf(audit, id);
    const isUndone = trail.undoneAt !== undefined;
    if (undone.has(id) !== isUndone)
      audit.violate("R1", `the end ${isUndone ? "does not say" : "says"} that ${id} is undone`);
    const hasEffect = hasOwnEffect(trail, nature);
    if (!hasEffect || isUndone) continue;
    missing += 1;
    if (!left.has(id)) audit.violate("R1", `${id} is neither undone nor named as left`);
  }
  if (event.tag !== "rollback-stuck" && missing > 0)
    audit.violate("R5", `the run ends ${event.tag} though ${missing} undos are missing`);
  if (event.tag === "rollback-stuck" && missing === 0) audit.violate("R5", "the run ends stuck though nothing is");
}

function hasOwnEffect(
  trail: Trail,
  { undo, undoesUnknown }: { readonly undo: string; readonly undoesUnknown: boolean },
): boolean {
  if (undo !== "possible" || trail.isAttached) return false;
  // What was given up in doubt may turn out to be done.
  return (
    (trail.hasSucceeded && (trail.ending !== "skipped" || trail.isGivenUp)) || (trail.mayHaveActed && undoesUnknown)
  );
}
