import type { GrowingRun, Growth } from "../../action/index.ts";
import type { Agent } from "./agent.ts";
import { asksOf, isGrantedSince } from "./ask.ts";
import { toCalls } from "./calls.ts";
import { findStall } from "./detect.ts";
import { afterBudget, pendingGrant } from "./after-budget.ts";
import { toEnd } from "./end.ts";
import { afterReflection, beginWithMemory, choiceNode, nextHabit, reflect } from "./habits.ts";
import { deadlineOf, keepsSpare, limitOn, needOf, type Need } from "./limits.ts";
import { patch, toThinkNode, type NextThought } from "./steps.ts";
import { countTurns, lastTurns, turnAt, type Turn } from "./turns.ts";

/** Answers that are not taken, after which the agent ends with what it has. */
const MOST_REPAIRS = 2;

/**
 * Says how an agent's plan grows now: think, make the calls, think again, until it answers, is stuck, or its budget does
 * not cover the next step. A function of what is recorded, so that a crash changes nothing.
 */
export function growLoop(agent: Agent, run: GrowingRun): Growth | undefined {
  const number = countTurns(run);
  const turn = number === 0 ? undefined : turnAt(run, number);
  if (turn === undefined) return begin(agent, run);
  const busy = [turn.id, ...turn.calls, choiceNode(turn)];
  if (busy.some((id) => run.node(id)?.state === "open")) return undefined;
  const asks = asksOf(run);
  if (asks.isOpen) return undefined;
  const grant = asks.granted > 0 ? pendingGrant(agent, run) : undefined;
  if (grant !== undefined) return grant;
  if (turn.node.state !== "succeeded") return afterFailure(agent, run, turn);
  return afterThought(agent, run, turn);
}

function begin(agent: Agent, run: GrowingRun): Growth | undefined {
  const recalling = beginWithMemory(agent, run);
  if (recalling.tag === "open") return undefined;
  if (recalling.tag === "grow") return recalling.growth;
  const { memory } = recalling;
  return think(agent, run, { last: undefined, kind: "act", ...(memory !== undefined && { memory }) });
}

/** It could not think: the budget did not cover it, time is up, or its model failed for good. */
function afterFailure(agent: Agent, run: GrowingRun, turn: Turn): Growth {
  const { code = "", message = "" } = turn.node.error ?? {};
  const wasOver = code === "BUDGET_EXCEEDED" || code === "TIMED_OUT";
  if (wasOver && isGrantedSince(run, turn.id)) return think(agent, run, { last: turn, kind: "act" });
  if (code === "BUDGET_EXCEEDED") return afterBudget(agent, run, { last: turn, limit: "tokens" });
  if (run.now >= deadlineOf(agent, run)) return afterBudget(agent, run, { last: turn, limit: "time" });
  const why = `${agent.name} could not go on: ${code}: ${message}`;
  return agent.options.onFailure === "keep" ? { fail: why } : { rollback: why };
}

function afterThought(agent: Agent, run: GrowingRun, turn: Turn): Growth | undefined {
  const { input, thought } = turn;
  if (input.kind === "reflect") return afterReflection(agent, run, turn);
  if (input.kind === "answer") {
    const { ended } = input;
    if (ended === undefined) return afterAnswer(agent, run, turn);
    return reflect(agent, run, turn) ?? toEnd(agent, run, { turn, ended });
  }
  if (input.kind !== "act") return act(agent, run, turn);
  if (thought.calls.length === 0) return afterAnswer(agent, run, turn);
  const calls = turn.calls.length === 0 ? toCalls(agent, run, turn) : [];
  return calls.length > 0 ? patch(...calls) : afterCalls(agent, run, turn);
}

/** An answer that is empty, cut off or not what was asked for is given back with the reason. */
function afterAnswer(agent: Agent, run: GrowingRun, turn: Turn): Growth {
  const fault = faultIn(agent, turn);
  if (fault === undefined) return reflect(agent, run, turn) ?? toEnd(agent, run, { turn, ended: "done" });
  const isHopeless = lastTurns(run, turn.number, MOST_REPAIRS + 1).filter(
    (past) => faultIn(agent, past) !== undefined,
  ).length;
  if (isHopeless > MOST_REPAIRS) return toEnd(agent, run, { turn, ended: "no-answer" });
  return think(agent, run, { last: turn, kind: needsForm(agent) ? "answer" : "act", note: fault });
}

