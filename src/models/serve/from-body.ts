import {
  InputError,
  isJsonObject,
  parseStrictJson,
  type Json,
  type JsonObject,
  type JsonSchema,
} from "../../base/index.ts";
import type { Message, ModelRequest, ToolCall, ToolSpec } from "../port.ts";

/** What a client of OpenAI's chat completions asks for. */
export interface AskedOverWire {
  readonly model: string;
  readonly request: ModelRequest;
  readonly isStream: boolean;
  readonly wantsUsage: boolean;
}

/** Reads the body of a request for a chat completion; what is of no use to a model here is passed over. */
export function fromBody(body: Json): AskedOverWire {
  if (!isJsonObject(body) || !Array.isArray(body["messages"])) {
    throw new InputError("MODEL_REQUEST_INVALID", "Expected a body with messages, got something else.");
  }
  const names = new Map<string, string>();
  const messages = body["messages"].filter(isJsonObject).map((message) => fromMessage(message, names));
  const request: ModelRequest = {
    messages,
    ...optional("tools", fromTools(body["tools"])),
    ...optional("toolChoice", fromChoice(body["tool_choice"])),
    ...optional("output", fromFormat(body["response_format"])),
    ...optional("maxOutputTokens", toNumber(body["max_completion_tokens"] ?? body["max_tokens"])),
    ...optional("temperature", toNumber(body["temperature"])),
    ...optional("seed", toNumber(body["seed"])),
    ...optional("stop", toTexts(body["stop"])),
  };
  const options = body["stream_options"];
  return {
    model: toText(body["model"]),
    request,
    isStream: body["stream"] === true,
    wantsUsage: isJsonObject(options) && options["include_usage"] === true,
  };
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [N in Name]?: Value } {
  const given: { [N in Name]?: Value } = {};
  if (value !== undefined) given[name] = value;
  return given;
}

function fromMessage(message: JsonObject, names: Map<string, string>): Message {
  const text = toText(message["content"]);
  switch (message["role"]) {
    case "system":
    case "developer":
      return { role: "system", text };
    case "assistant": {
      const list = Array.isArray(message["tool_calls"]) ? message["tool_calls"].filter(isJsonObject) : [];
      const calls = list.map(fromCall);
      for (const { id, tool } of calls) names.set(id, tool);
      return calls.length === 0 ? { role: "assistant", text } : { role: "assistant", text, calls };
    }
    case "tool": {
      const call = toText(message["tool_call_id"]);
      const isError = text.startsWith("Error: ");
      const output = fromOutput(isError ? text.slice("Error: ".length) : text);
      return { role: "tool", call, tool: names.get(call) ?? "", output, ...(isError && { isError }) };
    }
    default:
      return { role: "user", text };
  }
}

function fromCall(call: JsonObject): ToolCall {
  const called = isJsonObject(call["function"]) ? call["function"] : {};
  const text = toText(called["arguments"]);
  const input = parseOr(text);
  const base = { id: toText(call["id"]), tool: toText(called["name"]) };
  return input === undefined ? { ...base, input: null, invalid: text } : { ...base, input };
}

/** Texts that are numbers or words stay texts: only what can be nothing else is JSON. */
function fromOutput(text: string): Json {
  return /^\s*[[{]/u.test(text) ? (parseOr(text) ?? text) : text;
}

function parseOr(text: string): Json | undefined {
  try {
    return parseStrictJson(text);
  } catch {
    return undefined;
  }
}

function fromTools(tools: Json | undefined): readonly ToolSpec[] | undefined {
  if (!Array.isArray(tools)) return undefined;
  return tools.flatMap((tool) => {
    const called = isJsonObject(tool) ? tool["function"] : undefined;
    if (!isJsonObject(called)) return [];
    return [
      {
        name: toText(called["name"]),
        description: toText(called["description"]),
        input: toSchema(called["parameters"]),
      },
    ];
  });
}

function fromChoice(choice: Json | undefined): ModelRequest["toolChoice"] {
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  const called = isJsonObject(choice) ? choice["function"] : undefined;
  return isJsonObject(called) ? { tool: toText(called["name"]) } : undefined;
}

function fromFormat(format: Json | undefined): JsonSchema | undefined {
  const inner = isJsonObject(format) ? format["json_schema"] : undefined;
  return isJsonObject(inner) ? toSchema(inner["schema"]) : undefined;
}

function toSchema(value: Json | undefined): JsonSchema {
  return isJsonObject(value) ? value : {};
}

function toNumber(value: Json | undefined): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function toTexts(value: Json | undefined): readonly string[] | undefined {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((part) => typeof part === "string") : undefined;
}

/** Content is a text, or a list of parts. */
function toText(value: Json | undefined): string {
  if (Array.isArray(value)) return value.map((part) => (isJsonObject(part) ? toText(part["text"]) : "")).join("");
  return typeof value === "string" ? value : "";
}
