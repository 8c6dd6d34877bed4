import type { Edge } from "../compiled.ts";
import type { PlanNode } from "../graph.ts";
import type { CheckedPlan } from "./check-plan.ts";
import { complain } from "./report.ts";

/** Steps that one warning names. */
const NAMED = 5;
const FREE: ReadonlySet<string> = new Set(["wait", "ask", "plan"]);

/** Tells for each node whether it may end skipped. Expects a plan without cycles. */
export function findSkippable({ wiring }: CheckedPlan): Uint8Array {
  const skippable = new Uint8Array(wiring.ids.length);
  for (const index of wiring.order) {
    const node = wiring.nodes[index];
    const parents = wiring.parents[index] ?? [];
    if (node === undefined) continue;
    if (maySkip(node, parents, skippable)) skippable[index] = 1;
    // The parents of such a join run first, but are told to stop once another has won.
    if (node.join !== undefined && node.join.any !== "leave") for (const { from } of parents) skippable[from] = 1;
  }
  return skippable;
}

function maySkip(node: PlanNode, parents: readonly Edge[], skippable: Uint8Array): boolean {
  if (node.when !== undefined || node.onFailure === "skip") return true;
  const isSkippable = (edge: Edge): boolean => skippable[edge.from] === 1;
  if (node.join !== undefined) return parents.every(isSkippable);
  return parents.some((edge) => edge.kind === "failed" || (passesSkip(edge) && isSkippable(edge)));
}

/**
 * Warns, once for each condition, of steps that it skips from two levels up or more: steps that have no condition of
 * their own, and are skipped only because a value on their way to it is missing.
 */
export function warnOfSilentSkips(plan: CheckedPlan): void {
  const { wiring, warnings, prefix } = plan;
  const seenBy = new Int32Array(wiring.ids.length);
  // Many conditions over one long chain would take quadratic time; small plans never come near this.
  const left = { steps: 10_000 + 4 * (wiring.ids.length + wiring.edges) };
  for (let index = 0; index < wiring.ids.length && left.steps > 0; index++) {
    if (wiring.nodes[index]?.when === undefined) continue;
    const id = wiring.ids[index] ?? "";
    const skipped = findSilent(plan, index, { seenBy, left });
    if (skipped.length === 0) continue;
    const names = skipped.slice(0, NAMED).join(", ");
    complain(warnings, {
      code: "PLAN_SILENT_SKIP",
      path: `${prefix}nodes.${id}.when`,
      expected: "no step that is skipped by a condition out of its sight",
      got: `${names}${skipped.length > NAMED ? ` and ${skipped.length - NAMED} more` : ""}`,
      fix: "Give these steps a `when` of their own, or list in `optional` the parents that they can do without.",
    });
  }
}

interface Search {
  readonly seenBy: Int32Array;
  readonly left: { steps: number };
}

function findSilent({ wiring }: CheckedPlan, start: number, { seenBy, left }: Search): readonly string[] {
  const silent: string[] = [];
  let level = [start];
  seenBy[start] = start + 1;
  for (let depth = 1; level.length > 0; depth++) {
    const below: number[] = [];
    for (const { to } of level.flatMap((index) => (wiring.children[index] ?? []).filter(passesSkip))) {
      left.steps--;
      if (seenBy[to] === start + 1) continue;
      seenBy[to] = start + 1;
      if (wiring.nodes[to]?.when !== undefined) continue;
      below.push(to);
      if (depth > 1) silent.push(wiring.ids[to] ?? "");
    }
    level = left.steps > 0 ? below : [];
  }
  return silent;
}

function passesSkip(edge: Edge): boolean {
  return edge.kind === "data" && !edge.isOptional;
}

/** Warns of values in the plan's output that are null when their node is skipped. */
export function warnOfNullOutput({ wiring, prefix, warnings }: CheckedPlan, skippable: Uint8Array): void {
  for (const id of wiring.output.nodes) {
    if (skippable[wiring.index.get(id) ?? -1] !== 1) continue;
    complain(warnings, {
      code: "PLAN_MAYBE_NULL",
      path: `${prefix}output`,
      expected: "values that are always there",
      got: `one of "${id}", which may be skipped and is null then`,
      fix: "Say so to those who read the output, or write an expression that gives another value for null.",
    });
  }
}

/** Warns of a budget that can't pay one attempt of each node that always runs. */
export function checkBudget({ graph, wiring, prefix, warnings }: CheckedPlan, skippable: Uint8Array): void {
  const attempts = graph.budget?.attempts;
  if (attempts === undefined) return;
  let needed = 0;
  for (let index = 0; index < wiring.ids.length; index++) {
    const node = wiring.nodes[index];
    if (skippable[index] === 0 && node !== undefined && needsAttempt(node)) needed++;
  }
  if (needed <= attempts) return;
  const path = `${prefix}budget.attempts`;
  const expected = `at least ${needed}: one attempt for each node that always runs`;
  const fix = "Raise it, or the run stops before its end.";
  complain(warnings, { code: "PLAN_TIGHT_BUDGET", path, expected, got: String(attempts), fix });
}

function needsAttempt(node: PlanNode): boolean {
  return !FREE.has(node.uses);
}
