import { compiledAt, nodeAt } from "./access.ts";
import type { NodeState, RunState, UndoPlan } from "./state.ts";

/** Tells whether a node has an effect of this run that an undo can take back (R1). */
export function needsUndo(node: NodeState): boolean {
  if (node.nature.undo !== "possible" || node.attached !== undefined) return false;
  switch (node.tag) {
    case "succeeded":
    case "compensating":
    case "compensation-stuck":
      return true;
    case "unknown":
      return node.nature.undoesUnknown && !isSettled(node);
    default:
      return false;
  }
}

function isSettled(node: NodeState): boolean {
  return node.unknown === undefined || node.unknown.settled === "not-done";
}

/** Tells whether a rollback must first find out what an attempt did: by its check, or by asking a person (R3). */
export function mustBeSettled(node: NodeState): boolean {
  if (node.nature.undo !== "possible" || isSettled(node)) return false;
  const isChecked = !node.nature.hasCheck || node.unknown?.settled === "cannot-tell";
  return !(node.nature.undoesUnknown && isChecked);
}

/** A rollback may begin when nothing is out and nothing is uncertain. */
export function isQuiet(run: RunState): boolean {
  if (run.live.size > 0) return false;
  for (const index of run.uncertain) {
    const node = nodeAt(run, index);
    if (node.tag === "waiting" || mustBeSettled(node)) return false;
  }
  return true;
}

/**
 * Works out the order of a rollback: a node's turn comes when all that came after it is clear, be it along edges of
 * the plan or as a later holder of the same exclusive resource (R2). Iterative, O(nodes + edges).
 */
export function planUndo(run: RunState): UndoPlan {
  const size = run.nodes.length;
  const blockers = new Int32Array(size);
  const dependencies: number[][] = Array.from({ length: size }, () => []);
  const depend = (earlier: number, later: number): void => {
    blockers[earlier] = (blockers[earlier] ?? 0) + 1;
    dependencies[later]?.push(earlier);
  };
  for (const node of run.nodes) {
    if (wasGivenUpEarly(node)) continue;
    for (const edge of compiledAt(run, node.index).parents) {
      // In an `any` join only the winner came before: a loser may even have started after it.
      if (node.winner === undefined || node.winner === edge.from) depend(edge.from, node.index);
    }
  }
  for (const holders of run.holders.values()) {
    const order = lastTurns(run, holders);
    order.forEach((later, at) => at > 0 && depend(order[at - 1] ?? later, later));
  }
  const plan: UndoPlan = { blockers, dependencies, open: new Set(), left: 0 };
  for (const node of run.nodes) if (needsUndo(node)) plan.left += 1;
  release(run, plan, size === 0 ? [] : unblocked(blockers));
  return plan;
}

/** A join went on without it before it began: what came after it did not wait for its parents. */
function wasGivenUpEarly({ lost, attempt, generation }: NodeState): boolean {
  return lost && attempt === 0 && generation === 0;
}

/**
 * The order of the last attempts, by their tokens. It is one order for all resources and follows the edges of the plan,
 * so that no two nodes can wait for each other, also where a node held other resources the time before.
 */
function lastTurns(run: RunState, holders: readonly number[]): readonly number[] {
  return [...new Set(holders)].toSorted((a, b) => nodeAt(run, a).turn - nodeAt(run, b).turn);
}

function unblocked(blockers: Int32Array): number[] {
  const free: number[] = [];
  blockers.forEach((count, index) => {
    if (count === 0) free.push(index);
  });
  return free;
}

/** The undo of a node is done: those before it come closer to their turn. */
export function clearUndo(run: RunState, plan: UndoPlan, index: number): void {
  plan.open.delete(index);
  plan.left -= 1;
  release(run, plan, passOn(plan, index));
}

/** Goes backwards from nodes that nothing blocks: what needs no undo is clear at once. */
function release(run: RunState, plan: UndoPlan, free: number[]): void {
  for (let index = free.pop(); index !== undefined; index = free.pop()) {
    if (needsUndo(nodeAt(run, index))) plan.open.add(index);
    else free.push(...passOn(plan, index));
  }
}

function passOn(plan: UndoPlan, index: number): number[] {
  const free: number[] = [];
  for (const earlier of plan.dependencies[index] ?? []) {
    const left = (plan.blockers[earlier] ?? 0) - 1;
    plan.blockers[earlier] = left;
    if (left === 0) free.push(earlier);
  }
  return free;
}
