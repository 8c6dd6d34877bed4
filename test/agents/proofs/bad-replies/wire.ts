import type { HttpFault } from "../../../../src/models/index.ts";

/** Bytes as servers send them, for replies that are wrong on purpose. */

const JSON_TYPE = { "content-type": "application/json" };

export const DONE = "data: [DONE]\n\n";

/** One event of a stream. */
export function chunk(delta: object, finish: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
}

/** The event that says what a reply used. */
export function usage(input: number, output: number): string {
  const used = { prompt_tokens: input, completion_tokens: output };
  return `data: ${JSON.stringify({ choices: [], usage: used })}\n\n`;
}

/** The piece of a call. */
export function call(index: number, name: string, text: string): object {
  return { tool_calls: [{ index, id: `id-${index}`, type: "function", function: { name, arguments: text } }] };
}

/** An answer in one piece. */
export function said(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpFault {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: { ...JSON_TYPE, ...headers }, pieces: [text] };
}

/** The usual form of an error. */
export function complaint(message: string, more: object = {}): object {
  return { error: { message, ...more } };
}

export function* endless(piece: string): Generator<string> {
  for (;;) yield piece;
}

export function* many(count: number, piece: (at: number) => string): Generator<string> {
  for (let at = 0; at < count; at += 1) yield piece(at);
}
