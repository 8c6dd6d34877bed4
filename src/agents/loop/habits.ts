import type { GrowingRun, Growth } from "../../action/index.ts";
import { isJsonObject, type Json } from "../../base/index.ts";
import type { Agent } from "./agent.ts";
import { toEnd } from "./end.ts";
import { limitOn, needOf } from "./limits.ts";
import { patch, toLiteral, toThinkNode } from "./steps.ts";
import { turnAt, type Turn } from "./turns.ts";

/*
 * What an autonomous agent does beside thinking and acting: it looks up what was learnt, looks back at its work, lets a
 * policy choose among next steps, and writes down what it learnt.
 */

const RECALL = "m";
const LEARN = "l";

/** What was learnt before: to be looked up, being looked up, or there (nothing, without a memory). */
type Recalling =
  | { readonly tag: "grow"; readonly growth: Growth }
  | { readonly tag: "open" }
  | { readonly tag: "there"; readonly memory: string | undefined };

/** Looks up what was learnt before. */
export function beginWithMemory({ habits }: Agent, run: GrowingRun): Recalling {
  const { memory } = habits;
  if (memory === undefined) return { tag: "there", memory: undefined };
  const node = run.node(RECALL);
  if (node !== undefined) return node.state === "open" ? { tag: "open" } : { tag: "there", memory: RECALL };
  const input = { query: "${input}", kind: memory.kind };
  const recall = { uses: memory.recall.name, with: input, onFailure: "observe" };
  return { tag: "grow", growth: patch({ op: "add-node", id: RECALL, node: recall }) };
}

/** What comes between the calls of a step and the next thought; undefined: nothing. */
export function nextHabit(agent: Agent, run: GrowingRun, turn: Turn): Growth | undefined {
  const { choose } = agent.habits;
  if (choose !== undefined) return afterChoice(agent, run, turn);
  return mustCriticise(agent, run, turn) ? thinkOf(agent, run, { turn, kind: "criticise" }) : undefined;
}

function mustCriticise({ habits }: Agent, run: GrowingRun, turn: Turn): boolean {
  const { criticiseEvery } = habits;
  if (criticiseEvery === undefined) return false;
  const allFailed = turn.calls.length > 0 && turn.calls.every((id) => run.node(id)?.state === "failed");
  return allFailed || stepsSinceLookBack(run, turn) >= criticiseEvery;
}

function stepsSinceLookBack(run: GrowingRun, turn: Turn): number {
  let steps = 0;
  for (let number = turn.number; number >= 1; number -= 1) {
    const kind = turnAt(run, number)?.input.kind;
    if (kind === "criticise") return steps;
    if (kind === "act") steps += 1;
  }
  return steps;
}

/** Id of the node that chooses what comes after a step. */
export function choiceNode({ number }: Turn): string {
  return `n${number}`;
}

/** A policy says what comes next, once a step; what it chose is in the journal like any decision. */
function afterChoice(agent: Agent, run: GrowingRun, turn: Turn): Growth | undefined {
  const { choose } = agent.habits;
  const id = choiceNode(turn);
  const node = run.node(id);
  if (choose === undefined) return undefined;
  if (node === undefined) {
    const state = {
      step: turn.number,
      failed: failedCalls(run, turn),
      calls: turn.calls.length,
      sinceLookBack: stepsSinceLookBack(run, turn),
    };
    return patch({
      op: "add-node",
      id,
      node: { uses: choose.name, with: state, after: [...turn.calls], onFailure: "observe" },
    });
  }
  switch (node.output) {
    case "criticise":
      return thinkOf(agent, run, { turn, kind: "criticise" });
    case "replan":
      return thinkOf(agent, run, { turn, kind: "criticise", note: "Make a new plan for the rest of the task." });
    case "finish":
      return thinkOf(agent, run, { turn, kind: "answer" });
    default:
      return undefined;
  }
}

function failedCalls(run: GrowingRun, { calls }: Turn): number {
  return calls.filter((id) => run.node(id)?.state === "failed").length;
}

/** Before the end: what was learnt, if there is a memory and the budget covers it. */
export function reflect(agent: Agent, run: GrowingRun, turn: Turn): Growth | undefined {
  return agent.habits.memory === undefined ? undefined : thinkOf(agent, run, { turn, kind: "reflect" });
}

interface Thinking {
  /** The step after which it thinks. */
  readonly turn: Turn;
  readonly kind: "criticise" | "answer" | "reflect";
  readonly note?: string;
}

function thinkOf(agent: Agent, run: GrowingRun, { turn, kind, note }: Thinking): Growth | undefined {
  const model = turn.input.model ?? 0;
  const need = needOf(agent, run, { last: turn, kind, model });
  const spare = kind === "criticise" ? needOf(agent, run, { last: turn, kind: "answer", model }) : undefined;
  if (limitOn({ ...agent, tools: new Map() }, run, { need, spare }) !== undefined) return undefined;
  const { memory } = turn.input;
  return patch(
    toThinkNode(agent, run, {
      last: turn,
      kind,
      need,
      ...(note !== undefined && { note }),
      ...(model > 0 && { model }),
      ...(memory !== undefined && { memory }),
    }),
  );
}

/** Writes the lessons down, then ends. A memory that fails costs the lessons, never the work. */
export function afterReflection(agent: Agent, run: GrowingRun, turn: Turn): Growth | undefined {
  const { memory } = agent.habits;
  const lessons = lessonsIn(turn.thought.text);
  const node = run.node(LEARN);
  if (node?.state === "open") return undefined;
  if (node === undefined && lessons.length > 0 && memory !== undefined) {
    const input = { kind: memory.kind, lessons: lessons.map(toLiteral) };
    return patch({
      op: "add-node",
      id: LEARN,
      node: { uses: memory.learn.name, with: input, reads: [turn.id], onFailure: "observe" },
    });
  }
  const before = turnAt(run, turn.number - 1) ?? turn;
  return toEnd(agent, run, { turn: before, ended: before.input.ended ?? "done" });
}

const MOST_LESSONS = 3;
const LONGEST_LESSON = 400;

function lessonsIn(text: string): readonly string[] {
  const value = parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
  const lessons = isJsonObject(value) ? value["lessons"] : undefined;
  if (!Array.isArray(lessons)) return [];
  return lessons
    .filter((lesson) => typeof lesson === "string" && lesson.trim() !== "")
    .map((lesson) => String(lesson).slice(0, LONGEST_LESSON))
    .slice(0, MOST_LESSONS);
}

function parse(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
