import {
  defineChoice,
  defineQuery,
  fromJsonSchema,
  type Action,
  type AnyAction,
  type Policy,
} from "../action/index.ts";
import type { Json } from "../base/index.ts";
import { toAgentAction, type AgentOutput, type Goal } from "./agent.ts";
import type { Habits } from "./loop/agent.ts";
import type { AgentOptions } from "./options.ts";

/** What an autonomous agent is given beside what every agent is. */
export interface AutoGptOptions extends AgentOptions {
  /**
   * Where it looks up lessons of earlier runs, and writes down those of this one: two actions, such as
   * `lessonTools(memory)` gives them. Absent: it learns nothing for the next time.
   */
  readonly memory?: { readonly recall: AnyAction; readonly learn: AnyAction };
  /** Runs of one kind share their lessons. Default: the agent's name. */
  readonly kind?: string;
  /** It looks back at its work after so many steps, and whenever all calls of a step failed. Default 5; 0: never. */
  readonly criticiseEvery?: number;
  /** Chooses, after each step, among `act`, `criticise`, `replan` and `finish`. Default: fixed rules. */
  readonly policy?: Policy | string;
}

/**
 * Gives the autonomous agent: it recalls what it learnt, thinks, acts, observes, criticises its work, and writes down what
 * it learnt, until it is done, stuck or out of budget. With `approve: "effects"` every effect waits for a person's word.
 *
 * @throws {InputError} AGENT_OPTIONS, TOOL_NAME_TAKEN
 */
export function AutoGPT<Input = Goal, Answer = string>(
  name: string,
  options: AutoGptOptions,
): Action<Input, AgentOutput<Answer>> {
  const { memory, kind = name, criticiseEvery = 5, policy, ...rest } = options;
  const habits: Habits = {
    ...(criticiseEvery > 0 && { criticiseEvery }),
    ...(memory !== undefined && { memory: { ...memory, kind } }),
    ...(policy !== undefined && { choose: defineNext(name, policy) }),
  };
  return toAgentAction(name, rest, habits);
}

const anything = fromJsonSchema<Json>(true);

/** The choice among next steps: a decision like any other, logged with its propensity, and rewarded later. */
function defineNext(name: string, policy: Policy | string): AnyAction {
  const step = (next: string): Action<Json, Json> =>
    defineQuery(`${name}.next.${next}`, { input: anything, output: anything, run: () => next });
  return defineChoice(`${name}.next`, {
    variants: { act: step("act"), criticise: step("criticise"), replan: step("replan"), finish: step("finish") },
    first: "act",
    policy,
    state: (input) => input,
  });
}
