import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import type { FinishReason, ModelContext, ModelReply, ModelRequest, Usage } from "../port.ts";
import type { WireModel } from "../openai/chat.ts";
import { checkRequest } from "../reply/check-request.ts";
import { createReplyBuilder, type ReplyBuilder } from "../reply/reply-builder.ts";
import { createToolNames } from "../reply/tool-names.ts";
import { exchange, type WireAnswer } from "../wire/exchange.ts";
import { toCut, toInvalid } from "../wire/failures.ts";
import { parseObject } from "../wire/parse-object.ts";
import { decode, readText } from "../wire/read-body.ts";
import { readEvents } from "../wire/read-events.ts";
import { toBody } from "./to-body.ts";

/**
 * Asks a model over Anthropic's messages API, streamed.
 *
 * @see https://docs.anthropic.com/en/api/messages-streaming
 */
export async function askMessages(model: WireModel, request: ModelRequest, context: ModelContext): Promise<ModelReply> {
  checkRequest(request);
  const { endpoint, price, limits } = model;
  const names = createToolNames(request.tools ?? []);
  const { signal, onDelta } = context;
  const body = JSON.stringify(toBody(request, endpoint, names));
  return exchange({ endpoint, path: "/v1/messages", body, signal, limits }, async (answer) => {
    const builder = createReplyBuilder({ request, subject: endpoint, price, names, limits, onDelta });
    await (answer.isStream ? readStream(answer, model, builder) : readWhole(answer, model, builder));
    return builder.finish();
  });
}

async function readStream({ body }: WireAnswer, { endpoint, limits }: WireModel, builder: ReplyBuilder): Promise<void> {
  const counts: Counts = {};
  for await (const { data } of readEvents(decode(body, limits.maxBytes, endpoint))) {
    const event = parseObject(data, endpoint);
    if (event["type"] === "message_stop") {
      if (builder.isFinished()) return;
      throw toInvalid(endpoint, "a message without a reason to stop");
    }
    readEvent(event, builder, counts);
  }
  throw toCut(endpoint);
}

async function readWhole({ body }: WireAnswer, { endpoint, limits }: WireModel, builder: ReplyBuilder): Promise<void> {
  const message = parseObject(await readText(body, limits.maxBytes, endpoint), endpoint);
  const { content } = message;
  if (!Array.isArray(content)) throw toInvalid(endpoint, "JSON without content", true);
  for (const [slot, block] of content.entries()) if (isJsonObject(block)) readBlock(block, slot, builder);
  readUsage(message["usage"], builder, {});
  readStop(message, builder);
}

interface Counts {
  input?: number;
  cached?: number;
  output?: number;
}

function readEvent(event: JsonObject, builder: ReplyBuilder, counts: Counts): void {
  const slot = typeof event["index"] === "number" ? event["index"] : 0;
  const { delta, content_block: block, message } = event;
  switch (event["type"]) {
    case "message_start":
      return readUsage(field(message, "usage"), builder, counts);
    case "content_block_start":
      return isJsonObject(block) ? readBlock(block, slot, builder) : undefined;
    case "content_block_delta":
      return isJsonObject(delta) ? readDelta(delta, slot, builder) : undefined;
    case "message_delta":
      readUsage(event["usage"], builder, counts);
      return isJsonObject(delta) ? readStop(delta, builder) : undefined;
    default:
      return undefined;
  }
}

function readBlock(block: JsonObject, slot: number, builder: ReplyBuilder): void {
  if (block["type"] === "text") builder.addText(toText(block["text"]));
  if (block["type"] === "thinking") builder.addReasoning(toText(block["thinking"]));
  if (block["type"] !== "tool_use") return;
  const { input } = block;
  // In a stream the input begins as an empty object, and its text follows in pieces.
  const isWhole = isJsonObject(input) && Object.keys(input).length > 0;
  const text = isWhole ? JSON.stringify(input) : undefined;
  builder.addCall({ slot, id: toText(block["id"]), name: toText(block["name"]), text });
}

function readDelta(delta: JsonObject, slot: number, builder: ReplyBuilder): void {
  if (delta["type"] === "text_delta") builder.addText(toText(delta["text"]));
  if (delta["type"] === "thinking_delta") builder.addReasoning(toText(delta["thinking"]));
  if (delta["type"] === "input_json_delta") builder.addCall({ slot, text: toText(delta["partial_json"]) });
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool-calls",
  refusal: "content-filter",
};

function readStop(part: JsonObject, builder: ReplyBuilder): void {
  const reason = part["stop_reason"];
  if (typeof reason === "string") builder.setFinish(FINISH[reason] ?? "other");
}

/** Usage comes in two parts, and what is cached is not part of `input_tokens`. */
function readUsage(usage: Json | undefined, builder: ReplyBuilder, counts: Counts): void {
  const cached = toCount(field(usage, "cache_read_input_tokens"));
  const written = toCount(field(usage, "cache_creation_input_tokens")) ?? 0;
  const fresh = toCount(field(usage, "input_tokens"));
  counts.cached = cached ?? counts.cached ?? 0;
  if (fresh !== undefined) counts.input = fresh + written + counts.cached;
  counts.output = toCount(field(usage, "output_tokens")) ?? counts.output ?? 0;
  if (counts.input === undefined) return;
  const told: Usage = { input: counts.input, output: counts.output };
  builder.setUsage(counts.cached > 0 ? { ...told, cachedInput: counts.cached } : told);
}

function field(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}

function toCount(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function toText(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
