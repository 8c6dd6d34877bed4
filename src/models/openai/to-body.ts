import { canonicalJson, type Json, type JsonObject, type JsonSchema } from "../../base/index.ts";
import type { Message, ModelRequest, ToolCall } from "../port.ts";
import type { ToolNames } from "../reply/tool-names.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import { isStrictSchema } from "./is-strict-schema.ts";

/** Writes a request as the body of OpenAI's chat completions, streamed, with usage. */
export function toBody(request: ModelRequest, endpoint: Endpoint, names: ToolNames): JsonObject {
  const { messages, tools = [], toolChoice, output, maxOutputTokens, temperature, seed, stop } = request;
  return {
    model: endpoint.model,
    messages: messages.map((message) => toWireMessage(message, names)),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, input }) => ({
        type: "function",
        function: { name: names.toWire(name), description, parameters: input },
      })),
      ...(toolChoice !== undefined && { tool_choice: toWireChoice(toolChoice, names) }),
    }),
    ...(output !== undefined && { response_format: toFormat(output) }),
    ...(maxOutputTokens !== undefined && { [endpoint.limitField]: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && stop.length > 0 && { stop }),
    stream: true,
    stream_options: { include_usage: true },
  };
}

function toWireMessage(message: Message, names: ToolNames): JsonObject {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.text };
    case "assistant": {
      const calls = message.calls ?? [];
      if (calls.length === 0) return { role: "assistant", content: message.text };
      const text = message.text === "" ? null : message.text;
      return { role: "assistant", content: text, tool_calls: calls.map((call) => toWireCall(call, names)) };
    }
    case "tool": {
      const text = typeof message.output === "string" ? message.output : canonicalJson(message.output);
      const content = message.isError === true ? `Error: ${text}` : text;
      return { role: "tool", tool_call_id: message.call, content };
    }
  }
}

function toWireCall({ id, tool, input, invalid }: ToolCall, names: ToolNames): JsonObject {
  // Some servers parse the arguments of the past and fail on what is no object.
  const sent = invalid === undefined ? toObject(input) : {};
  return { id, type: "function", function: { name: names.toWire(tool), arguments: canonicalJson(sent) } };
}

function toObject(input: Json): Json {
  return typeof input === "object" && input !== null && !Array.isArray(input) ? input : {};
}

function toWireChoice(choice: NonNullable<ModelRequest["toolChoice"]>, names: ToolNames): Json {
  return typeof choice === "string" ? choice : { type: "function", function: { name: names.toWire(choice.tool) } };
}

function toFormat(schema: JsonSchema): JsonObject {
  return { type: "json_schema", json_schema: { name: "output", schema, strict: isStrictSchema(schema) } };
}
