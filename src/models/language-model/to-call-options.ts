import type { LanguageModelV4FunctionTool } from "@ai-sdk/provider";
import { isJsonObject, type Json } from "../../base/index.ts";
import type { Message, ModelContext, ModelRequest, ToolCall } from "../port.ts";
import type { ToolNames } from "../reply/tool-names.ts";

type Schema = LanguageModelV4FunctionTool["inputSchema"];

/** The part of the specification's options that is used here: the same in its versions 3 and 4. */
export interface CallOptions {
  readonly prompt: PromptMessage[];
  readonly abortSignal: AbortSignal;
  readonly headers?: Record<string, string>;
  readonly tools?: { type: "function"; name: string; description: string; inputSchema: Schema }[];
  readonly toolChoice?: { type: "auto" | "none" | "required" } | { type: "tool"; toolName: string };
  readonly responseFormat?: { type: "json"; schema: Schema; name: string };
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly stopSequences?: string[];
}

type PromptMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: TextPart[] }
  | { role: "assistant"; content: (TextPart | CallPart)[] }
  | { role: "tool"; content: ResultPart[] };

interface TextPart {
  type: "text";
  text: string;
}

interface CallPart {
  type: "tool-call";
  toolCallId: string;
  toolName: string;
  input: unknown;
}

interface ResultPart {
  type: "tool-result";
  toolCallId: string;
  toolName: string;
  output: { type: "text" | "error-text"; value: string } | { type: "json" | "error-json"; value: MutableJson };
}

/** Writes a request as the AI SDK's specification has it. */
export function toCallOptions(request: ModelRequest, { signal, key }: ModelContext, names: ToolNames): CallOptions {
  const { tools = [], toolChoice, output, maxOutputTokens, temperature, seed, stop } = request;
  return {
    prompt: request.messages.map((message) => toPromptMessage(message, names)),
    abortSignal: signal,
    ...(key !== undefined && { headers: { "idempotency-key": key } }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, input }) => ({
        type: "function" as const,
        name: names.toWire(name),
        description,
        inputSchema: toSchema(input),
      })),
      ...(toolChoice !== undefined && {
        toolChoice:
          typeof toolChoice === "string"
            ? { type: toolChoice }
            : { type: "tool" as const, toolName: names.toWire(toolChoice.tool) },
      }),
    }),
    ...(output !== undefined && {
      responseFormat: { type: "json" as const, schema: toSchema(output), name: "output" },
    }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && { stopSequences: [...stop] }),
  };
}

function toPromptMessage(message: Message, names: ToolNames): PromptMessage {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.text };
    case "user":
      return { role: "user", content: [{ type: "text", text: message.text }] };
    case "assistant": {
      const text = message.text === "" ? [] : [{ type: "text" as const, text: message.text }];
      return { role: "assistant", content: [...text, ...(message.calls ?? []).map((call) => toCallPart(call, names))] };
    }
    case "tool":
      return { role: "tool", content: [toResultPart(message, names)] };
  }
}

function toCallPart({ id, tool, input, invalid }: ToolCall, names: ToolNames): CallPart {
  const sent = invalid === undefined && isJsonObject(input) ? input : {};
  return { type: "tool-call", toolCallId: id, toolName: names.toWire(tool), input: sent };
}

function toResultPart(
  { call, tool, output, isError = false }: Extract<Message, { role: "tool" }>,
  names: ToolNames,
): ResultPart {
  const part = { type: "tool-result", toolCallId: call, toolName: names.toWire(tool) } as const;
  if (typeof output === "string") return { ...part, output: { type: isError ? "error-text" : "text", value: output } };
  return { ...part, output: { type: isError ? "error-json" : "json", value: toMutable(output) } };
}

type MutableJson = null | boolean | number | string | MutableJson[] | { [key: string]: MutableJson };

/** The specification's types are those of values that may be changed; a copy may. */
function toMutable(value: Json): MutableJson {
  const copy: MutableJson = JSON.parse(JSON.stringify(value));
  return copy;
}

function toSchema(schema: Json): Schema {
  const copy: Schema = JSON.parse(JSON.stringify(schema === true ? {} : schema));
  return copy;
}
