import type { AnyAction } from "../../action/index.ts";
import {
  formatPath,
  InputError,
  isJsonObject,
  toExcerpt,
  type Json,
  type JsonObject,
  type Problem,
} from "../../base/index.ts";
import { demandOwnNames, nearestNames, toolInputOf } from "../tools/index.ts";
import type { PlanLimits } from "./limits.ts";
import { BUILT_IN, FORBIDDEN_IN_PLAN, FORBIDDEN_IN_WORK } from "./plan-schema.ts";

/** Names that mean something else in a plan than a registered action. */
const RESERVED: ReadonlySet<string> = new Set(["ask", "wait", "plan", "process", "http"]);

/** What a model's plan may use, and how large it may be. */
export interface Allowed {
  readonly tools: readonly AnyAction[];
  readonly limits: Required<PlanLimits>;
}

/**
 * Refuses tools that no model's plan may name.
 *
 * @throws {InputError} TOOL_NAME_TAKEN, TOOL_BY_NODE, ACTION_NAME_TAKEN for the names that plans keep for their own nodes.
 */
export function demandPlannable(tools: readonly AnyAction[]): void {
  demandOwnNames(tools);
  for (const tool of tools) {
    toolInputOf(tool);
    if (!RESERVED.has(tool.name)) continue;
    const fix = "Give the action another name.";
    throw new InputError(
      "ACTION_NAME_TAKEN",
      `Expected "${tool.name}" to be no name that plans keep for their own nodes. ${fix}`,
    );
  }
}

/**
 * Finds what a published plan file may say and a model may not: another plan, another input, a nature of its own, an action
 * that it was not offered. A model can so only tighten what stands in code: the engine takes the lower of two limits, and adds up
 * approvals, labels, resources and counters. What is no plan at all is left to `parsePlan`.
 */
export function vetPlan(plan: Json, allowed: Allowed): readonly Problem[] {
  if (!isJsonObject(plan)) return [];
  const problems = findForbidden(plan, [], FORBIDDEN_IN_PLAN);
  const { nodes } = plan;
  if (!isJsonObject(nodes)) return problems;
  const ids = Object.keys(nodes);
  if (ids.length === 0) problems.push(noNodes("nodes"));
  const { limits } = allowed;
  if (ids.length > limits.nodes) problems.push(tooMany("nodes", `at most ${limits.nodes} nodes`, String(ids.length)));
  else for (const id of ids) problems.push(...vetNode(nodes[id] ?? null, ["nodes", id], allowed));
  const count = countExpressions([...Object.values(nodes), plan["output"] ?? null]);
  if (count > limits.expressions)
    problems.push(tooMany("nodes", `at most ${limits.expressions} expressions`, String(count)));
  return problems;
}

/** The same for one node, which stands at a path. */
export function vetNode(node: Json, path: readonly (string | number)[], { tools }: Allowed): readonly Problem[] {
  if (!isJsonObject(node)) return [];
  const names = tools.map(({ name }) => name);
  const problems = vetWork(node, path, names);
  const fallback = isJsonObject(node["onFailure"]) ? node["onFailure"]["fallback"] : undefined;
  return isJsonObject(fallback)
    ? [...problems, ...vetWork(fallback, [...path, "onFailure", "fallback"], names)]
    : problems;
}

function vetWork(work: JsonObject, path: readonly (string | number)[], names: readonly string[]): readonly Problem[] {
  const problems = findForbidden(work, path, FORBIDDEN_IN_WORK);
  const { uses } = work;
  const builtIn: readonly string[] = BUILT_IN;
  if (typeof uses !== "string" || builtIn.includes(uses) || names.includes(uses)) return problems;
  const near = nearestNames(uses, names);
  const all = [...names, ...BUILT_IN].slice(0, 30).join(", ");
  problems.push({
    code: "PLAN_UNKNOWN_ACTION",
    path: formatPath([...path, "uses"]),
    expected: "one of the actions that are offered",
    got: JSON.stringify(toExcerpt(uses, 60)),
    fix: near.length > 0 ? `Did you mean ${near.join(" or ")}?` : `Take one of: ${all}.`,
  });
  return problems;
}

function findForbidden(value: JsonObject, path: readonly (string | number)[], fields: readonly string[]): Problem[] {
  return fields
    .filter((field) => Object.hasOwn(value, field))
    .map((field) => ({
      code: "PLAN_FORBIDDEN",
      path: formatPath([...path, field]),
      expected: `no ${field} in a plan that a model wrote`,
      got: "one",
      fix: "Remove it.",
    }));
}

/** How many expressions stand in the texts of a value, conditions included. Never recursive deeper than the reader allows. */
function countExpressions(values: readonly Json[]): number {
  let count = 0;
  const open: Json[] = [...values];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === "string") count += value.split("${").length - 1;
    else if (Array.isArray(value)) open.push(...value);
    else if (isJsonObject(value)) {
      if (typeof value["when"] === "string" && Object.hasOwn(value, "uses")) count++;
      open.push(...Object.values(value));
    }
  }
  return count;
}

/** A plan must do something. */
export function noNodes(path: string): Problem {
  return {
    code: "PLAN_EMPTY",
    path,
    expected: "at least one node",
    got: "none",
    fix: "Add the nodes that do the work.",
  };
}

function tooMany(path: string, expected: string, got: string): Problem {
  return { code: "PLAN_TOO_LARGE", path, expected, got, fix: "Plan the same work with fewer and simpler nodes." };
}
