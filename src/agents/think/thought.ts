import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";

/** What a thinking step is for. */
export type ThinkKind = "act" | "answer" | "criticise" | "summarise" | "reflect";

/** What a thinking step is given. The conversation is not in it: it is looked up, step by step, from `after` back. */
export interface ThinkInput {
  /** The run's input. */
  readonly of: Json;
  readonly kind: ThinkKind;
  /** The thinking step before this one. */
  readonly after?: string;
  /** The step that looked up what is remembered. */
  readonly memory?: string;
  /** Said to the model at the end of the conversation. */
  readonly note?: string;
  /** Which of the agent's models; default the first. */
  readonly model?: number;
  /** Tools that it is not offered this time. */
  readonly without?: readonly string[];
  readonly temperature?: number;
  /** How often the agent had been found to go round in circles by then, this time included. */
  readonly stall?: number;
  /** Why this is the last step, where it is for another reason than that the work is done. */
  readonly ended?: string;
}

/** A call that the model wants made. With a problem, it is not made and the model is told why. */
export interface ThoughtCall {
  readonly id: string;
  readonly tool: string;
  readonly input: Json;
  readonly problem?: string;
  /** What the model wrote, where the tool takes only a part of it. */
  readonly given?: Json;
}

/** What a thinking step gives. */
export interface Thought {
  readonly text: string;
  readonly calls: readonly ThoughtCall[];
  readonly finish: string;
  readonly input: number;
  readonly output: number;
  /** The answer as data, where the agent gives some. */
  readonly value: Json | undefined;
  /** Why the answer is not taken. */
  readonly problem: string | undefined;
}

/** Reads what a thinking step was given; the agent wrote it. */
export function readThinkInput(value: Json): ThinkInput {
  return remembered(inputs, value, parseThinkInput);
}

/** What is recorded never changes, and is looked at again at each step. */
const inputs = new WeakMap<object, ThinkInput>();
const thoughts = new WeakMap<object, Thought>();

function remembered<T>(known: WeakMap<object, T>, value: Json, parse: (value: Json) => T): T {
  if (typeof value !== "object" || value === null) return parse(value);
  const found = known.get(value) ?? parse(value);
  known.set(value, found);
  return found;
}

function parseThinkInput(value: Json): ThinkInput {
  const fields = isJsonObject(value) ? value : {};
  const { after, memory, note, model, without, temperature, stall, ended } = fields;
  return {
    of: fields["of"] ?? null,
    kind: kindOf(fields["kind"]),
    ...(typeof after === "string" && { after }),
    ...(typeof memory === "string" && { memory }),
    ...(typeof note === "string" && { note }),
    ...(typeof model === "number" && { model }),
    ...(typeof temperature === "number" && { temperature }),
    ...(typeof stall === "number" && { stall }),
    ...(typeof ended === "string" && { ended }),
    ...(Array.isArray(without) && { without: without.filter((name) => typeof name === "string") }),
  };
}

const KINDS: readonly ThinkKind[] = ["answer", "criticise", "summarise", "reflect"];

function kindOf(value: Json | undefined): ThinkKind {
  return KINDS.find((kind) => kind === value) ?? "act";
}

/** Reads what a thinking step gave, as it stands in the journal. */
export function readThought(output: Json): Thought {
  return remembered(thoughts, output, parseThought);
}

function parseThought(output: Json): Thought {
  const fields = isJsonObject(output) ? output : {};
  const { calls, value, problem, usage } = fields;
  return {
    text: textOf(fields["text"]),
    calls: Array.isArray(calls) ? calls.filter(isJsonObject).map(readCall) : [],
    finish: textOf(fields["finish"]),
    input: countIn(usage, "input"),
    output: countIn(usage, "output"),
    value,
    problem: typeof problem === "string" ? problem : undefined,
  };
}

function readCall({ id, tool, input = null, problem, given }: JsonObject): ThoughtCall {
  return {
    id: textOf(id),
    tool: textOf(tool),
    input,
    ...(typeof problem === "string" && { problem }),
    ...(given !== undefined && { given }),
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function countIn(usage: Json | undefined, field: string): number {
  const count = isJsonObject(usage) ? usage[field] : undefined;
  return typeof count === "number" ? count : 0;
}