function needsForm({ options }: Agent): boolean {
  return options.answer !== undefined;
}

function faultIn({ options }: Agent, { thought, input }: Turn): string | undefined {
  const mayCall = input.kind === "act" && thought.calls.length > 0;
  if (mayCall || (input.kind !== "act" && input.kind !== "answer")) return undefined;
  if (thought.finish === "content-filter") return "Your reply was withheld by a filter. Answer in other words.";
  if (thought.finish === "length") return "Your reply was cut off. Answer again, more briefly.";
  if (options.answer !== undefined && thought.value === undefined)
    return `Your answer does not have the form that is asked for: ${thought.problem ?? "it is not JSON"}. Answer with JSON only.`;
  return thought.text.trim() === "" ? "Your reply was empty. Call a tool, or answer." : undefined;
}

/** Before it thinks on: does it go round in circles? First its options change, then it looks back, then it ends. */
function afterCalls(agent: Agent, run: GrowingRun, turn: Turn): Growth | undefined {
  const { since, count } = lastStall(run, turn);
  const stall = findStall(run, turn.number, since);
  if (stall === undefined) return nextHabit(agent, run, turn) ?? act(agent, run, turn);
  const base = { last: turn, stall: count + 1 } as const;
  const said = `You go round in circles: ${stall.why}.`;
  if (count === 0) {
    const note = `${said} Do something else, or answer with what you know.`;
    return think(agent, run, { ...base, kind: "act", without: stall.tools, temperature: 0.7, note });
  }
  if (count === 1) return think(agent, run, { ...base, kind: "criticise", note: `${said} Make a new plan.` });
  return think(agent, run, { ...base, kind: "answer", ended: "loop", note: `${said} Answer now.` });
}

/** The last time that the agent was told so, within the steps that count. */
function lastStall(run: GrowingRun, turn: Turn): { readonly since: number; readonly count: number } {
  for (let number = turn.number; number >= 1; number -= 1) {
    const stall = turnAt(run, number)?.input.stall;
    if (stall !== undefined) return { since: number - 1, count: stall };
  }
  return { since: 0, count: 0 };
}

function act(agent: Agent, run: GrowingRun, turn: Turn): Growth {
  return think(agent, run, { last: turn, kind: "act" });
}

/** Adds a thinking step, if the budget covers it; where the conversation has grown too long, first a summary. */
function think(agent: Agent, run: GrowingRun, next: Omit<NextThought, "need">): Growth {
  const { last } = next;
  const carried = carriedOn(next);
  const { model = 0 } = carried;
  const isSummary = isTooLong(agent, run, { last, model });
  const kind = isSummary ? "summarise" : next.kind;
  const need = needOf(agent, run, { last, kind, model });
  const spare = spareFor(agent, run, { last, kind, model });
  const limit = limitOn(agent, run, { need, spare });
  if (limit !== undefined) return afterBudget(agent, run, { last, limit });
  return patch(toThinkNode(agent, run, isSummary ? { last, kind, need, ...carried } : { ...next, need, ...carried }));
}

/** What a step takes over from the one before it. */
function carriedOn({ last, ...next }: Omit<NextThought, "need">): {
  readonly model?: number;
  readonly memory?: string;
} {
  const { model = 0, memory } = { ...last?.input, ...next };
  return { ...(model > 0 && { model }), ...(memory !== undefined && { memory }) };
}

/** What is kept so that a last answer stays possible. */
function spareFor(agent: Agent, run: GrowingRun, next: Parameters<typeof needOf>[2]): Need | undefined {
  if (!keepsSpare(agent.options.onBudget) || next.kind === "answer") return undefined;
  return needOf(agent, run, { ...next, kind: "answer" });
}

function isTooLong(
  agent: Agent,
  run: GrowingRun,
  { last, model }: { readonly last: Turn | undefined; readonly model: number },
): boolean {
  const { contextTokens } = agent.models[model] ?? {};
  if (contextTokens === undefined || last === undefined || last.input.kind === "summarise") return false;
  const { tokens } = needOf(agent, run, { last, kind: "act", model });
  return tokens > contextTokens * (agent.options.summariseAt ?? 0.7);
}
