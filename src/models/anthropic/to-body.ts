import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import type { Message, ModelRequest, ToolCall } from "../port.ts";
import type { ToolNames } from "../reply/tool-names.ts";
import type { Endpoint } from "../wire/endpoint.ts";

/** The API demands a limit; this is one that all of its models take. */
const DEFAULT_OUTPUT_TOKENS = 8_192;

/** Writes a request as the body of Anthropic's messages API, streamed. */
export function toBody(request: ModelRequest, endpoint: Endpoint, names: ToolNames): JsonObject {
  const { messages, tools = [], toolChoice, output, maxOutputTokens, temperature, stop } = request;
  const system = messages.flatMap((message) => (message.role === "system" ? [message.text] : []));
  return {
    model: endpoint.model,
    max_tokens: maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS,
    ...(system.length > 0 && { system: system.join("\n\n") }),
    messages: toTurns(messages, names),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, input }) => ({
        name: names.toWire(name),
        description,
        input_schema: input,
      })),
      ...(toolChoice !== undefined && { tool_choice: toWireChoice(toolChoice, names) }),
    }),
    ...(output !== undefined && { output_config: { format: { type: "json_schema", schema: output } } }),
    // Its scale ends at 1.
    ...(temperature !== undefined && { temperature: Math.min(temperature, 1) }),
    ...(stop !== undefined && stop.length > 0 && { stop_sequences: stop }),
    stream: true,
  };
}

interface Turn {
  readonly role: "user" | "assistant";
  readonly content: JsonObject[];
}

/** Turns alternate: what one side says in a row is one turn, and the results of calls are said by the user. */
function toTurns(messages: readonly Message[], names: ToolNames): JsonObject[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    const last = turns.at(-1);
    const parts = toParts(message, names);
    if (last?.role === role) last.content.push(...parts);
    else if (parts.length > 0) turns.push({ role, content: parts });
  }
  return turns.map(({ role, content }) => ({ role, content }));
}

function toParts(message: Message, names: ToolNames): JsonObject[] {
  if (message.role === "tool") {
    const { call, output, isError = false } = message;
    const content = typeof output === "string" ? output : canonicalJson(output);
    return [{ type: "tool_result", tool_use_id: call, content, ...(isError && { is_error: true }) }];
  }
  // Empty text is refused there.
  const text = message.text.trim() === "" ? [] : [{ type: "text", text: message.text }];
  const calls = message.role === "assistant" ? (message.calls ?? []) : [];
  return [...text, ...calls.map((call) => toUse(call, names))];
}

function toUse({ id, tool, input, invalid }: ToolCall, names: ToolNames): JsonObject {
  const sent = invalid === undefined && isJsonObject(input) ? input : {};
  return { type: "tool_use", id, name: names.toWire(tool), input: sent };
}

function toWireChoice(choice: NonNullable<ModelRequest["toolChoice"]>, names: ToolNames): Json {
  if (typeof choice === "object") return { type: "tool", name: names.toWire(choice.tool) };
  return { type: choice === "required" ? "any" : choice };
}
