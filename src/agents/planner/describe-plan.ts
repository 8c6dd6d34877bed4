import { toExcerpt, toPrintable, type Json } from "../../base/index.ts";
import type { AfterEdge, FailureStrategy, PlanGraph, PlanNode } from "../../plan/index.ts";
import type { Bounds, NodeUse, PlanEstimate } from "./estimate-cost.ts";

const LONGEST = 200;

/**
 * Writes a plan for the person who is to allow it: each step with its input, what it waits for and what happens when it fails, the
 * effects that can't be undone, and what it may cost. Nothing that a model wrote reaches a terminal as it came.
 */
export function describePlan(plan: PlanGraph, estimate: PlanEstimate): string {
  const isFinal = new Set(estimate.irreversible.map(({ node }) => node));
  const steps = Object.entries(plan.nodes).map(([id, node], index) =>
    toStep(id, node, { index, isFinal: isFinal.has(id) }),
  );
  const lines = [`Plan ${short(plan.name)}: ${count(estimate.nodes, "step")}`, ...steps, ...toSummary(estimate)];
  return `${toPrintable(lines.join("\n"))}\n`;
}

function toStep(
  id: string,
  node: PlanNode,
  { index, isFinal }: { readonly index: number; readonly isFinal: boolean },
): string {
  const facts = [
    node.after === undefined ? undefined : `after ${node.after.map(toEdge).join(", ")}`,
    node.join === undefined ? undefined : `takes the first of its parents (${node.join.any} the others)`,
    node.when === undefined ? undefined : `only when ${short(node.when)}`,
    node.retry === undefined ? undefined : `up to ${count(node.retry.attempts, "attempt")}`,
    node.onFailure === undefined ? undefined : toStrategy(node.onFailure),
    node.approve === true ? "waits for a person" : undefined,
    isFinal ? "CAN'T BE UNDONE" : undefined,
  ].filter((fact) => fact !== undefined);
  const told = facts.length === 0 ? "" : `\n     ${facts.join("; ")}`;
  return `  ${index + 1}. ${id}: ${short(node.uses)} ${show(node.with ?? null)}${told}`;
}

function toEdge(edge: AfterEdge): string {
  return typeof edge === "string" ? edge : `${edge.node} ${edge.on}`;
}

function toStrategy(strategy: FailureStrategy): string {
  if (typeof strategy === "string") return `on failure: ${strategy}`;
  return `on failure: ${short(strategy.fallback.uses)} ${show(strategy.fallback.with ?? null)}`;
}

function toSummary({ attempts, counters, irreversible, waits, open }: PlanEstimate): readonly string[] {
  return [
    `Attempts: ${toRange(attempts)}`,
    ...Object.entries(counters).map(([name, bounds]) => `${short(name)}: ${toRange(bounds)}`),
    `Can't be undone: ${toList(irreversible)}`,
    ...(waits.length > 0 ? [`Waits for a person at: ${[...new Set(waits)].join(", ")}`] : []),
    ...(open.length > 0 ? [`Steps not known before: ${toList(open)}`] : []),
  ];
}

function toRange({ least, most }: Bounds): string {
  if (most === undefined) return `${least} or more, without a bound`;
  return least === most ? String(most) : `${least} to ${most}`;
}

function toList(uses: readonly NodeUse[]): string {
  return uses.length === 0 ? "nothing" : uses.map(({ node, action }) => `${node} (${short(action)})`).join(", ");
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function show(value: Json): string {
  return short(JSON.stringify(value));
}

/** On one line: a model's line break could look like a step of its own. */
function short(text: string): string {
  return toExcerpt(text.replaceAll(/\s+/gu, " "), LONGEST);
}
