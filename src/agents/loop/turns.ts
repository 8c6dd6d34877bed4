import type { GrowingRun, GrownNode } from "../../action/index.ts";
import { callNode } from "../think/transcript.ts";
import { readThinkInput, readThought, type ThinkInput, type Thought } from "../think/thought.ts";

/** A thinking step of a run, with the calls that came of it. */
export interface Turn {
  readonly id: string;
  readonly number: number;
  readonly node: GrownNode;
  readonly input: ThinkInput;
  readonly thought: Thought;
  /** Ids of the nodes that make its calls; a call that could not be made has none. */
  readonly calls: readonly string[];
}

/** Id of a thinking step, counted from 1. */
export function turnNode(number: number): string {
  return `t${number}`;
}

const TURN = /^t(\d+)$/u;

/** How many thinking steps a run has, the one in progress included. They are the last or nearly last of its nodes. */
export function countTurns({ ids }: GrowingRun): number {
  for (let at = ids.length - 1; at >= 0; at -= 1) {
    const number = TURN.exec(ids[at] ?? "")?.[1];
    if (number !== undefined) return Number(number);
  }
  return 0;
}

/** Gives a thinking step; undefined: there is none of that number. */
export function turnAt(run: GrowingRun, number: number): Turn | undefined {
  const id = turnNode(number);
  const node = run.node(id);
  if (node === undefined) return undefined;
  const thought = readThought(node.state === "succeeded" ? node.output : null);
  const calls = thought.calls.map((_, index) => callNode(id, index)).filter((call) => run.node(call) !== undefined);
  return { id, number, node, input: readThinkInput(node.with), thought, calls };
}

/** The steps before one and that one, oldest first, at most so many. */
export function lastTurns(run: GrowingRun, number: number, most: number): readonly Turn[] {
  const turns: Turn[] = [];
  for (let at = Math.max(1, number - most + 1); at <= number; at += 1) {
    const turn = turnAt(run, at);
    if (turn !== undefined) turns.push(turn);
  }
  return turns;
}
