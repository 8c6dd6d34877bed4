import type { AnyAction } from "../../action/index.ts";
import type { Json, JsonSchema, Problem } from "../../base/index.ts";
import { checkPlan, parsePlan, type PlanGraph } from "../../plan/index.ts";
import { checkInputs } from "./check-inputs.ts";
import { estimateCost, type PlanEstimate } from "./estimate-cost.ts";
import { toLimits, type PlanLimits } from "./limits.ts";
import { problemsOf, readDocument } from "./read-document.ts";
import { demandPlannable, vetPlan, type Allowed } from "./vet.ts";

/** Where problems with the whole reply stand. */
const ROOT = "plan";

/** What a plan of a model is read with. */
export interface PlanReading {
  /** The only actions that it may use, beside `ask` and `wait`. */
  readonly tools: readonly AnyAction[];
  readonly limits?: PlanLimits;
  /** JSON Schema of what the plan's runs are given: the caller's word, which becomes the plan's `input`. */
  readonly parameters?: JsonSchema;
}

/** A plan that may be shown, approved and run, or everything that is wrong with it. */
export type ReadPlan =
  | {
      readonly tag: "plan";
      readonly plan: PlanGraph;
      readonly estimate: PlanEstimate;
      /** What whoever approves it should look at. */
      readonly warnings: readonly Problem[];
    }
  | { readonly tag: "problems"; readonly problems: readonly Problem[] };

/**
 * Reads the plan in a model's reply. It is read as strictly as a file, with the same words, and may say less than one: only the
 * tools given, `ask` and `wait`; no nature; no plans inside it. Constant inputs are checked against the schemas of the actions.
 *
 * @throws {InputError} TOOL_NAME_TAKEN, TOOL_BY_NODE, ACTION_NAME_TAKEN when the tools themselves can't be offered.
 */
export function readPlan(text: string, reading: PlanReading): ReadPlan {
  const { tools, parameters } = reading;
  const limits = toLimits(reading.limits);
  demandPlannable(tools);
  const read = readDocument(text, ROOT, limits);
  if (read.tag === "problems") return read;
  const parsed = parse(read.value, { tools, limits });
  if (parsed.tag === "problems") return parsed;
  const isGiven = parameters !== undefined && parameters !== true;
  const plan = isGiven ? { ...parsed.plan, input: parameters } : parsed.plan;
  const { errors, warnings } = checkGraph(plan, tools);
  const problems = [...errors, ...checkInputs(plan.nodes, tools)];
  if (problems.length > 0) return { tag: "problems", problems };
  return { tag: "plan", plan, warnings, estimate: estimateCost(plan, tools) };
}

function parse(
  value: Json,
  allowed: Allowed,
):
  | { readonly tag: "plan"; readonly plan: PlanGraph }
  | { readonly tag: "problems"; readonly problems: readonly Problem[] } {
  const refused = vetPlan(value, allowed);
  try {
    const plan = parsePlan(value);
    return refused.length > 0 ? { tag: "problems", problems: refused } : { tag: "plan", plan };
  } catch (error) {
    const paths = new Set(refused.map(({ path }) => path));
    const more = problemsOf(error, ROOT).filter(({ path }) => !paths.has(path));
    return { tag: "problems", problems: [...refused, ...more] };
  }
}

function checkGraph(plan: PlanGraph, tools: readonly AnyAction[]): ReturnType<typeof checkPlan> {
  const names = new Set(tools.map(({ name }) => name));
  const { errors, warnings } = checkPlan(plan, (name) => (names.has(name) ? { ok: true } : { ok: false }));
  return { warnings, errors: errors.map((problem) => (problem.path === "" ? { ...problem, path: ROOT } : problem)) };
}
