import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import type { FinishReason, Usage } from "../port.ts";
import type { ReplyBuilder } from "../reply/reply-builder.ts";

/**
 * Takes one chunk of a stream, or a whole reply, into the builder: the two differ only in `delta` and `message`. What
 * a server adds of its own is passed over, and so is a part of the wrong type.
 */
export function readChunk(chunk: JsonObject, builder: ReplyBuilder, slots: CallSlots): void {
  const usage = readUsage(chunk["usage"]);
  if (usage !== undefined) builder.setUsage(usage);
  const choice = Array.isArray(chunk["choices"]) ? chunk["choices"][0] : undefined;
  if (!isJsonObject(choice)) return;
  const part = choice["delta"] ?? choice["message"];
  if (isJsonObject(part)) readPart(part, builder, slots);
  const finish = choice["finish_reason"];
  if (typeof finish === "string" && finish !== "") builder.setFinish(FINISH[finish] ?? "other");
}

const FINISH: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
  error: "error",
};

function readPart(part: JsonObject, builder: ReplyBuilder, slots: CallSlots): void {
  builder.addReasoning(toText(part["reasoning_content"] ?? part["reasoning"]));
  builder.addText(toText(part["content"]));
  // A refusal is what the model says, and the server's finish reason says that it is one.
  builder.addText(toText(part["refusal"]));
  const calls = part["tool_calls"];
  if (!Array.isArray(calls)) return;
  for (const call of calls) if (isJsonObject(call)) readCall(call, builder, slots);
}

function readCall(call: JsonObject, builder: ReplyBuilder, slots: CallSlots): void {
  const { id, index, function: called } = call;
  if (!isJsonObject(called)) return;
  const own = typeof id === "string" && id !== "" ? id : undefined;
  const name = typeof called["name"] === "string" && called["name"] !== "" ? called["name"] : undefined;
  const slot = slots.find(typeof index === "number" ? index : undefined, own, name !== undefined);
  builder.addCall({ slot, id: own, name, text: toArguments(called["arguments"]) });
}

/** Some servers send the arguments as an object. */
function toArguments(value: Json | undefined): string | undefined {
  if (typeof value === "string" || value === undefined || value === null) return value ?? undefined;
  return JSON.stringify(value);
}

function toText(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Says which call a piece belongs to. */
export interface CallSlots {
  readonly find: (index: number | undefined, id: string | undefined, isNamed: boolean) => number;
}

/** Servers leave the index out, or give whole calls the same one: then a new id with a name begins a new call. */
export function createCallSlots(): CallSlots {
  const byIndex = new Map<number, { readonly slot: number; readonly id: string | undefined }>();
  let slots = 0;
  return {
    find: (index = -1, id, isNamed) => {
      const open = byIndex.get(index);
      const isOther = isNamed && (id === undefined ? index === -1 : open?.id !== undefined && open.id !== id);
      if (open !== undefined && !isOther) return open.slot;
      const slot = slots;
      slots += 1;
      byIndex.set(index, { slot, id });
      return slot;
    },
  };
}

function readUsage(usage: Json | undefined): Usage | undefined {
  if (!isJsonObject(usage)) return undefined;
  const input = toCount(usage["prompt_tokens"]);
  const output = toCount(usage["completion_tokens"]);
  if (input === undefined || output === undefined) return undefined;
  const cachedInput = toCount(field(usage["prompt_tokens_details"], "cached_tokens"));
  const reasoning = toCount(field(usage["completion_tokens_details"], "reasoning_tokens"));
  return {
    input,
    output,
    ...(cachedInput !== undefined && { cachedInput: Math.min(cachedInput, input) }),
    ...(reasoning !== undefined && { reasoning: Math.min(reasoning, output) }),
  };
}

function field(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}

function toCount(value: Json | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
