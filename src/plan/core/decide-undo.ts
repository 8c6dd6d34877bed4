import type { Draft } from "./draft.ts";
import { nodeAt } from "./access.ts";
import { takeResources } from "./resources.ts";
import { mustBeSettled } from "./undo-plan.ts";
import type { NodeState, OpenWait } from "./state.ts";

/** In a run that goes no further: stops what is out, withdraws questions, and starts the undos whose turn it is. */
export function decideUndos(draft: Draft): void {
  const { run } = draft;
  for (const index of run.live) stopLive(draft, nodeAt(run, index));
  for (const wait of run.waits.values()) withdraw(draft, wait);
  for (const index of run.undoPlan?.open ?? []) {
    const node = nodeAt(run, index);
    if (isUndoDue(node)) decideUndo(draft, node);
  }
}

/** Starts an undo if there is room for it. */
export function decideUndo(draft: Draft, node: NodeState): void {
  if (draft.room <= 0 || !takeResources(draft, node)) return;
  draft.room -= 1;
  draft.commands.push({ type: "start-undo", node: node.index });
}

/** A rollback needs the answer to what happened; all other questions are moot. */
function withdraw({ run, now: at, commands, decided }: Draft, { wait, node, kind }: OpenWait): void {
  if (decided?.has(node) === true) return;
  if (kind === "unknown" && run.phase !== "failing" && mustBeSettled(nodeAt(run, node))) return;
  commands.push({
    type: "record",
    event: { type: "wait-closed", at, wait, node: nodeAt(run, node).id, how: "withdrawn" },
  });
}

function isUndoDue({ tag, undo }: NodeState): boolean {
  return tag !== "compensation-stuck" && (undo === undefined || undo.tag === "ready");
}

/**
 * What a cancel finds is told to stop. A rollback and a failing run stop only what has no effect: cutting short an
 * attempt that acts would leave its outcome unknown, where waiting for it (within its time limit) does not.
 */
function stopLive({ run, now, commands, decided }: Draft, node: NodeState): void {
  if (decided?.has(node.index) === true || node.tag !== "running" || node.stopping !== undefined) return;
  const why = run.phase === "cancelling" ? "cancel" : "rollback";
  // A plan inside the plan is cancelled: it takes back what it did, and leaves nothing in doubt.
  const isSafeToStop = node.nature.kind === "plan" && run.phase === "rolling-back";
  if (why === "rollback" && !isSafeToStop && (node.nature.undo !== "not-needed" || run.phase === "failing")) return;
  commands.push({
    type: "record",
    event: { type: "node-stopping", at: now, node: node.id, attempt: node.attempt, why },
  });
}
