import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import type { ModelContext } from "../port.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import { exchange } from "../wire/exchange.ts";
import { toInvalid } from "../wire/failures.ts";
import type { ReplyLimits } from "../wire/limits.ts";
import { parseObject } from "../wire/parse-object.ts";
import { readText } from "../wire/read-body.ts";

/** An embedder behind a wire. */
export interface WireEmbedder {
  readonly endpoint: Endpoint;
  readonly limits: ReplyLimits;
  readonly dimensions: number;
  readonly batchSize: number;
}

/**
 * Embeds texts over OpenAI's `/embeddings`, in batches, one after the other. The vectors are brought to length 1,
 * whatever the server gave.
 *
 * @see https://platform.openai.com/docs/api-reference/embeddings
 */
export async function embedTexts(
  embedder: WireEmbedder,
  texts: readonly string[],
  { signal }: ModelContext,
): Promise<readonly Float32Array[]> {
  const vectors: Float32Array[] = [];
  const { endpoint, limits, batchSize } = embedder;
  for (let from = 0; from < texts.length; from += batchSize) {
    // Empty texts are refused by some servers.
    const input = texts.slice(from, from + batchSize).map((text) => (text === "" ? " " : text));
    const body = JSON.stringify({ model: endpoint.model, input, encoding_format: "float" });
    const reply = await exchange({ endpoint, path: "/embeddings", body, signal, limits }, async (answer) =>
      parseObject(await readText(answer.body, limits.maxBytes, endpoint), endpoint),
    );
    vectors.push(...toVectors(reply, input.length, embedder));
  }
  return vectors;
}

function toVectors(reply: JsonObject, count: number, embedder: WireEmbedder): readonly Float32Array[] {
  const { data } = reply;
  if (!Array.isArray(data)) throw toInvalid(embedder.endpoint, "JSON without embeddings", true);
  const vectors = Array.from<Float32Array | undefined>({ length: count });
  for (const [at, item] of data.entries()) {
    if (!isJsonObject(item)) continue;
    const index = typeof item["index"] === "number" ? item["index"] : at;
    if (index < count) vectors[index] = toUnit(item["embedding"], embedder);
  }
  const whole = vectors.filter((vector) => vector !== undefined);
  if (whole.length < count) throw toInvalid(embedder.endpoint, `${whole.length} vectors for ${count} texts`);
  return whole;
}

function toUnit(value: Json | undefined, { endpoint, dimensions }: WireEmbedder): Float32Array {
  if (!Array.isArray(value) || !value.every((part) => typeof part === "number" && Number.isFinite(part))) {
    throw toInvalid(endpoint, "a vector that is no list of numbers");
  }
  if (value.length !== dimensions) {
    throw toInvalid(endpoint, `a vector of ${value.length} numbers instead of ${dimensions}`, true);
  }
  const numbers = value.map(Number);
  const length = Math.hypot(...numbers);
  if (length === 0) throw toInvalid(endpoint, "a vector of zeros");
  return Float32Array.from(numbers, (part) => part / length);
}
