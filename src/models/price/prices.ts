import type { Price } from "../port.ts";

/** What is known of a model without asking: its price and its context. */
export interface KnownModel extends Price {
  readonly contextTokens?: number;
}

/** The month in which the prices below were read. They change: what bills are made from, you set yourself. */
export const PRICES_AS_OF = "2026-10";

const known = (input: number, output: number, more: Omit<KnownModel, "input" | "output"> = {}): KnownModel => ({
  input,
  output,
  ...more,
});
const claude = (input: number, output: number): KnownModel =>
  known(input, output, { cachedInput: input / 10, contextTokens: 200_000 });
/** Since GPT-5, what is cached costs a tenth. */
const gpt5 = (input: number, output: number, contextTokens?: number): KnownModel =>
  known(input, output, { cachedInput: input / 10, ...(contextTokens !== undefined && { contextTokens }) });
const gpt41 = (input: number, output: number): KnownModel =>
  known(input, output, { cachedInput: input / 4, contextTokens: 1_047_576 });
const gpt4o = (input: number, output: number): KnownModel =>
  known(input, output, { cachedInput: input / 2, contextTokens: 128_000 });

/**
 * US dollars for a million tokens, standard tier. Long prompts (more than 272,000 tokens) cost more with some models,
 * which is not modelled.
 */
const PRICES: Readonly<Record<string, KnownModel>> = {
  "openai:gpt-5.5": gpt5(5, 30, 1_050_000),
  "openai:gpt-5.4": gpt5(2.5, 15, 1_050_000),
  "openai:gpt-5.4-mini": gpt5(0.75, 4.5),
  "openai:gpt-5.4-nano": gpt5(0.2, 1.25),
  "openai:gpt-5.2": gpt5(1.75, 14, 400_000),
  "openai:gpt-5.1": gpt5(1.25, 10, 400_000),
  "openai:gpt-5": gpt5(1.25, 10, 400_000),
  "openai:gpt-5-mini": gpt5(0.25, 2, 400_000),
  "openai:gpt-5-nano": gpt5(0.05, 0.4, 400_000),
  "openai:gpt-4.1": gpt41(2, 8),
  "openai:gpt-4.1-mini": gpt41(0.4, 1.6),
  "openai:gpt-4.1-nano": gpt41(0.1, 0.4),
  "openai:gpt-4o": gpt4o(2.5, 10),
  "openai:gpt-4o-mini": gpt4o(0.15, 0.6),
  "openai:o3": known(2, 8, { cachedInput: 0.5, contextTokens: 200_000 }),
  "openai:o4-mini": known(1.1, 4.4, { cachedInput: 0.275, contextTokens: 200_000 }),
  "anthropic:claude-opus-5": claude(5, 25),
  "anthropic:claude-opus-4-8": claude(5, 25),
  "anthropic:claude-opus-4-7": claude(5, 25),
  "anthropic:claude-opus-4-6": claude(5, 25),
  "anthropic:claude-opus-4-5": claude(5, 25),
  "anthropic:claude-opus-4-1": claude(15, 75),
  "anthropic:claude-sonnet-5": claude(2, 10),
  "anthropic:claude-sonnet-4-6": claude(3, 15),
  "anthropic:claude-sonnet-4-5": claude(3, 15),
  "anthropic:claude-haiku-4-5": claude(1, 5),
};

const DATED = /-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$/u;

/**
 * Gives the price and context of `provider:model`; a dated name such as `gpt-4o-2024-08-06` counts as its model. Own
 * prices come first; models that run at home cost nothing.
 */
export function findPrice(name: string, own: Readonly<Record<string, KnownModel>> = {}): KnownModel | undefined {
  const undated = name.replace(DATED, "");
  const found = [own[name], own[undated], PRICES[name], PRICES[undated]].find((entry) => entry !== undefined);
  return found ?? (name.startsWith("ollama:") ? known(0, 0) : undefined);
}
