import type { UndoFailed, UndoStarted, UndoSucceeded } from "../event.ts";
import { demand, nodeOf, refuse } from "./access.ts";
import { setTag } from "./create.ts";
import type { NodeState, RunState } from "./state.ts";
import { clearUndo, needsUndo } from "./undo-plan.ts";

/** Folds what happened to the undo of a node. */
export function evolveUndo(run: RunState, event: UndoStarted | UndoSucceeded | UndoFailed): void {
  const node = nodeOf(run, event);
  switch (event.type) {
    case "undo-started":
      return start(run, node, event);

    case "undo-succeeded":
      demandUndo(run, node, event);
      setTag(run, node, "compensated");
      run.live.delete(node.index);
      run.uncertain.delete(node.index);
      node.undo = { tag: "done", attempt: event.attempt, failures: node.undo?.failures ?? 0, error: undefined };
      if (run.undoPlan !== undefined) clearUndo(run, run.undoPlan, node.index);
      return;

    case "undo-failed":
      demandUndo(run, node, event);
      return fail(run, node, event);
  }
}

/** R1: only what needs it; R2: only in its turn. */
function start(run: RunState, node: NodeState, event: UndoStarted): void {
  demand(run, event, { node, is: ["succeeded", "unknown", "compensating"] });
  if (!needsUndo(node)) refuse(run, event, `${node.id} has nothing to undo`);
  if (node.undo?.tag === "running") refuse(run, event, `an undo of ${node.id} is out`);
  if (!isItsTurn(run, node)) refuse(run, event, `it is not the turn of ${node.id}`);
  const { attempt, failures } = node.undo ?? { attempt: 0, failures: 0 };
  if (event.attempt !== attempt + 1) refuse(run, event, "attempts of an undo are counted one by one");
  if (node.ended === undefined) {
    node.ended = "failed"; // it was given up as unknown, and is undone all the same
    run.open -= 1;
  }
  setTag(run, node, "compensating");
  run.live.add(node.index);
  node.token = event.token;
  node.undo = { tag: "running", attempt: event.attempt, failures, error: undefined };
}

/** A join may have its losers undone while the run goes on; else a rollback gives the order. */
function isItsTurn({ undoPlan, phase }: RunState, node: NodeState): boolean {
  return undoPlan === undefined ? phase === "running" && node.lost : undoPlan.open.has(node.index);
}

function demandUndo(run: RunState, node: NodeState, event: UndoSucceeded | UndoFailed): void {
  demand(run, event, { node, is: ["compensating"] });
  if (node.undo?.tag !== "running" || node.undo.attempt !== event.attempt)
    refuse(run, event, `undo ${event.attempt} of ${node.id} is not out`);
}

function fail(run: RunState, node: NodeState, event: UndoFailed): void {
  run.live.delete(node.index);
  const failures = (node.undo?.failures ?? 0) + (event.error.code === "INTERRUPTED" ? 0 : 1);
  const base = { attempt: event.attempt, failures, error: event.error };
  if (event.retryAt === undefined) {
    setTag(run, node, "compensation-stuck");
    node.undo = { tag: "stuck", ...base };
    return;
  }
  setTag(run, node, "compensating");
  node.undo = { tag: "retry-wait", ...base };
  node.dueAt = event.retryAt;
  run.timers.push({ at: event.retryAt, node: node.index, kind: "undo-retry", stamp: node.stamp });
}
