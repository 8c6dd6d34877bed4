import { fromJsonSchema, toProblems, validateValue, type ResourceUse } from "../action/index.ts";
import { checkStrictJson, isJsonObject, toInputError, type Json, type Problem } from "../base/index.ts";
import { checkPlan, parsePlan, type PlanGraph } from "../plan/index.ts";
import { graphOf, type Registry } from "../run/index.ts";
import type { Runnable } from "./types.ts";

/** Gives the plan that runs something: a plan is its own, any other action is a plan of one step. */
export function toGraph<Input, Output>(what: Runnable<Input, Output>): PlanGraph {
  if (!("definition" in what)) return parsePlan(what);
  if (what.definition.tag === "plan") return graphOf(what.definition);
  const node = { uses: what.name, with: "${input}" };
  return parsePlan({ name: what.name, nodes: { step: node }, output: "${nodes.step.output}" });
}

const sound = new WeakMap<PlanGraph, Registry>();

/**
 * Checks that a plan can run here.
 *
 * @throws {InputError} with all its problems: unknown actions, resources that can never be had, and what `checkPlan` says.
 */
export function demandSound(graph: PlanGraph, registry: Registry, capacity: (name: string) => number): void {
  if (sound.get(graph) === registry) return;
  const { errors } = checkPlan(graph, (name) => (registry.names.has(name) ? { ok: true } : { ok: false }));
  const problems = [...errors, ...(errors.length === 0 ? greedyNodes(graph, registry, capacity) : [])];
  if (problems.length > 0) throw toInputError(`Plan ${graph.name} can't run`, problems);
  sound.set(graph, registry);
}

function greedyNodes(graph: PlanGraph, registry: Registry, capacity: (name: string) => number): readonly Problem[] {
  return Object.entries(graph.nodes).flatMap(([id, node]) => {
    const nature = registry.natureOf(node);
    const path = `nodes.${id}.resources`;
    if (nature.kind === "plan" && (node.resources?.length ?? 0) > 0) return [holdsForOthers(path)];
    const uses: readonly ResourceUse[] = [...(node.resources ?? []), ...nature.resources];
    return uses
      .filter(({ name, units }) => units > capacity(name))
      .map((use) => tooGreedy(use, path, capacity(use.name)));
  });
}

/** A plan inside a plan that held what its own nodes need would wait for itself. */
function holdsForOthers(path: string): Problem {
  return {
    code: "RESOURCE_ON_PLAN",
    path,
    expected: "no resources on a node that runs a plan",
    got: "some",
    fix: "Name them at the nodes of the inner plan that need them.",
  };
}

function tooGreedy({ name, units }: ResourceUse, path: string, most: number): Problem {
  return {
    code: "RESOURCE_TOO_SMALL",
    path,
    expected: `at most ${most} units of ${name}`,
    got: String(units),
    fix: `Open the executor with resources: { ${JSON.stringify(name)}: ${units} }, or ask for less.`,
  };
}

/** Checks a run's input against what the plan says. @throws {InputError} INPUT_INVALID, NOT_JSON */
export async function checkInput(graph: PlanGraph, input: unknown): Promise<Json> {
  const json = checkStrictJson(input ?? null);
  if (graph.input === undefined || (isJsonObject(graph.input) && Object.keys(graph.input).length === 0)) return json;
  const result = await validateValue(fromJsonSchema<Json>(graph.input), json);
  if (result.issues !== undefined)
    throw toInputError(
      `The input does not fit plan ${graph.name}`,
      toProblems(result.issues, "input", "INPUT_INVALID"),
    );
  return json;
}
