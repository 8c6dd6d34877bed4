import type { Action, AnyAction } from "../../action/index.ts";
import { defineAgent, type AgentOutput, type Goal } from "../agent.ts";
import type { AgentOptions } from "../options.ts";

/** A supervisor: an agent whose tools are agents. */
export interface SupervisorOptions extends AgentOptions {
  /** Who does the work. Each has a description, by which the supervisor chooses. */
  readonly members: readonly AnyAction[];
}

/** Gives an agent that has its work done by others, and shares its budget with them. */
export function supervisor<Input = Goal, Answer = string>(
  name: string,
  options: SupervisorOptions,
): Action<Input, AgentOutput<Answer>> {
  const { members, tools = [], instructions, ...rest } = options;
  const rules =
    "You lead a team. Give each member a task that says all it has to know, and put together what they find.";
  return defineAgent(name, {
    ...rest,
    tools: [...members, ...tools],
    instructions: instructions === undefined ? rules : `${instructions}\n\n${rules}`,
  });
}
