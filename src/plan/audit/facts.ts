import type { NodeState } from "../core/state.ts";
import type { FailureStrategy, PlanNode } from "../graph.ts";
import type { Audit } from "./state.ts";

/** The node as the plan of now has it. */
export function planOf({ run }: Audit, id: string): PlanNode | undefined {
  return run.plan.graph.nodes[id];
}

/** The fold's state of a node, one event behind. */
export function stateOf({ run }: Audit, id: string): NodeState | undefined {
  return run.nodes[run.plan.index.get(id) ?? -1];
}

/** What the plan says about a failure. */
export function strategyOf(audit: Audit, id: string): FailureStrategy {
  return planOf(audit, id)?.onFailure ?? "rollback";
}

/** Tells whether the next thing after a final failure is the fallback. */
export function takesFallback(audit: Audit, id: string): boolean {
  return typeof strategyOf(audit, id) === "object" && stateOf(audit, id)?.onFallback === false;
}
