import { InputError } from "../../base/index.ts";
import type { Embedder } from "../port.ts";
import type { ResolveOptions } from "../resolve/resolve-model.ts";
import { followAliases } from "../resolve/follow-aliases.ts";
import { toTarget } from "../resolve/to-endpoint.ts";
import { REPLY_LIMITS } from "../wire/limits.ts";

/** The lengths of vectors that are known without asking. */
const DIMENSIONS: Readonly<Record<string, number>> = {
  "text-embedding-3-small": 1_536,
  "text-embedding-3-large": 3_072,
  "text-embedding-ada-002": 1_536,
  "nomic-embed-text": 768,
  "mxbai-embed-large": 1_024,
  "all-minilm": 384,
  "bge-m3": 1_024,
};

/** What an embedder's address is resolved with. */
export interface EmbedderOptions extends Omit<ResolveOptions, "prices"> {
  /** Length of the vectors; needed where the model is not a well-known one. */
  readonly dimensions?: number;
  /** Texts in one request. Default 128. */
  readonly batchSize?: number;
}

/**
 * Gives the embedder at an address: those of `resolveModel` whose server speaks OpenAI's `/embeddings`.
 *
 * @throws {InputError} MODEL_BAD_ADDRESS, MODEL_KEY_MISSING; BAD_INPUT where the length of the vectors isn't known.
 */
export function resolveEmbedder(address: string, options: EmbedderOptions): Embedder {
  const resolved = followAliases(address, options.aliases ?? {});
  const { provider, endpoint } = toTarget(resolved, options.env, options.fetch);
  if (provider.protocol !== "openai") {
    const fix = "Take one of openai, ollama or compatible.";
    throw new InputError("MODEL_BAD_ADDRESS", `Expected a provider that has embeddings, got ${resolved}. ${fix}`);
  }
  const dimensions = options.dimensions ?? DIMENSIONS[endpoint.model.split(":")[0] ?? ""];
  if (dimensions === undefined || !(Number.isInteger(dimensions) && dimensions > 0)) {
    throw new InputError(
      "BAD_INPUT",
      `Expected the number of dimensions of ${resolved}, got none. Give \`dimensions\`.`,
    );
  }
  const limits = { ...REPLY_LIMITS, maxBytes: 4 * REPLY_LIMITS.maxBytes, ...options.limits };
  const wire = { endpoint, limits, dimensions, batchSize: Math.max(1, options.batchSize ?? 128) };
  return {
    name: resolved,
    dimensions,
    embed: async (texts, context) => (await import("./embed-texts.ts")).embedTexts(wire, texts, context),
  };
}
