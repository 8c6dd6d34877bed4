import type { GrowingRun } from "../../action/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";

/** What a person may say to an agent whose budget is used up. */
const ANSWERS = ["again", "finish", "stop"] as const;
type Answer = (typeof ANSWERS)[number];

/** The questions about its budget that an agent has asked. */
export interface Asks {
  readonly count: number;
  readonly isOpen: boolean;
  /** What was said to the last one; nobody's word is a no. */
  readonly last: Answer | undefined;
  /** How often it was given as much again. */
  readonly granted: number;
}

function askNode(number: number): string {
  return `q${number}`;
}

/** Gives what was asked and answered so far. */
export function asksOf(run: GrowingRun): Asks {
  let granted = 0;
  let last: Answer | undefined;
  for (let number = 1; ; number += 1) {
    const node = run.node(askNode(number));
    if (node === undefined) return { count: number - 1, isOpen: false, last, granted };
    if (node.state === "open") return { count: number, isOpen: true, last: undefined, granted };
    last = node.state === "succeeded" ? answerIn(node.output) : "finish";
    if (last === "again") granted += 1;
  }
}

/** Whether a person gave as much again after a step had failed for lack of it: then it is taken once more. */
export function isGrantedSince(run: GrowingRun, id: string): boolean {
  const { count, last } = asksOf(run);
  return last === "again" && run.ids.indexOf(askNode(count)) > run.ids.indexOf(id);
}

function answerIn(output: Json): Answer {
  const value = isJsonObject(output) ? output["value"] : undefined;
  return ANSWERS.find((answer) => answer === value) ?? "finish";
}

/** Asks a person what is to be done. */
export function toAsk(number: number, show: JsonObject): JsonObject {
  return {
    op: "add-node",
    id: askNode(number),
    node: { uses: "ask", with: { show, answer: { enum: [...ANSWERS] } }, onFailure: "observe" },
  };
}
