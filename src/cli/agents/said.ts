import { isJsonObject, toPrintable, type Json } from "../../base/index.ts";
import type { RunReport } from "../../plan/index.ts";
import { brief } from "../text.ts";

/** A call that a thought wants made; with a problem it is not made. */
export interface SaidCall {
  readonly tool: string;
  readonly input: Json;
  readonly problem: string | undefined;
}

/** What a thinking step gave, as the journal has it. */
export interface Said {
  readonly text: string;
  readonly calls: readonly SaidCall[];
}

/** Longest value that is shown in a line. */
export const LONGEST = 400;

/** Reads what a thinking step gave. */
export function readSaid(output: Json): Said {
  const { text, calls } = isJsonObject(output) ? output : {};
  const wanted = Array.isArray(calls) ? calls.filter(isJsonObject) : [];
  return {
    text: typeof text === "string" ? toPrintable(text) : "",
    calls: wanted.map(({ tool, input = null, problem }) => ({
      tool: typeof tool === "string" ? tool : "",
      input,
      problem: typeof problem === "string" ? problem : undefined,
    })),
  };
}

/** The calls that a run has already wanted, by the nodes that make them. */
export function callsIn({ nodes }: RunReport): ReadonlyMap<string, SaidCall> {
  const calls = new Map<string, SaidCall>();
  for (const { id, uses, output } of nodes.values()) {
    if (!isThought(uses)) continue;
    for (const [index, call] of readSaid(output).calls.entries()) calls.set(callNode(id, index), call);
  }
  return calls;
}

/** Id of the node that makes a call of a thought. */
export function callNode(thought: string, index: number): string {
  return `${thought}c${index}`;
}

/** Tells the action that asks an agent's model. */
export function isThought(uses: string): boolean {
  return uses.endsWith(".think");
}

/** Tells the actions that ask a planner's model. */
export function isPlanning(uses: string): boolean {
  return uses === "planner.plan" || uses === "planner.change";
}

/** The plan that a planning step gave, as a person reads it. */
export function planIn(output: Json): string {
  const { shown, tag } = isJsonObject(output) ? output : {};
  if (typeof shown === "string") return toPrintable(shown).trimEnd();
  return tag === "problems" ? "the plan can't be used as it is: asking again" : brief(output, LONGEST);
}

/** The words of a piece on its way from a model. */
export function wordsIn(piece: Json): string {
  const { type, text } = isJsonObject(piece) ? piece : {};
  return type === "text" && typeof text === "string" ? toPrintable(text) : "";
}
