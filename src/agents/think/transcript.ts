import type { AttemptContext, ReadNode } from "../../action/index.ts";
import { isJsonObject, type Json } from "../../base/index.ts";
import type { Message, ToolCall } from "../../models/index.ts";
import { capResult } from "../tools/index.ts";
import { readThinkInput, readThought, type ThinkInput, type Thought, type ThoughtCall } from "./thought.ts";

/** Id of the node that makes a call. */
export function callNode(turn: string, index: number): string {
  return `${turn}c${index}`;
}

type Read = AttemptContext<Json>["read"];

/** A step of the past, as the journal has it. */
interface Past {
  readonly id: string;
  readonly input: ThinkInput;
  readonly thought: Thought;
}

/**
 * Gives the conversation so far, oldest first. It is nowhere stored as a whole: each step is looked up where it was
 * recorded, back to the last summary, so that a run of n steps keeps n steps and not n².
 */
export function readTranscript(
  input: ThinkInput,
  read: Read,
  { resultChars }: { readonly resultChars: number },
): readonly Message[] {
  const past = readPast(input.after, read);
  return past.flatMap((step) => toMessages(step, { read, resultChars }));
}

function readPast(after: string | undefined, read: Read): readonly Past[] {
  const past: Past[] = [];
  for (let id = after; id !== undefined;) {
    const node = read(id);
    if (node === undefined) break;
    const input = readThinkInput(node.input);
    if (node.outcome.tag === "succeeded") past.push({ id, input, thought: readThought(node.outcome.output) });
    id = input.kind === "summarise" && node.outcome.tag === "succeeded" ? undefined : input.after;
  }
  return past.toReversed();
}

interface Showing {
  readonly read: Read;
  readonly resultChars: number;
}

function toMessages({ id, input, thought }: Past, showing: Showing): readonly Message[] {
  if (input.kind === "summarise")
    return [{ role: "user", text: `Summary of what has happened so far:\n${thought.text}` }];
  const note: readonly Message[] = input.note === undefined ? [] : [{ role: "user", text: input.note }];
  const calls = thought.calls.map(({ id: call, tool, input: bare, given = bare }): ToolCall => ({
    id: call,
    tool,
    input: given,
  }));
  const said: Message = { role: "assistant", text: thought.text, ...(calls.length > 0 && { calls }) };
  const results = thought.calls.map((call, index) => toResult(call, showing.read(callNode(id, index)), showing));
  return [...note, said, ...results];
}

/** A failure is an answer too: the model sees what went wrong, and nothing is swallowed. */
function toResult(call: ThoughtCall, node: ReadNode | undefined, { resultChars }: Showing): Message {
  const base = { role: "tool", call: call.id, tool: call.tool } as const;
  if (call.problem !== undefined) return { ...base, output: { error: call.problem }, isError: true };
  if (node === undefined) return { ...base, output: { error: "This call was not made." }, isError: true };
  const { outcome } = node;
  if (outcome.tag === "skipped") return { ...base, output: { error: "This call was skipped." }, isError: true };
  if (outcome.tag === "failed")
    return { ...base, output: { error: `${outcome.code}: ${outcome.message}` }, isError: true };
  return { ...base, output: capResult(answerIn(node, outcome.output), resultChars) };
}

/** Of a question to a person the model sees the answer, not the form in which the journal keeps it. */
function answerIn({ uses }: ReadNode, output: Json): Json {
  return uses === "ask" && isJsonObject(output) ? (output["value"] ?? null) : output;
}
