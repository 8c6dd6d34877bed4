import type { LanguageModelV3, LanguageModelV4 } from "@ai-sdk/provider";
import type { Model, Price } from "../port.ts";
import { findPrice } from "../price/prices.ts";

/** What may be said of a model of the AI SDK. */
export interface LanguageModelOptions {
  /** Default: what is known of `provider:model`. */
  readonly price?: Price;
  readonly contextTokens?: number;
}

/**
 * Makes a model of any language model of the AI SDK (specification version 4 or 3). It is streamed where someone
 * watches, else asked for the whole; tool calls that the provider made itself are left out. Retries are the engine's:
 * what is called here is the bare model, without those of `generateText`.
 *
 * @see https://github.com/vercel/ai/tree/main/packages/provider
 */
export function fromLanguageModel(model: LanguageModelV4 | LanguageModelV3, options: LanguageModelOptions = {}): Model {
  // Providers name themselves by their API as well, such as `openai.chat`.
  const name = `${model.provider.split(".")[0] ?? model.provider}:${model.modelId}`;
  const known = findPrice(name);
  const price = options.price ?? known;
  const contextTokens = options.contextTokens ?? known?.contextTokens;
  const asked = { model, price, subject: { name, secrets: {}, keyVariable: "the provider's key" } };
  return {
    name,
    ...(contextTokens !== undefined && { contextTokens }),
    ...(price !== undefined && { price }),
    generate: async (request, context) =>
      (await import("./ask-language-model.ts")).askLanguageModel(asked, request, context),
  };
}
