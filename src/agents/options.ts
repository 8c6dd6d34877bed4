import type { AnyAction } from "../action/index.ts";
import type { Json, JsonObject, JsonSchema } from "../base/index.ts";
import type { fromLanguageModel, Model } from "../models/index.ts";

/** A model of the AI SDK, specification V4 or V3. */
export type LanguageModel = Parameters<typeof fromLanguageModel>[0];

/** A model by name (`openai:gpt-5`, `anthropic:...`, `ollama:...`, an address), one of Pawl's, or one of the AI SDK. */
export type ModelLike = string | Model | LanguageModel;

/** What an agent may use in one run. Reserved before each call and shared with the agents that it calls. */
export interface AgentBudget {
  /** US dollars. Counts only models whose price is known. */
  readonly usd?: number;
  /** Tokens, in and out, of all models. */
  readonly tokens?: number;
  /** Calls of tools. */
  readonly calls?: number;
  /** Thinking steps. Default 30. */
  readonly steps?: number;
  /** From the run's start, in milliseconds. */
  readonly wallMs?: number;
}

/**
 * What happens when the budget does not cover the next step. `finish` (default): one last answer with what is there, if
 * that is still covered. `degrade`: the next of the models, and with the last one `finish`. `ask`: a person says how much
 * more it may use. `stop`: the run fails, and what it did is rolled back.
 */
export type OnBudget = "finish" | "degrade" | "ask" | "stop";

/** What makes an agent. */
export interface AgentOptions {
  /** The model, or several: the later ones are cheaper, and taken when the budget runs out (`onBudget: "degrade"`). */
  readonly model: ModelLike | readonly ModelLike[];
  readonly tools?: readonly AnyAction[];
  /** What it is and how it should work. */
  readonly instructions?: string;
  /** What it does and when to use it, for whoever calls it as a tool. */
  readonly description?: string;
  /** JSON Schema of its input. Default: `{ goal }`, a text. */
  readonly input?: JsonObject;
  /** The task as text. Default: the goal, or the input as JSON. */
  readonly prompt?: (input: Json) => string;
  /** JSON Schema of its answer. Default: text. */
  readonly answer?: JsonSchema;
  readonly budget?: AgentBudget;
  readonly onBudget?: OnBudget;
  /** Which calls wait for a person's word. `effects`: all but queries. Default: those whose action or labels demand it. */
  readonly approve?: "effects" | "all";
  /** What becomes of the effects when it can't go on: its model fails for good, say. Default `rollback`. */
  readonly onFailure?: "rollback" | "keep";
  /** Tokens of one reply at most. Default 4,096. */
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  /** `first`: it must call a tool before it may answer; small models need that. Default: as it likes. */
  readonly mustCall?: "first";
  /** Characters of one tool result that the model is shown. The whole of it stays in the journal. Default 20,000. */
  readonly resultChars?: number;
  /** Calls that one reply may ask for. Default 16. */
  readonly callsPerStep?: number;
  /** Share of the model's context after which what was said is summarised. Default 0.7. */
  readonly summariseAt?: number;
  /** Raise it when old runs must not go on with the new agent. Default 1. */
  readonly version?: number;
}
