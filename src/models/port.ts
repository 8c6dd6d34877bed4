import type { Json, JsonSchema } from "../base/index.ts";

/** What a model is asked: plain JSON, so that it can be hashed, recorded and compared. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  readonly tools?: readonly ToolSpec[];
  /** Default `auto`. `required`: some tool; `{ tool }`: that one. */
  readonly toolChoice?: "auto" | "none" | "required" | { readonly tool: string };
  /** JSON Schema that the text of the reply has to fit, as JSON. */
  readonly output?: JsonSchema;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}

/** One entry of a conversation. */
export type Message =
  | { readonly role: "system" | "user"; readonly text: string }
  | { readonly role: "assistant"; readonly text: string; readonly calls?: readonly ToolCall[] }
  | {
      readonly role: "tool";
      readonly call: string;
      readonly tool: string;
      readonly output: Json;
      readonly isError?: boolean;
    };

/** A tool as a model sees it. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly input: JsonSchema;
}

/** A call that a model wants made. `input` is what it wrote: not checked against any schema yet. */
export interface ToolCall {
  readonly id: string;
  readonly tool: string;
  readonly input: Json;
  /** The arguments as text, where they were not JSON; `input` is null then. */
  readonly invalid?: string;
}

/** Why a reply ended. */
export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "error" | "other";

/** Tokens of one call. `isEstimated` where the server said nothing and they were counted from the text. */
export interface Usage {
  readonly input: number;
  /** Part of `input`. */
  readonly cachedInput?: number;
  readonly output: number;
  /** Part of `output`. */
  readonly reasoning?: number;
  readonly isEstimated?: boolean;
}

/** What a model answered: plain JSON, the output of a step. */
export interface ModelReply {
  readonly text: string;
  readonly calls: readonly ToolCall[];
  readonly finish: FinishReason;
  readonly usage: Usage;
  /** Who answered, as `provider:model`; in a fallback chain not always the first. */
  readonly model: string;
  /** Price in millionths of a US dollar, whole, rounded up; absent where no price is known. */
  readonly microUsd?: number;
}

/** A piece of a reply on its way to a screen. Transient: never recorded. */
export type Delta =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  | { readonly type: "call"; readonly tool: string };

/** What goes with a request and is no part of it. */
export interface ModelContext {
  readonly signal: AbortSignal;
  /** Where pieces go as they arrive; a model that can't stream gives none. */
  readonly onDelta?: (delta: Delta) => void;
  /** The idempotency key of the attempt, for servers that take one. */
  readonly key?: string;
}

/**
 * The model port. Failures are the five errors of `base`: `TransientError` (429, 5xx, network; `retryAfterMs` bounded),
 * `PermanentError` (refused, unknown model, context too long), `InputError` (a request that makes no sense),
 * `CancelledError` (the signal was aborted).
 */
export interface Model {
  /** `provider:model`. */
  readonly name: string;
  /** Tokens that fit into one request and its reply, where known. */
  readonly contextTokens?: number;
  readonly price?: Price;
  readonly generate: (request: ModelRequest, context: ModelContext) => Promise<ModelReply>;
}

/** US dollars per million tokens. */
export interface Price {
  readonly input: number;
  /** Default: as `input`. */
  readonly cachedInput?: number;
  readonly output: number;
}

/** The embedding port: unit vectors of one length. */
export interface Embedder {
  readonly name: string;
  readonly dimensions: number;
  readonly embed: (texts: readonly string[], context: ModelContext) => Promise<readonly Float32Array[]>;
}
