import { canonicalJson } from "../../base/index.ts";
import type { Message, ModelRequest, ToolCall } from "../port.ts";

/** What the frame of a message or tool costs beside its text. */
const FRAME = 8;

/** What the bound below comes to in plain text, code and JSON: real counts were 0.5 to 0.6 of it. */
const USUAL_SHARE = 0.55;

/**
 * Guesses the tokens of a text, for showing and for servers that report no usage: right within about a third for prose,
 * code and JSON. Not for a budget, see `estimateMost`.
 */
export function estimateTokens(text: string): number {
  return Math.ceil(USUAL_SHARE * estimateMost(text));
}

/** What looks like a key or an encoding; words, each capital beginning a new one; whatever else, character by character. */
const PIECE = /[\w+/=-]{24,}|[A-Z]?[a-z]+|[A-Z]+|\d|\s+|[^]/gu;
const LONG = 24;

/**
 * Tokens that a text will hardly exceed: one for every two letters of a word, for each digit, sign and line, for each
 * byte of other scripts, and for each character of what has no words in it. Made to lie above the counts of a
 * tokeniser with a small vocabulary (49,152 tokens); those of larger ones are lower.
 */
export function estimateMost(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECE)) tokens += pieceTokens(piece);
  return tokens;
}

function pieceTokens(piece: string): number {
  const code = piece.charCodeAt(0);
  if (code > 127) return Buffer.byteLength(piece);
  if (code > 32) return piece.length >= LONG ? piece.length : Math.ceil(piece.length / 2);
  // One space belongs to the word after it.
  return piece === " " ? 0 : piece.length;
}

/** Guesses the tokens of a request: messages, tools and schema. */
export function estimateRequest(request: ModelRequest): number {
  return sumRequest(request, estimateTokens);
}

/** Tokens that a request will hardly exceed, for reserving a budget before it is sent. */
export function estimateMostOfRequest(request: ModelRequest): number {
  // Servers put instructions of their own around tools and schemas.
  const around = (request.tools ?? []).length > 0 || request.output !== undefined ? 512 : 64;
  return sumRequest(request, estimateMost) + around;
}

export function estimateReply(text: string, calls: readonly ToolCall[]): number {
  return estimateTokens(text) + sumCalls(calls, estimateTokens);
}

type Estimate = (text: string) => number;

function sumRequest({ messages, tools = [], output }: ModelRequest, estimate: Estimate): number {
  let tokens = 0;
  for (const message of messages) tokens += FRAME + messageTokens(message, estimate);
  for (const { name, description, input } of tools) {
    tokens += FRAME + estimate(name) + estimate(description) + estimate(canonicalJson(input));
  }
  return output === undefined ? tokens : tokens + estimate(canonicalJson(output));
}

function messageTokens(message: Message, estimate: Estimate): number {
  if (message.role === "tool") return estimate(canonicalJson(message.output));
  const text = estimate(message.text);
  return message.role === "assistant" ? text + sumCalls(message.calls ?? [], estimate) : text;
}

function sumCalls(calls: readonly ToolCall[], estimate: Estimate): number {
  let tokens = 0;
  for (const { tool, input, invalid } of calls)
    tokens += FRAME + estimate(tool) + estimate(invalid ?? canonicalJson(input));
  return tokens;
}
