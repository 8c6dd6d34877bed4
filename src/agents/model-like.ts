import { findPrice, fromLanguageModel, resolveModel, type Model } from "../models/index.ts";
import type { ModelFacts } from "./loop/agent.ts";
import type { AgentOptions, ModelLike } from "./options.ts";

/**
 * Gives each of an agent's models when it is first needed, and the same one after that. A missing key or an unknown name
 * is an error of the step that needs it, not of the import.
 */
export function toModels(model: AgentOptions["model"]): (index: number) => Promise<Model> {
  const list = listOf(model);
  const made = new Map<number, Promise<Model>>();
  return (index) => {
    const at = Math.min(index, list.length - 1);
    const known = made.get(at) ?? toModel(list[at]);
    made.set(at, known);
    known.catch(() => made.delete(at)); // a key may be set by the next try
    return known;
  };
}

/** Prices and context sizes, as far as they are known without asking. */
export function factsOf(model: AgentOptions["model"]): readonly ModelFacts[] {
  return listOf(model).map((one) => {
    if (typeof one === "string") {
      const known = findPrice(one);
      return { price: known, contextTokens: known?.contextTokens };
    }
    return isOurs(one)
      ? { price: one.price, contextTokens: one.contextTokens }
      : { price: findPrice(`${one.provider}:${one.modelId}`), contextTokens: undefined };
  });
}

function listOf(model: AgentOptions["model"]): readonly ModelLike[] {
  return isList(model) ? model : [model];
}

function isList(model: AgentOptions["model"]): model is readonly ModelLike[] {
  return Array.isArray(model);
}

function isOurs(model: Exclude<ModelLike, string>): model is Model {
  return "generate" in model;
}

async function toModel(model: ModelLike | undefined): Promise<Model> {
  if (model === undefined || typeof model === "string") return resolveModel(model ?? "", { env: process.env });
  return isOurs(model) ? model : fromLanguageModel(model);
}
