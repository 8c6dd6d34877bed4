import { randomUUID } from "node:crypto";
import { isJsonObject } from "../../base/index.ts";
import type { RunTag } from "../../plan/index.ts";
import type { Desk } from "../desk.ts";
import { isOpenTag } from "../standing.ts";
import { goalIn, settingsIn, type AgentSettings, type PastTurn } from "./settings.ts";
import { addUsed, NOTHING, usedBy, type Used } from "./usage.ts";

/** One line of a conversation, and the run that answered it. */
export interface Turn {
  readonly run: string;
  readonly tag: RunTag;
  readonly goal: string;
  /** Null where there is none. */
  readonly answer: string | null;
  readonly used: Used;
}

/** A conversation: its turns are the runs that have its tag. */
export interface Conversation {
  readonly id: string;
  readonly turns: readonly Turn[];
  /** What its agent was made of last. */
  readonly settings: AgentSettings | undefined;
}

/** Turns, and characters of them, that the next one is told. What is older is forgotten. */
const MOST_TURNS = 20;
const MOST_CHARACTERS = 12_000;
const MOST_RUNS = 10_000;

/** The tag of a conversation's runs. */
export function tagOf(id: string): string {
  return `chat:${id}`;
}

/** A name for a new conversation. */
export function freshName(): string {
  return `chat-${randomUUID().slice(0, 8)}`;
}

/** Reads a conversation from the folder; of a new one there is nothing yet. */
export async function readConversation(desk: Desk, id: string): Promise<Conversation> {
  const runs = await desk.client().runs({ tags: [tagOf(id)], limit: MOST_RUNS });
  const turns: Turn[] = [];
  let settings: AgentSettings | undefined;
  for (const { run, parent } of runs.toReversed()) {
    if (parent !== undefined) continue;
    const turn = await readTurn(desk, run);
    turns.push(turn.turn);
    settings = turn.settings ?? settings;
  }
  return { id, turns, settings };
}

async function readTurn(
  desk: Desk,
  run: string,
): Promise<{ readonly turn: Turn; readonly settings: AgentSettings | undefined }> {
  const client = desk.client();
  const report = await (await client.run(run)).report();
  const output = report.end?.output ?? null;
  const answer = isJsonObject(output) ? output["answer"] : undefined;
  const turn: Turn = {
    run,
    tag: report.tag,
    goal: goalIn(report.input),
    answer: typeof answer === "string" ? answer : null,
    used: await usedBy(client, report),
  };
  return { turn, settings: settingsIn(report.input) };
}

/** What the next turn is told of those before: the latest that were answered and still stand. */
export function remembered(turns: readonly Turn[]): readonly PastTurn[] {
  const told: PastTurn[] = [];
  let length = 0;
  for (const { tag, goal, answer } of turns.toReversed()) {
    if (tag !== "succeeded" || answer === null) continue;
    length += goal.length + answer.length;
    if (told.length === MOST_TURNS || (length > MOST_CHARACTERS && told.length > 0)) break;
    told.push(length > MOST_CHARACTERS ? { goal: cut(goal), answer: cut(answer) } : { goal, answer });
  }
  return told.toReversed();
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS / 2 ? `${text.slice(0, MOST_CHARACTERS / 2)} …` : text;
}

/** The turn that /undo takes back: the last that has done anything and still stands. */
export function lastStanding(turns: readonly Turn[]): Turn | undefined {
  return turns.findLast(({ tag }) => tag === "succeeded" || tag === "failed" || isOpenTag(tag));
}

/** What all turns have used. */
export function usedByAll(turns: readonly Turn[]): Used {
  return turns.reduce((sum, { used }) => addUsed(sum, used), NOTHING);
}
