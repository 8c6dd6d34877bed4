import type { UndoFailed, UndoStarted, UndoSucceeded } from "../event.ts";
import { stateOf } from "./facts.ts";
import { trailOf, type Audit, type Trail } from "./state.ts";

/** Judges undos: R1, R3, R4 (their order: check-undo-order.ts). */
export function checkUndo(audit: Audit, event: UndoStarted | UndoSucceeded | UndoFailed): void {
  const trail = trailOf(audit, event.node);
  if (event.type === "undo-started") return checkStart(audit, event, trail);
  if (!trail.isUndoLive || trail.undoAttempt !== event.attempt)
    audit.violate("R4", `undo ${event.attempt} of ${event.node} ends, but it is not out`);
  trail.isUndoLive = false;
  if (event.type === "undo-succeeded") trail.undoneAt = audit.seq;
  else trail.isUndoStuck = event.retryAt === undefined;
}

function checkStart(audit: Audit, event: UndoStarted, trail: Trail): void {
  const { node, key, attempt } = event;
  const { violate } = audit;
  const nature = stateOf(audit, node)?.nature;
  const mayUndo = trail.hasSucceeded || (trail.mayHaveActed && nature?.undoesUnknown === true);
  if (!mayUndo) violate("R1", `${node} is undone though it did nothing`);
  if (trail.isAttached) violate("R1", `${node} is undone though another run made it`);
  if (nature?.undo !== "possible") violate("R1", `${node} is undone though it has no undo`);
  if (trail.undoneAt !== undefined) violate("R4", `${node} is undone a second time`);
  if (trail.isUndoLive) violate("R4", `an undo of ${node} starts while another is out`);
  if (attempt !== trail.undoAttempt + 1) violate("R4", `undo ${attempt} of ${node} follows ${trail.undoAttempt}`);
  if (trail.undoKey !== undefined && trail.undoKey !== key) violate("R4", `undo ${attempt} of ${node} has another key`);
  if (key === trail.key) violate("E6", `the undo of ${node} has the key of what it undoes`);
  if (audit.turned === "failing") violate("R3", `${node} is undone though its run only fails`);
  if (audit.turned !== undefined && audit.live.size > 0) violate("R3", `${node} is undone while attempts are out`);
  if (audit.turned === undefined && stateOf(audit, node)?.lost !== true)
    violate("R3", `${node} is undone though its run goes on`);
  Object.assign(trail, { undoKey: key, undoAttempt: attempt, isUndoLive: true, isUndoStuck: false });
  // A loser that is undone while the run goes on has no place in the order of a rollback.
  if (audit.turned !== undefined) trail.undoStartedAt ??= audit.seq;
  trail.ending ??= "failed";
}
