import type { NodeState, RunState } from "../plan/index.ts";
import type { Usage } from "./natures.ts";

/** What a node does right now: its action, or its fallback. */
export function usageOf(run: RunState, node: NodeState): Usage {
  const plan = run.plan.nodes[node.index]?.node;
  const strategy = plan?.onFailure;
  if (node.onFallback && typeof strategy === "object") return strategy.fallback;
  return plan ?? { uses: node.nature.action };
}
