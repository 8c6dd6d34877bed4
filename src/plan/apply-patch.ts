import type { Budget, PlanGraph, PlanNode } from "./graph.ts";
import type { PatchOperation, PlanPatch } from "./patch.ts";
import type { Draft } from "./validate/fields.ts";
import { checkIds } from "./validate/ids.ts";
import { complain, createReport, toPlanError, type Place } from "./validate/report.ts";
import { shorten } from "./validate/show.ts";
import { createSuggester, didYouMean } from "./validate/suggest.ts";

/**
 * Gives the plan that a patch makes of another one, which stays as it is. Expects a patch in normal form
 * (`parsePatch`); operations count in their order. Whether the nodes have started already, and whether the new plan
 * fits together, is not looked at here.
 *
 * @throws {InputError} PATCH_REFUSED with all problems: a node that is not there, or is there already.
 */
export function applyPatch(graph: PlanGraph, patch: PlanPatch): PlanGraph {
  const report = createReport();
  const nodes: Record<string, PlanNode> = { ...graph.nodes };
  const plan: Draft<PlanGraph> = { ...graph, nodes };
  for (const [index, operation] of patch.entries()) {
    const place = { report, path: `patch[${index}]` };
    if (operation.op === "set-output") setOutput(plan, operation.output);
    else if (operation.op === "add-budget") plan.budget = addBudget(plan.budget, operation.counters);
    else if (operation.op === "stop-growing") delete plan.grows;
    else changeNode(nodes, operation, place);
  }
  const added = patch.some(({ op }) => op === "add-node");
  if (added && report.problems.length === 0) checkIds(Object.keys(nodes), { report, path: "nodes" });
  if (report.problems.length > 0) throw toPlanError("The patch was refused", report);
  return plan;
}

function setOutput(plan: Draft<PlanGraph>, output: PlanGraph["output"]): void {
  if (output === null || output === undefined) delete plan.output;
  else plan.output = output;
}

/** A budget with so much more of its counters. What had no limit gets none. */
export function addBudget(budget: Budget = {}, more: Readonly<Record<string, number>>): Budget {
  const counters = { ...budget.counters };
  for (const name in more) if (counters[name] !== undefined) counters[name] += more[name] ?? 0;
  return { ...budget, counters };
}

type NodeOperation = Extract<PatchOperation, { readonly id: string }>;

function changeNode(nodes: Record<string, PlanNode>, operation: NodeOperation, place: Place): void {
  const isThere = Object.hasOwn(nodes, operation.id);
  if (isThere === (operation.op === "add-node")) refuseOperation(nodes, operation, place);
  else if (operation.op === "remove-node") delete nodes[operation.id];
  else if (operation.op !== "give-up-node") nodes[operation.id] = operation.node;
}

function refuseOperation(nodes: Readonly<Record<string, PlanNode>>, { op, id }: NodeOperation, place: Place): void {
  const isAdded = op === "add-node";
  complain(place.report, {
    code: "PATCH_REFUSED",
    path: place.path,
    expected: isAdded ? "an id that the plan doesn't have" : "a node of the plan",
    got: `"${shorten(id)}"`,
    fix: isAdded
      ? "Take another id, or op: replace-node."
      : didYouMean(createSuggester(Object.keys(nodes))(id), "Name a node that the plan has."),
  });
}
