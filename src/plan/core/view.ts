import type { Instant, Json, NodeId } from "../../base/index.ts";
import type { FailureRecord } from "../event.ts";
import { compiledAt } from "./access.ts";
import type { NodeTag, RunState } from "./state.ts";

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

/** A node as people see it. */
export interface NodeSummary {
  readonly id: NodeId;
  readonly uses: string;
  readonly tag: NodeTag;
  /** The variant that a policy chose. */
  readonly path: readonly string[] | undefined;
  readonly attempt: number;
  readonly startedAt: Instant | undefined;
  readonly endedAt: Instant | undefined;
  readonly output: Json;
  readonly error: FailureRecord | undefined;
  readonly isOnCriticalPath: boolean;
}

/** Gives all nodes in the order of the plan. */
export function summariseNodes(run: RunState): readonly NodeSummary[] {
  const critical = criticalPath(run);
  return run.nodes.map((node) => ({
    id: node.id,
    uses: compiledAt(run, node.index).node.uses,
    tag: node.tag,
    path: node.path,
    attempt: node.attempt,
    startedAt: node.startedAt,
    endedAt: node.endedAt,
    output: node.output,
    error: node.error ?? node.undo?.error,
    isOnCriticalPath: critical.has(node.index),
  }));
}

/** One longest path through the plan, counted in nodes. */
function criticalPath(run: RunState): ReadonlySet<number> {
  const path = new Set<number>();
  const { nodes } = run.plan;
  let next = nodes.filter((node) => node.parents.length === 0).toSorted((a, b) => b.rank - a.rank)[0];
  while (next !== undefined) {
    path.add(next.index);
    const { rank, children } = next;
    const edge = children.find(({ to }) => nodes[to]?.rank === rank - 1);
    next = edge === undefined ? undefined : nodes[edge.to];
  }
  return path;
}
