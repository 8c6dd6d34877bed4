import type { NodeId } from "../../base/index.ts";
import type { CompiledPlan } from "../compiled.ts";
import type { RunState } from "./state.ts";

/** A run's state in one word, as lists show it. */
export type RunTag =
  | "running"
  | "waiting"
  | "rolling-back"
  | "cancelling"
  | "suspended"
  | "succeeded"
  | "failed"
  | "rolled-back"
  | "rollback-stuck"
  | "cancelled";

/** Gives a run's state in one word. `waiting`: nothing moves before someone answers or a clock strikes. */
export function runTag(run: RunState): RunTag {
  switch (run.phase) {
    case "finished":
      return run.finished?.tag ?? "failed";
    case "suspended":
    case "rolling-back":
    case "cancelling":
      return run.phase;
    default: {
      const mayMove = run.live.size + run.attention.size + run.retrying > 0 || run.ready.peek() !== undefined;
      return run.waits.size > 0 && !mayMove ? "waiting" : "running";
    }
  }
}

/** The ids of one longest path through a plan, counted in nodes. */
export function criticalPath(plan: CompiledPlan): ReadonlySet<NodeId> {
  const path = new Set<NodeId>();
  const { nodes } = plan;
  let next = nodes.filter((node) => node.parents.length === 0).toSorted((a, b) => b.rank - a.rank)[0];
  while (next !== undefined) {
    path.add(next.id);
    const { rank, children } = next;
    const edge = children.find(({ to }) => nodes[to]?.rank === rank - 1);
    next = edge === undefined ? undefined : nodes[edge.to];
  }
  return path;
}
