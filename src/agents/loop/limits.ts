import type { GrowingRun } from "../../action/index.ts";
import { toMicroUsd } from "../../models/index.ts";
import type { OnBudget } from "../options.ts";
import type { ThinkKind } from "../think/thought.ts";
import type { Agent } from "./agent.ts";
import { asksOf } from "./ask.ts";
import type { Turn } from "./turns.ts";

/** What a step is expected to use at most. It is reserved before, and what was not used is given back. */
export interface Need {
  readonly tokens: number;
  readonly microUsd: number;
  readonly steps: 1;
}

/** Characters for a token: low, so that the estimate is rather too large. */
const CHARS_PER_TOKEN = 3;
const ANSWER_TOKENS = 1_024;
const FIRST = { input: 0, output: 0 } as const;

/** What the next thinking step will use at most: all that was said so far, and a reply of full length. */
export function needOf(
  agent: Agent,
  run: GrowingRun,
  next: { readonly last: Turn | undefined; readonly kind: ThinkKind; readonly model: number },
): Need {
  const { last, kind, model } = next;
  const { input, output } = last?.thought ?? FIRST;
  const said = last === undefined ? charsOf(run.input) : resultChars(agent, run, last);
  const prompt = Math.max(input + output, agent.overhead) + Math.ceil(said / CHARS_PER_TOKEN) + 64;
  const reply = replyTokens(agent, kind);
  const price = agent.models[model]?.price;
  const microUsd = price === undefined ? 0 : toMicroUsd({ input: prompt, output: reply }, price);
  return { tokens: prompt + reply, microUsd, steps: 1 };
}

function replyTokens({ options }: Agent, kind: ThinkKind): number {
  const most = options.maxOutputTokens ?? 4_096;
  return kind === "act" ? most : Math.min(most, ANSWER_TOKENS);
}

function resultChars({ options }: Agent, run: GrowingRun, { calls }: Turn): number {
  const most = options.resultChars ?? 20_000;
  let chars = 0;
  for (const id of calls) chars += Math.min(most, charsOf(run.node(id)?.output ?? null));
  return chars;
}

function charsOf(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0;
}

/** What stands in the way of a step. */
export type Limit = "tokens" | "microUsd" | "calls" | "steps" | "time";

/** Tells which limit a step would break; `spare` is kept for a last answer. */
export function limitOn(
  agent: Agent,
  run: GrowingRun,
  { need, spare }: { readonly need: Need; readonly spare: Need | undefined },
): Limit | undefined {
  if (run.now >= deadlineOf(agent, run)) return "time";
  for (const counter of ["steps", "tokens", "microUsd"] as const)
    if (run.left(counter) < need[counter] + (spare?.[counter] ?? 0)) return counter;
  return run.left("calls") < 1 && agent.tools.size > 0 ? "calls" : undefined;
}

/** When its time is over; each time that a person gave it as much again counts. */
export function deadlineOf({ options }: Agent, run: GrowingRun): number {
  const wallMs = options.budget?.wallMs;
  return wallMs === undefined ? Infinity : run.createdAt + wallMs * (1 + asksOf(run).granted);
}

/** Whether a last answer is to be kept possible. */
export function keepsSpare(onBudget: OnBudget | undefined): boolean {
  return onBudget !== "stop";
}
