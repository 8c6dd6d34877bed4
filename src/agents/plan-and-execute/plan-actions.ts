import { defineQuery, fromJsonSchema, type Action, type AttemptContext } from "../../action/index.ts";
import { isJsonObject, type Json, type JsonObject, type Problem } from "../../base/index.ts";
import type { Model, ModelReply, ModelRequest } from "../../models/index.ts";
import { parsePlan, type PlanGraph } from "../../plan/index.ts";
import {
  describePlan,
  readPatch,
  readPlan,
  toPlanRepairRequest,
  toPlanRequest,
  toReplanRequest,
  type ReplanNode,
} from "../planner/index.ts";
import type { PlanAndExecuteOptions } from "./options.ts";
import { OWN, readPlanned } from "./steps.ts";

/** What the planning steps need of their planner. */
export interface Planner {
  readonly name: string;
  readonly options: PlanAndExecuteOptions;
  readonly modelAt: (index: number) => Promise<Model>;
}

const anything = fromJsonSchema<Json>(true);
/** What a review may answer beside a patch. */
const KEEP = { keep: true } as const;

/** Asks the model for a plan; with `after`, for a correction of what that step gave. */
export function definePlanStep(planner: Planner): Action<Json, Json> {
  return defineStep(planner, "plan", (context) => {
    const { options } = planner;
    const { tools, limits } = options;
    const request = toPlanRequest({ ...reading(options), goal: goalOf(options, context) });
    const toOutput = (text: string): Planned => {
      const read = readPlan(text, { tools, ...(limits !== undefined && { limits }) });
      if (read.tag === "problems") return { tag: "problems", text, problems: toJson(read.problems) };
      const own = Object.keys(read.plan.nodes).filter((id) => id.startsWith(OWN));
      if (own.length > 0) return { tag: "problems", text, problems: toJson(own.map(reserved)) };
      return {
        tag: "plan",
        plan: toData(read.plan),
        shown: describePlan(read.plan, read.estimate),
        estimate: toData(read.estimate),
      };
    };
    return { request, toOutput };
  });
}

/** Asks the model to change the rest of a running plan. */
export function defineChangeStep(planner: Planner): Action<Json, Json> {
  return defineStep(planner, "change", (context) => {
    const { options } = planner;
    const { plan, failure, isReview, states } = readChange(context);
    const given = { ...reading(options), plan, state: { nodes: states, failure } };
    const request = toReplanRequest({ ...given, goal: goalOf(options, context) });
    const toOutput = (text: string): Planned => {
      if (isReview && isKeep(text)) return { tag: "keep" };
      const read = readPatch(text, given);
      if (read.tag === "problems") return { tag: "problems", text, problems: toJson(read.problems) };
      return read.tag === "give-up" ? read : { tag: "patch", patch: toData(read.patch) };
    };
    return { request: isReview ? orKeep(request) : request, toOutput };
  });
}

type Planned = JsonObject & { readonly tag: string };

interface Step {
  readonly request: ModelRequest;
  readonly toOutput: (text: string) => Planned;
}

function defineStep(
  planner: Planner,
  kind: "plan" | "change",
  prepare: (context: AttemptContext<Json>) => Step,
): Action<Json, Json> {
  const { name, options } = planner;
  return defineQuery(`${name}.${kind}`, {
    input: anything,
    output: anything,
    version: options.version ?? 1,
    description: kind === "plan" ? `${name} writes a plan.` : `${name} changes the rest of its plan.`,
    run: async (context) => {
      const model = await planner.modelAt(0);
      const { request, toOutput } = prepare(context);
      const asked = { ...repaired(request, context), maxOutputTokens: options.maxOutputTokens ?? 4_096 };
      const { signal, key, alive, emit } = context;
      const reply = await model.generate(asked, {
        signal,
        key,
        onDelta: (delta) => {
          alive();
          emit({ ...delta });
        },
      });
      note(context, reply);
      return { ...toOutput(reply.text), usage: { ...reply.usage }, model: reply.model };
    },
  });
}

function note({ used }: AttemptContext<Json>, { usage, microUsd = 0 }: ModelReply): void {
  used({ tokens: usage.input + usage.output, microUsd, steps: 1 });
}

/** With what was wrong with the answer before, in the validator's own words. */
function repaired(request: ModelRequest, { input, read }: AttemptContext<Json>): ModelRequest {
  const after = isJsonObject(input) ? input["after"] : undefined;
  const outcome = typeof after === "string" ? read(after)?.outcome : undefined;
  if (outcome?.tag !== "succeeded") return request;
  const planned = readPlanned(outcome.output);
  return planned.tag === "problems" ? toPlanRepairRequest(request, planned.text, planned.problems) : request;
}

function reading({ tools, limits }: PlanAndExecuteOptions): Pick<PlanAndExecuteOptions, "tools" | "limits"> {
  return { tools, ...(limits !== undefined && { limits }) };
}

/** The goal as text. */
function goalOf({ goal }: PlanAndExecuteOptions, { input }: AttemptContext<Json>): string {
  const of = isJsonObject(input) ? (input["of"] ?? null) : null;
  if (goal !== undefined) return goal(of);
  const text = isJsonObject(of) ? of["goal"] : of;
  return typeof text === "string" ? text : JSON.stringify(of);
}

interface Change {
  readonly plan: PlanGraph;
  readonly failure: string;
  readonly isReview: boolean;
  readonly states: Readonly<Record<string, ReplanNode>>;
}

/** The plan and how far it is are in the input; what its nodes gave is looked up. */
function readChange({ input, read }: AttemptContext<Json>): Change {
  const { plan, failure, isReview, states } = isJsonObject(input) ? input : {};
  const nodes: Record<string, ReplanNode> = {};
  for (const [id, state] of Object.entries(isJsonObject(states) ? states : {})) {
    const outcome = read(id)?.outcome;
    const known = STATES.find((one) => one === state) ?? "running";
    nodes[id] = {
      state: known,
      ...(outcome?.tag === "succeeded" && { output: outcome.output }),
      ...(outcome?.tag === "failed" && { error: outcome }),
    };
  }
  const graph = parsePlan(JSON.parse(typeof plan === "string" ? plan : "{}"));
  return {
    plan: graph,
    failure: typeof failure === "string" ? failure : "",
    isReview: isReview === true,
    states: nodes,
  };
}

const STATES = ["pending", "running", "succeeded", "failed", "skipped", "replan"] as const;

function isKeep(text: string): boolean {
  return /^\s*(?:```(?:json)?\s*)?\{\s*"keep"\s*:\s*true\s*\}/u.test(text);
}

function orKeep(request: ModelRequest): ModelRequest {
  const { output } = request;
  const schema = isJsonObject(output) ? output : {};
  const properties = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  const text = `Nothing failed, but there are new facts. If the rest of the plan is still right, answer ${JSON.stringify(KEEP)}.`;
  return {
    ...request,
    messages: [...request.messages, { role: "user", text }],
    output: { ...schema, properties: { ...properties, keep: { const: true } } },
  };
}

function reserved(id: string): Problem {
  return {
    code: "PLAN_BAD_ID",
    path: `nodes.${id}`,
    expected: `an id that does not begin with ${OWN}`,
    got: id,
    fix: "Rename it.",
  };
}

function toJson(problems: readonly Problem[]): Json {
  return problems.map(({ code, path, expected, got, fix }) => ({ code, path, expected, got, fix }));
}

/** Plans, patches and estimates are JSON by their making; their types only lack the index signature that would say so. */
function toData(value: unknown): Json {
  const data: Json = JSON.parse(JSON.stringify(value));
  return data;
}
