import type { Edge } from "../compiled.ts";
import { compiledAt, nodeAt } from "./access.ts";
import { makeReady, setTag } from "./create.ts";
import type { Ending, NodeState, NodeTag, RunState } from "./state.ts";

/** What a node is at its end, and how its children see that. */
export interface End {
  readonly tag: NodeTag;
  readonly ending: Ending;
}

/** Ends a node and tells its children, in O(edges). A child becomes ready the moment its own parents allow (E1). */
export function endNode(run: RunState, node: NodeState, { tag, ending }: End): void {
  setTag(run, node, tag);
  run.live.delete(node.index);
  node.ended = ending;
  node.endedAt = run.lastAt;
  node.stopping = undefined;
  run.open -= 1;
  if (tag === "unknown" && run.phase !== "running") run.attention.add(node.index); // a rollback looks into it
  for (const edge of compiledAt(run, node.index).children) tellChild(run, edge, ending);
}

/** Tells whether what became of a parent satisfies an edge of an `all` join. */
function isSatisfied(edge: Edge, ending: Ending): boolean {
  switch (edge.kind) {
    case "data":
      return ending === "succeeded" || edge.isOptional;
    case "failed":
      return ending === "failed";
    default:
      return true; // `ok` takes a skipped parent, or one whose failure was skipped, as well as `ended` does
  }
}

function tellChild(run: RunState, edge: Edge, ending: Ending): void {
  const child = nodeAt(run, edge.to);
  child.openParents -= 1;
  if (child.tag !== "pending") return;
  const compiled = compiledAt(run, edge.to);
  if (compiled.losers !== undefined) tellAnyJoin(run, edge, ending);
  else if (child.openParents === 0) settleAllJoin(run, child);
}

/** Works out anew where a pending node stands, after its edges were changed by a patch. */
function settlePending(run: RunState, node: NodeState): void {
  const { losers, parents } = compiledAt(run, node.index);
  if (losers === undefined || parents.length === 0) {
    if (node.openParents === 0) settleAllJoin(run, node);
    return;
  }
  for (const edge of parents) {
    const { ended } = nodeAt(run, edge.from);
    if (ended !== undefined && node.tag === "pending") tellAnyJoin(run, edge, ended);
  }
}

/** Works out where a new node stands. */
export function settleNew(run: RunState, node: NodeState): void {
  const { parents } = compiledAt(run, node.index);
  node.openParents = parents.filter((edge) => nodeAt(run, edge.from).ended === undefined).length;
  settlePending(run, node);
}

function settleAllJoin(run: RunState, node: NodeState): void {
  const { parents } = compiledAt(run, node.index);
  if (parents.every((edge) => isSatisfied(edge, nodeAt(run, edge.from).ended ?? "skipped"))) makeReady(run, node);
  else run.attention.add(node.index);
}

function tellAnyJoin(run: RunState, edge: Edge, ending: Ending): void {
  const child = nodeAt(run, edge.to);
  if (wins(edge, ending)) {
    child.winner = edge.from;
    makeReady(run, child);
    if (compiledAt(run, child.index).losers !== "leave") giveUpOthers(run, child);
  } else if (child.openParents === 0) run.attention.add(child.index);
}

function wins(edge: Edge, ending: Ending): boolean {
  if (edge.kind === "read") return false;
  if (edge.kind === "ended") return true;
  return ending === (edge.kind === "failed" ? "failed" : "succeeded");
}

/** A parent that did not come first is given up, unless someone else still needs it. */
function giveUpOthers(run: RunState, join: NodeState): void {
  for (const { from } of compiledAt(run, join.index).parents) {
    const parent = nodeAt(run, from);
    if (parent.ended !== undefined) continue;
    const isNeeded = compiledAt(run, from).children.some(
      ({ to }) => to !== join.index && nodeAt(run, to).ended === undefined,
    );
    if (isNeeded) continue;
    parent.lost = true;
    run.attention.add(from);
  }
}

/** Tells whether a node was given up by a join that wants the work of its losers undone. */
export function mustUndoLoser(run: RunState, node: NodeState): boolean {
  return (
    node.lost &&
    compiledAt(run, node.index).children.some(
      ({ to }) => compiledAt(run, to).losers === "undo" && nodeAt(run, to).winner !== undefined,
    )
  );
}
