import type { AgentBudget, OnBudget, PlanAndExecuteOptions } from "../../agents/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";

/** In the place of a model's name: what the configuration gives as a model, which no journal can keep. */
export const FROM_CONFIG = "config";

/**
 * What makes an agent of the command line. It is part of the run's input, so that whoever takes the run up later has the
 * same agent. Keys are no part of it: they stay in the environment.
 */
export interface AgentSettings {
  /** Addresses, the later ones cheaper. */
  readonly models: readonly string[];
  /** As `--tools` takes them, folders absolute. */
  readonly tools: readonly string[];
  readonly budget?: AgentBudget;
  readonly onBudget?: OnBudget;
  readonly approve?: Approval;
  readonly instructions?: string;
}

/** Which calls wait for a person's word; `plan`: a planner's plan, before anything of it runs. */
export type Approval = NonNullable<PlanAndExecuteOptions["approve"]>;

/** One turn of a conversation that is over. */
export interface PastTurn {
  readonly goal: string;
  readonly answer: string;
}

/** The settings as they stand in a run's input. */
export function settingsToJson({ models, tools, budget, ...rest }: AgentSettings): JsonObject {
  return { models: [...models], tools: [...tools], ...(budget !== undefined && { budget: { ...budget } }), ...rest };
}

/** Reads the settings out of a run's input; undefined: it is no run of the command line's agents. */
export function settingsIn(input: Json): AgentSettings | undefined {
  const fields = isJsonObject(input) ? input["settings"] : undefined;
  if (!isJsonObject(fields)) return undefined;
  const { models, tools, budget, onBudget, approve, instructions } = fields;
  const limits = readBudget(budget);
  const action = ON_BUDGET.find((one) => one === onBudget);
  const rule = APPROVE.find((one) => one === approve);
  return {
    models: textsIn(models),
    tools: textsIn(tools),
    ...(limits !== undefined && { budget: limits }),
    ...(action !== undefined && { onBudget: action }),
    ...(rule !== undefined && { approve: rule }),
    ...(typeof instructions === "string" && { instructions }),
  };
}

/** What may happen when the budget is used up. */
export const ON_BUDGET: readonly OnBudget[] = ["finish", "degrade", "ask", "stop"];
/** What `--approve` takes. */
export const APPROVE: readonly Approval[] = ["effects", "all", "plan"];

function textsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function readBudget(value: Json | undefined): AgentBudget | undefined {
  if (!isJsonObject(value)) return undefined;
  const numbers = Object.entries(value).filter(([, amount]) => typeof amount === "number");
  return Object.fromEntries(numbers);
}

/** The turns before this one, as they stand in a run's input. */
export function turnsIn(input: Json): readonly PastTurn[] {
  const turns = isJsonObject(input) ? input["turns"] : undefined;
  if (!Array.isArray(turns)) return [];
  return turns.flatMap((turn) => {
    const { goal, answer } = isJsonObject(turn) ? turn : {};
    return typeof goal === "string" && typeof answer === "string" ? [{ goal, answer }] : [];
  });
}

/** The goal in a run's input. */
export function goalIn(input: Json): string {
  const goal = isJsonObject(input) ? input["goal"] : undefined;
  return typeof goal === "string" ? goal : "";
}
