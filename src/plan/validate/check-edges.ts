import type { Edge } from "../compiled.ts";
import type { PlanNode } from "../graph.ts";
import type { CheckedPlan } from "./check-plan.ts";
import { complain } from "./report.ts";
import { createSuggester, didYouMean } from "./suggest.ts";

/** Checks what the nodes say of their parents. */
export function checkAllEdges(plan: CheckedPlan): void {
  for (const [index, node] of plan.wiring.nodes.entries()) {
    if (node.after !== undefined || node.optional !== undefined || node.join !== undefined)
      checkEdges(plan, node, index);
  }
}

function checkEdges(plan: CheckedPlan, node: PlanNode, index: number): void {
  const parents = plan.wiring.parents[index] ?? [];
  const path = `${plan.prefix}nodes.${plan.wiring.ids[index] ?? ""}`;
  if (node.after !== undefined) checkHandlers(plan, parents, path);
  if (node.optional !== undefined) checkOptional(plan, node.optional, { parents, path });
  if (node.join !== undefined && parents.length < 2) {
    const got = parents.length === 0 ? "none" : "one";
    const fix = "Remove join, or name the other parents in `after`.";
    complain(plan.errors, { code: "PLAN_BAD_JOIN", path: `${path}.join`, expected: "two parents or more", got, fix });
  }
}

/** Strategies under which a failure ends the run, or is looked at by a person, before a handler could start. */
function endsRun(strategy: PlanNode["onFailure"]): boolean {
  return strategy === undefined || strategy === "rollback" || strategy === "fail" || strategy === "ask";
}

function checkHandlers({ wiring, errors }: CheckedPlan, parents: readonly Edge[], path: string): void {
  for (const { from, kind } of parents) {
    if (kind !== "failed") continue;
    const id = wiring.ids[from] ?? "";
    const strategy = wiring.nodes[from]?.onFailure;
    if (!endsRun(strategy)) continue;
    const name = typeof strategy === "string" ? strategy : "rollback";
    complain(errors, {
      code: "PLAN_DEAD_HANDLER",
      path: `${path}.after`,
      expected: `a handler that can run`,
      got: `one for "${id}", whose failure means ${name}`,
      fix: `Give ${id} onFailure: skip or observe, or take the handler away.`,
    });
  }
}

function checkOptional(
  { wiring, errors }: CheckedPlan,
  optional: readonly string[],
  { parents, path }: { readonly parents: readonly Edge[]; readonly path: string },
): void {
  const order = new Set<string>();
  const read = new Set<string>();
  for (const { from, kind } of parents) (kind === "data" ? read : order).add(wiring.ids[from] ?? "");
  for (const id of optional) {
    if (read.has(id)) continue;
    const isOrder = order.has(id);
    const fix = isOrder
      ? "Remove it: a skipped parent in `after` holds nobody up."
      : didYouMean(createSuggester(read)(id), "Remove it.");
    const got = isOrder ? `"${id}", which is only waited for` : `"${id}", whose value isn't read`;
    const code = wiring.index.has(id) ? "PLAN_SHAPE" : "PLAN_UNKNOWN_NODE";
    complain(errors, { code, path: `${path}.optional`, expected: "a node whose value this node reads", got, fix });
  }
}
