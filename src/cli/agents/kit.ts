import type { Action, AnyAction, EffectDefinition, GrowingRun, Growth, PlanDefinition } from "../../action/index.ts";
import { defineAgent, PlanAndExecute, type AgentOptions } from "../../agents/index.ts";
import { canonicalJson, InputError, type Json, type JsonObject } from "../../base/index.ts";
import type { Config } from "../../executor/index.ts";
import { goalIn, settingsIn, settingsToJson, turnsIn, FROM_CONFIG, type AgentSettings } from "./settings.ts";
import { findTools, unboundTools } from "./tool-table.ts";

/*
 * One registered agent stands for all agents of the command line.
 *
 * 1. What makes an agent is in the input of its run. Whoever owns the folder can therefore work on any of them, though
 *    an executor's actions are fixed when it is opened.
 * 2. An action of the kit looks up the input of the run that it is called in, makes the real action, and hands over.
 * 3. A name has the same nature whatever the settings, since a run is pinned to natures.
 */

/** The name of the command line's agent, and of the one that plans first. */
export const AGENT = "agent";
export const PLANNER = "planner";

const TURN = {
  type: "object",
  properties: { goal: { type: "string" }, answer: { type: "string" } },
  required: ["goal", "answer"],
  additionalProperties: false,
} as const;
const INPUT: JsonObject = {
  type: "object",
  properties: {
    goal: { type: "string", minLength: 1 },
    turns: { type: "array", items: TURN },
    settings: { type: "object" },
  },
  required: ["goal", "settings"],
  additionalProperties: false,
};

/** What the kit needs to know. */
export interface KitPlace {
  readonly config: Config;
  /** The input of a run, as its journal has it. */
  readonly inputOf: (run: string) => Promise<Json>;
}

type PlanAction = Action<never, unknown> & { readonly definition: PlanDefinition };

/** The agent with these settings; its graph holds its budget. @throws {InputError} as `defineAgent` */
export function makeAgent(name: string, settings: AgentSettings, config: Config): PlanAction {
  const { budget, onBudget, approve, instructions } = settings;
  const [model = "", ...cheaper] = modelsOf(settings, config);
  const shared = {
    tools: findTools(settings.tools, config),
    input: INPUT,
    ...(budget !== undefined && { budget }),
  };
  const prompt = (input: Json): string => toPrompt(input, instructions);
  const action: AnyAction =
    name === PLANNER
      ? PlanAndExecute(name, { ...shared, model, goal: prompt, ...(approve !== undefined && { approve }) })
      : defineAgent(name, {
          ...shared,
          model: [model, ...cheaper],
          prompt: (input) => toPrompt(input, undefined),
          ...(approve !== undefined && approve !== "plan" && { approve }),
          ...(onBudget !== undefined && { onBudget }),
          ...(instructions !== undefined && { instructions }),
        });
  return demandPlan(action);
}

function demandPlan({ definition, ...rest }: AnyAction): PlanAction {
  if (definition.tag === "plan") return { ...rest, definition };
  throw new InputError("AGENT_OPTIONS", `Expected ${rest.name} to be a plan.`);
}

function modelsOf({ models }: AgentSettings, { model }: Config): ReturnType<typeof listOf> {
  return models.includes(FROM_CONFIG) && model !== undefined ? listOf(model) : models;
}

function listOf(model: AgentOptions["model"]): readonly Exclude<AgentOptions["model"], readonly unknown[]>[] {
  return isList(model) ? model : [model];
}

function isList(model: AgentOptions["model"]): model is Extract<AgentOptions["model"], readonly unknown[]> {
  return Array.isArray(model);
}

/** The task, after what was said before. */
function toPrompt(input: Json, instructions: string | undefined): string {
  const turns = turnsIn(input).flatMap(({ goal, answer }) => [`Person: ${goal}`, `You: ${answer}`]);
  const before = turns.length === 0 ? [] : ["The conversation so far:", ...turns, "", "Now the person says:"];
  return [...(instructions === undefined ? [] : [instructions, ""]), ...before, goalIn(input)].join("\n");
}

/** The actions that let an executor work on the runs of all agents of the command line. */
export function createKit(place: KitPlace): readonly AnyAction[] {
  const made = new Map<string, PlanAction>();
  const agentFor = (name: string, input: Json): PlanAction => {
    const settings = settingsIn(input);
    if (settings === undefined) throw noSettings(name);
    const key = canonicalJson([name, settingsToJson(settings)]);
    const agent = made.get(key) ?? makeAgent(name, settings, place.config);
    made.set(key, agent);
    return agent;
  };
  const own = (place.config.use ?? []).map(({ name }) => name);
  const tools = unboundTools()
    .filter(({ name }) => !own.includes(name))
    .map((tool) => standFor(tool, async (run) => findTools(toolsIn(await place.inputOf(run)), place.config)));
  const agents = [AGENT, PLANNER].filter((name) => !own.includes(name));
  return [...agents.map((name) => standForAgent(name, agentFor, place)), ...tools];
}

function toolsIn(input: Json): readonly string[] {
  return settingsIn(input)?.tools ?? [];
}

function standForAgent(
  name: string,
  agentFor: (name: string, input: Json) => PlanAction,
  { inputOf }: KitPlace,
): AnyAction {
  const template = makeAgent(name, { models: ["openai:any"], tools: [] }, {});
  const { definition } = template;
  const own = definition.uses.map((action) =>
    standFor(action, async (run) => agentFor(name, await inputOf(run)).definition.uses),
  );
  const grow = (run: GrowingRun): Growth | undefined => agentFor(name, run.input).definition.grow?.(run);
  return { ...template, definition: { ...definition, uses: own, grow } };
}

/** An action that hands over to the one of its name that belongs to the run. What no run binds, it does itself. */
function standFor(action: AnyAction, actionsOf: (run: string) => Promise<readonly AnyAction[]>): AnyAction {
  const { definition } = action;
  if (definition.tag !== "effect") return action;
  const realOf = async (run: string): Promise<EffectDefinition> => {
    const real = (await actionsOf(run)).find(({ name }) => name === action.name)?.definition;
    return real?.tag === "effect" ? real : definition;
  };
  const { undo, check } = definition;
  return {
    ...action,
    definition: {
      ...definition,
      run: async (context) => (await realOf(context.run)).run(context),
      undo:
        typeof undo !== "function"
          ? undo
          : async (context) => {
              const real = await realOf(context.run);
              return typeof real.undo === "function" ? real.undo(context) : undefined;
            },
      check: check === undefined ? undefined : async (context) => (await realOf(context.run)).check?.(context),
    },
  };
}

function noSettings(name: string): InputError {
  const fix = `\`pawl agent\` starts it; in a plan, use an agent of your own.`;
  return new InputError("AGENT_OPTIONS", `${name} needs the settings that the command line gives it. ${fix}`);
}
