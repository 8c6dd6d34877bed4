import { canonicalJson } from "../../base/index.ts";
import type { Message, ModelRequest, ToolCall } from "../port.ts";

/** What the frame of a message or tool costs beside its text. */
const FRAME = 8;

/**
 * Guesses the tokens of a text: about four characters of plain text are one, of other scripts about one each. For
 * showing and for servers that report no usage; not for a budget, see `estimateMost`.
 */
export function estimateTokens(text: string): number {
  const { plain, other } = countKinds(text);
  return Math.ceil(plain / 4 + other);
}

function countKinds(text: string): { readonly plain: number; readonly other: number } {
  let other = 0;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) other++;
  return { plain: text.length - other, other };
}

/** Words (short ones in one case are few tokens), then whatever else there is, character by character. */
const PIECE = /[A-Z]?[a-z]+|[A-Z]+|\d|\s+|[^]/gu;

/**
 * Tokens that a text will hardly exceed with the tokenisers in use: a token for every two letters of a word, one for
 * each digit, sign and line, the bytes of other scripts. Random letters, as in keys, can exceed it.
 */
export function estimateMost(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECE)) tokens += pieceTokens(piece);
  return tokens;
}

function pieceTokens(piece: string): number {
  const code = piece.charCodeAt(0);
  if (code > 127) return Buffer.byteLength(piece);
  if (code > 32) return Math.ceil(piece.length / 2);
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
