import type { Action, GrowingRun } from "../action/index.ts";
import { InputError, type JsonObject } from "../base/index.ts";
import { askPerson } from "./ask-person.ts";
import { countersOf } from "./loop/after-budget.ts";
import type { Agent, Habits } from "./loop/agent.ts";
import { growLoop } from "./loop/grow-loop.ts";
import { factsOf, toModels } from "./model-like.ts";
import type { AgentOptions } from "./options.ts";
import { defineThink, type Mind } from "./think/think.ts";
import { demandOwnNames, toToolSpecs } from "./tools/index.ts";

/** What an agent gives: its answer, and a report of how it came to it. */
export interface AgentOutput<Answer = string> {
  /** Null when it ended before it could answer. */
  readonly answer: Answer | null;
  /** `done`; or what stopped it. */
  readonly ended: "done" | "budget" | "time" | "loop" | "no-answer";
  /** What was used of tokens, microUsd (millionths of a US dollar), calls and steps. */
  readonly cost: Readonly<Record<string, number>>;
  /** What is left of that which had a limit. */
  readonly left: Readonly<Record<string, number>>;
  /** What was done in the world, as `node tool`: what a rollback of the run takes back, and what lasts. */
  readonly effects: { readonly undoable: readonly string[]; readonly lasting: readonly string[] };
}

/** Input of an agent that was given no schema. */
export interface Goal {
  readonly goal: string;
}

/** JSON Schema of a goal. */
export const GOAL: JsonObject = {
  type: "object",
  properties: {
    goal: { type: "string", minLength: 1, description: "The task, with all that has to be known for it." },
  },
  required: ["goal"],
  additionalProperties: false,
};

/**
 * Gives an agent that works with tools until it answers. It is an action like any other: it is started by itself, used
 * in a plan, or given to another agent as a tool. Each thought and each call is a step of a plan that grows, so it
 * survives a crash in mid-thought, is rolled back, approved, budgeted and watched like any run.
 *
 * @throws {InputError} AGENT_OPTIONS, TOOL_NAME_TAKEN and what `toToolSpecs` says of tools that can't be shown.
 */
export function defineAgent<Input = Goal, Answer = string>(
  name: string,
  options: AgentOptions,
): Action<Input, AgentOutput<Answer>> {
  return toAgentAction(name, options, {});
}

/** Gives an agent with habits of its kind. */
export function toAgentAction<Input, Answer>(
  name: string,
  options: AgentOptions,
  habits: Habits,
): Action<Input, AgentOutput<Answer>> {
  const { tools = [], description, version = 1 } = options;
  checkOptions(name, options);
  demandOwnNames(tools);
  const models = toModels(options.model);
  const mind: Mind = { name, options, tools, modelAt: models };
  const think = defineThink(mind);
  const agent: Agent = {
    name,
    options,
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    models: factsOf(options.model),
    overhead: overheadOf(options),
    habits,
  };
  const own = [habits.memory?.recall, habits.memory?.learn, habits.choose].filter((action) => action !== undefined);
  return {
    name,
    version,
    ...(description !== undefined && { description }),
    definition: {
      tag: "plan",
      graph: graphOf(name, options),
      uses: [think, ...tools.filter((tool) => tool.definition !== askPerson.definition), ...own],
      grow: (run: GrowingRun) => growLoop(agent, run),
    },
  };
}

function graphOf(name: string, { input, budget, onBudget }: AgentOptions): JsonObject {
  return { name, input: input ?? GOAL, nodes: {}, grows: name, budget: { counters: countersOf(budget, onBudget) } };
}

/** Characters for a token: low, so that the estimate is rather too large. */
const CHARS_PER_TOKEN = 3;
const FRAME_TOKENS = 400;

function overheadOf({ tools = [], instructions = "" }: AgentOptions): number {
  return FRAME_TOKENS + Math.ceil((JSON.stringify(toToolSpecs(tools)).length + instructions.length) / CHARS_PER_TOKEN);
}

function checkOptions(name: string, { budget, model }: AgentOptions): void {
  const refuse = (what: string): never => {
    throw new InputError("AGENT_OPTIONS", `Agent ${name}: ${what}`);
  };
  if (!/^[\w.-]{1,90}$/u.test(name)) refuse("its name must be 1 to 90 letters, digits, _, . or -.");
  if (Array.isArray(model) && model.length === 0)
    refuse('expected a model, got none. Give `model`, such as "openai:gpt-5".');
  for (const [field, value] of Object.entries(budget ?? {}))
    if (!(typeof value === "number" && value > 0 && Number.isFinite(value)))
      refuse(`budget.${field} must be a number above 0, got ${String(value)}.`);
}
