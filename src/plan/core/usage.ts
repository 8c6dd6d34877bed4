import type { PlanNode } from "../graph.ts";
import { compiledAt } from "./access.ts";
import type { NodeState, RunState } from "./state.ts";

/** What a node does right now: its action, or its fallback. */
export function usageOf(run: RunState, node: NodeState): Pick<PlanNode, "uses" | "with" | "effect"> {
  const { node: plan } = compiledAt(run, node.index);
  const { onFailure } = plan;
  return node.onFallback && typeof onFailure === "object" ? onFailure.fallback : plan;
}
