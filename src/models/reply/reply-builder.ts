import { InputError, parseStrictJson } from "../../base/index.ts";
import type { Delta, FinishReason, ModelReply, ModelRequest, Price, ToolCall, Usage } from "../port.ts";
import { estimateReply, estimateRequest } from "../price/estimate.ts";
import { toMicroUsd } from "../price/to-micro-usd.ts";
import { toTooLarge } from "../wire/failures.ts";
import type { Subject } from "../wire/stopped.ts";
import type { ReplyLimits } from "../wire/limits.ts";
import type { ToolNames } from "./tool-names.ts";

/** What a reply is made from. */
export interface ReplyParts {
  readonly request: ModelRequest;
  readonly subject: Subject;
  readonly price: Price | undefined;
  readonly names: ToolNames;
  readonly limits: Pick<ReplyLimits, "maxCalls" | "maxCharacters">;
  readonly onDelta: ((delta: Delta) => void) | undefined;
}

/** A piece of a call; a piece without id or name continues the call in its slot. */
interface CallPiece {
  readonly slot: number | string;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly text?: string | undefined;
}

/** Gathers the pieces of one reply. */
export interface ReplyBuilder {
  readonly addText: (text: string) => void;
  readonly addReasoning: (text: string) => void;
  readonly addCall: (piece: CallPiece) => void;
  readonly setFinish: (finish: FinishReason) => void;
  readonly setUsage: (usage: Usage) => void;
  /** Has the model said that it is done? */
  readonly isFinished: () => boolean;
  readonly isEmpty: () => boolean;
  readonly finish: () => ModelReply;
}

interface OpenCall {
  id: string;
  name: string;
  readonly texts: string[];
  isTold: boolean;
}

/**
 * Gathers a reply, whatever wire it comes over. It is counted while it comes, so that one without end is given up.
 *
 * @throws {PermanentError} MODEL_REPLY_TOO_LARGE from each `add`.
 */
export function createReplyBuilder(parts: ReplyParts): ReplyBuilder {
  const { subject, limits, names, onDelta } = parts;
  const texts: string[] = [];
  const calls = new Map<number | string, OpenCall>();
  let finish: FinishReason | undefined;
  let usage: Usage | undefined;
  let characters = 0;

  const count = (text: string): void => {
    characters += text.length;
    if (characters > limits.maxCharacters) throw toTooLarge(subject, `${limits.maxCharacters} characters`);
  };
  const open = (slot: number | string): OpenCall => {
    const found = calls.get(slot);
    if (found !== undefined) return found;
    if (calls.size >= limits.maxCalls) throw toTooLarge(subject, `${limits.maxCalls} calls`);
    const call: OpenCall = { id: "", name: "", texts: [], isTold: false };
    calls.set(slot, call);
    return call;
  };
  const addCall = ({ slot, id, name, text }: CallPiece): void => {
    const call = open(slot);
    call.id ||= id ?? "";
    call.name ||= name ?? "";
    if (text !== undefined) {
      count(text);
      call.texts.push(text);
    }
    if (call.isTold || call.name === "") return;
    call.isTold = true;
    onDelta?.({ type: "call", tool: names.fromWire(call.name) });
  };
  return {
    addText: (text) => {
      if (text === "") return;
      count(text);
      texts.push(text);
      onDelta?.({ type: "text", text });
    },
    addReasoning: (text) => {
      if (text === "") return;
      count(text);
      onDelta?.({ type: "reasoning", text });
    },
    addCall,
    setFinish: (reason) => {
      finish = reason;
    },
    setUsage: (told) => {
      usage = told;
    },
    isFinished: () => finish !== undefined,
    isEmpty: () => texts.length === 0 && calls.size === 0,
    finish: () => toReply(parts, { text: texts.join("").toWellFormed(), calls: [...calls.values()], finish, usage }),
  };
}

interface Gathered {
  readonly text: string;
  readonly calls: readonly OpenCall[];
  readonly finish: FinishReason | undefined;
  readonly usage: Usage | undefined;
}

function toReply({ request, subject, price, names }: ReplyParts, gathered: Gathered): ModelReply {
  const ids = new Set<string>();
  const calls = gathered.calls.map((call, index) => toCall(call, { names, ids, spare: spareId(request, index) }));
  const { text } = gathered;
  const usage = gathered.usage ?? {
    input: estimateRequest(request),
    output: estimateReply(text, calls),
    isEstimated: true,
  };
  return {
    text,
    calls,
    finish: toFinish(gathered.finish ?? "other", calls.length),
    usage,
    model: subject.name,
    ...(price !== undefined && { microUsd: toMicroUsd(usage, price) }),
  };
}

/** Some servers end a reply with calls by `stop`, or say that there are calls where there are none. */
function toFinish(finish: FinishReason, calls: number): FinishReason {
  if (calls > 0 && finish === "stop") return "tool-calls";
  return calls === 0 && finish === "tool-calls" ? "other" : finish;
}

/** Unique in its conversation, and equal for the same request. */
function spareId(request: ModelRequest, index: number): string {
  return `call_${request.messages.length}_${index}`;
}

function toCall(
  { id, name, texts }: OpenCall,
  { names, ids, spare }: { readonly names: ToolNames; readonly ids: Set<string>; readonly spare: string },
): ToolCall {
  const own = id === "" || ids.has(id) ? spare : id;
  ids.add(own);
  const text = texts.join("").toWellFormed();
  return { id: own, tool: names.fromWire(name), ...readArguments(text) };
}

/** No arguments at all are how many servers write those of a tool that takes none. */
function readArguments(text: string): Pick<ToolCall, "input" | "invalid"> {
  if (text.trim() === "") return { input: {} };
  try {
    return { input: parseStrictJson(text) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { input: null, invalid: text };
  }
}
