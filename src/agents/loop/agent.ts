import type { AnyAction } from "../../action/index.ts";
import type { Price } from "../../models/index.ts";
import type { AgentOptions } from "../options.ts";

/** What is known of a model without asking it. */
export interface ModelFacts {
  readonly price: Price | undefined;
  readonly contextTokens: number | undefined;
}

/** What whoever makes an agent's plan grow needs to know of the agent. */
export interface Agent {
  readonly name: string;
  readonly options: AgentOptions;
  readonly tools: ReadonlyMap<string, AnyAction>;
  readonly models: readonly ModelFacts[];
  /** Tokens that each request takes beside the conversation: instructions and descriptions of tools. */
  readonly overhead: number;
  /** Steps that belong to a kind of agent, beside those of the plain loop. */
  readonly habits: Habits;
}

/** What an autonomous agent does beside thinking and acting. */
export interface Habits {
  /** Looks up what was learnt before, and writes down what was learnt now. */
  readonly memory?: { readonly recall: AnyAction; readonly learn: AnyAction; readonly kind: string };
  /** Criticises its work after so many steps, and after a step in which all calls failed. */
  readonly criticiseEvery?: number;
  /** A choice among next steps, made by a policy. */
  readonly choose?: AnyAction;
}

/** Names of the counters of a run that an agent uses. */
export const COUNTERS = ["tokens", "microUsd", "calls", "steps"] as const;

export const DEFAULT_STEPS = 30;
