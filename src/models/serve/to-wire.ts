import { canonicalJson, RuntimeFailure, type JsonObject } from "../../base/index.ts";
import type { FinishReason, ModelReply, ToolCall, Usage } from "../port.ts";

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  error: "error",
  other: "stop",
};

/** Arguments are sent in pieces of so many characters, as real servers send them. */
const PIECE = 8;

/** One chunk of a stream, as an event. */
export function toEvent(model: string, delta: JsonObject, more: JsonObject = {}): string {
  const choices = [{ index: 0, delta, finish_reason: null, ...more }];
  return `data: ${JSON.stringify({ id: "chatcmpl-0", object: "chat.completion.chunk", created: 0, model, choices })}\n\n`;
}

/** What ends a stream: the calls in pieces, the reason, the usage if it is wanted. */
export function toLastEvents(model: string, reply: ModelReply, wantsUsage: boolean): readonly string[] {
  const calls = reply.calls.flatMap((call, index) => toCallDeltas(call, index));
  const usage = { object: "chat.completion.chunk", model, choices: [], usage: toWireUsage(reply.usage) };
  return [
    ...calls.map((call) => toEvent(model, { tool_calls: [call] })),
    toEvent(model, {}, { finish_reason: FINISH[reply.finish] }),
    ...(wantsUsage ? [`data: ${JSON.stringify(usage)}\n\n`] : []),
    "data: [DONE]\n\n",
  ];
}

function toCallDeltas(call: ToolCall, index: number): readonly JsonObject[] {
  const text = toArguments(call);
  const pieces = text.match(new RegExp(`[^]{1,${PIECE}}`, "gu")) ?? [];
  const first = { index, id: call.id, type: "function", function: { name: call.tool, arguments: "" } };
  return [first, ...pieces.map((piece) => ({ index, function: { arguments: piece } }))];
}

function toArguments({ input, invalid }: ToolCall): string {
  return invalid ?? canonicalJson(input);
}

/** A whole reply as one JSON object. */
export function toWhole(model: string, { text, calls, finish, usage }: ModelReply): JsonObject {
  const toolCalls = calls.map((call) => ({
    id: call.id,
    type: "function",
    function: { name: call.tool, arguments: toArguments(call) },
  }));
  const message = { role: "assistant", content: text, ...(calls.length > 0 && { tool_calls: toolCalls }) };
  const choices = [{ index: 0, message, finish_reason: FINISH[finish] }];
  return { id: "chatcmpl-0", object: "chat.completion", created: 0, model, choices, usage: toWireUsage(usage) };
}

function toWireUsage({ input, output, cachedInput = 0, reasoning = 0 }: Usage): JsonObject {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cachedInput },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

const STATUS: Readonly<Record<string, readonly [status: number, kind: string]>> = {
  MODEL_RATE_LIMITED: [429, "rate_limit_exceeded"],
  MODEL_QUOTA_SPENT: [429, "insufficient_quota"],
  MODEL_UNAVAILABLE: [503, "server_error"],
  MODEL_CONTEXT_EXCEEDED: [400, "context_length_exceeded"],
  MODEL_KEY_REFUSED: [401, "invalid_api_key"],
  MODEL_UNKNOWN: [404, "model_not_found"],
  MODEL_REFUSED: [400, "invalid_request_error"],
  MODEL_REQUEST_INVALID: [400, "invalid_request_error"],
};

/** How a server says that its model failed. */
export function toWireError(error: unknown): { readonly status: number; readonly body: string } {
  const code = RuntimeFailure.is(error) ? error.code : "";
  const [status, kind] = STATUS[code] ?? [500, "server_error"];
  const message = error instanceof Error ? error.message : "The model failed.";
  return { status, body: JSON.stringify({ error: { message, type: kind, code: kind } }) };
}
