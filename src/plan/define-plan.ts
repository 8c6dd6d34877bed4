import { toJsonSchema, type Action, type PlanDefinition } from "../action/index.ts";
import {
  DefectError,
  InputError,
  isJsonObject,
  toInputError,
  type Hash,
  type JsonObject,
  type Problem,
  type SchemaInput,
  type StandardSchema,
} from "../base/index.ts";
import { toTemplate } from "./binding.ts";
import { createBuilder, createDraft, type PlanDraft } from "./builder.ts";
import type { Builder } from "./builder-types.ts";
import type { Budget, PlanGraph } from "./graph.ts";
import { createRef, factsOf, type Bind, type Ref, type Template, type Unbind } from "./handles.ts";
import { planHash } from "./plan-hash.ts";
import { checkPlan } from "./validate/check-plan.ts";
import { parsePlan } from "./validate/parse-plan.ts";

/** A plan: an action whose work is a graph of other actions. */
export interface Plan<in Input, out Output> extends Action<Input, Output> {
  readonly definition: PlanDefinition;
  /** The plan as data, as it stands in a file. */
  readonly graph: PlanGraph;
  /** Revision 0: the same plan has the same hash, written by the builder or in a file. */
  readonly hash: Hash;
  /** What its author should look at: steps that a condition further up can skip silently, and the like. */
  readonly warnings: readonly Problem[];
  readonly toJSON: () => JsonObject;
}

/** What a plan says beside its nodes. */
export interface PlanOptions<I extends StandardSchema> {
  /** What a run must be given; becomes the plan file's `input` if it can be written as JSON Schema. */
  readonly input: I;
  /** What the run may use in all. */
  readonly budget?: Budget;
  /** Raise it when old runs must not go on with the new plan. Default 1. */
  readonly version?: number;
}

/**
 * Defines a plan. The function gets the builder and the handle of the run's input, adds the steps, and returns the
 * plan's output: a handle, or objects and lists with handles in them. Using the value of a step makes the edge from
 * it, so a cycle can't be written. With `output`, the types of what is returned are checked against that schema.
 *
 * @throws {InputError} with all problems of the plan at once, where it is written.
 */
export function definePlan<I extends StandardSchema, S extends StandardSchema>(
  name: string,
  options: PlanOptions<I> & { readonly output: S },
  build: (p: Builder, input: Ref<SchemaInput<I>>) => Bind<SchemaInput<S>>,
): Plan<SchemaInput<I>, SchemaInput<S>>;
export function definePlan<I extends StandardSchema, T extends Template | void>(
  name: string,
  options: PlanOptions<I> & { readonly output?: undefined },
  build: (p: Builder, input: Ref<SchemaInput<I>>) => T,
): Plan<SchemaInput<I>, Unbind<T>>;
export function definePlan<I extends StandardSchema>(
  name: string,
  options: PlanOptions<I>,
  build: (p: Builder, input: Ref<SchemaInput<I>>) => unknown,
): Plan<SchemaInput<I>, never> {
  const draft = createDraft();
  const returned = build(createBuilder(draft), createRef({ owner: draft.owner, source: { tag: "input" }, path: [] }));
  draft.isClosed = true;
  const graph = toGraph(name, options, { draft, output: toOutput(name, returned, draft) });
  const { errors, warnings } = checkPlan(graph, (action) => ({ ok: draft.used.all.has(action) }));
  if (errors.length > 0) throw toInputError(`The plan "${name}" has problems`, errors);
  const definition: PlanDefinition = { tag: "plan", graph: toData(graph), uses: [...draft.used.direct.values()] };
  const toJSON = (): JsonObject => toData(graph);
  return { name, version: options.version ?? 1, definition, graph, hash: planHash(graph), warnings, toJSON };
}

interface Built {
  readonly draft: PlanDraft;
  readonly output: unknown;
}

function toGraph(name: string, options: PlanOptions<StandardSchema>, { draft, output }: Built): PlanGraph {
  if (draft.nodes.size === 0) {
    const fix = "Add one with p.step, p.ask or p.wait.";
    throw new InputError("PLAN_EMPTY", `plan ${name}: expected at least one node, got none. ${fix}`);
  }
  return parsePlan({
    name,
    input: toJsonSchema(options.input, "input", "input"),
    nodes: Object.fromEntries(draft.nodes),
    output,
    budget: options.budget,
    plans: draft.plans.size === 0 ? undefined : Object.fromEntries(draft.plans),
  });
}

function toOutput(name: string, returned: unknown, draft: PlanDraft): unknown {
  if (returned === undefined) return undefined;
  if (factsOf(returned) === undefined && returned instanceof Promise) {
    const fix = "Do what must be awaited before, or as a step of the plan.";
    throw new InputError("BINDING_NOT_JSON", `plan ${name}: expected its output at once, got a promise. ${fix}`);
  }
  return toTemplate(returned, draft.owner).template;
}

/** A graph is plain data; the type says less. */
function toData(graph: PlanGraph): JsonObject {
  const data: unknown = graph;
  if (isJsonObject(data)) return data;
  throw new DefectError("PLAN_NOT_DATA", "expected a plan graph as plain data, got something else");
}
