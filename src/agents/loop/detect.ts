import type { GrowingRun } from "../../action/index.ts";
import { canonicalJson } from "../../base/index.ts";
import { lastTurns, type Turn } from "./turns.ts";

/** Steps that are looked at: enough for a cycle of four that comes round three times. */
const WINDOW = 12;
/** So often the same calls are made before it counts as a loop. */
const ROUNDS = 3;
/** Steps that bring no result which was not known, before it counts as no progress. */
const IDLE = 4;

/** Why a run seems to go nowhere, and the tools with which it goes nowhere. */
export interface Stall {
  readonly why: string;
  readonly tools: readonly string[];
}

/**
 * Tells whether a run goes round in circles: the same calls three times in a row, a cycle of up to four steps that came
 * round three times, or four steps in which no call gave anything that had not been seen. Steps since the last warning
 * only, so that a warning has time to work.
 */
export function findStall(run: GrowingRun, last: number, since: number): Stall | undefined {
  const turns = lastTurns(run, last, Math.min(WINDOW, last - since)).filter(({ input }) => input.kind === "act");
  const asked = turns.map(signatureOf);
  for (let length = 1; length <= 4; length += 1) {
    if (isCycle(asked, length)) return { why: describeCycle(length), tools: toolsIn(turns.slice(-length)) };
  }
  return isIdle(run, turns)
    ? { why: `nothing new came of the last ${IDLE} steps`, tools: toolsIn(turns.slice(-IDLE)) }
    : undefined;
}

const signatures = new WeakMap<Turn["thought"], string>();

function signatureOf({ thought }: Turn): string {
  const signature = signatures.get(thought) ?? sign(thought);
  signatures.set(thought, signature);
  return signature;
}

function sign(thought: Turn["thought"]): string {
  return thought.calls
    .map(({ tool, input }) => `${tool} ${canonicalJson(input)}`)
    .toSorted()
    .join("\n");
}

function isCycle(asked: readonly string[], length: number): boolean {
  const end = asked.slice(-length * ROUNDS);
  if (end.length < length * ROUNDS || end.includes("")) return false;
  return end.every((signature, at) => signature === end[at % length]);
}

function describeCycle(length: number): string {
  return length === 1
    ? `the same call was made ${ROUNDS} times`
    : `the same ${length} steps were taken ${ROUNDS} times`;
}

/** The state of the work is what is known: the set of results that calls gave. */
function isIdle(run: GrowingRun, turns: readonly Turn[]): boolean {
  if (turns.length <= IDLE) return false;
  const known = new Set<string>();
  let idle = 0;
  for (const turn of turns) {
    const before = known.size;
    for (const fact of factsIn(run, turn)) known.add(fact);
    idle = known.size === before ? idle + 1 : 0;
  }
  return idle >= IDLE;
}

function factsIn(run: GrowingRun, { thought, calls }: Turn): readonly string[] {
  if (calls.length === 0) return thought.calls.map(({ tool, problem }) => `${tool} ${problem ?? ""}`);
  return calls.map((id) => canonicalJson(run.node(id)?.output ?? null));
}

function toolsIn(turns: readonly Turn[]): readonly string[] {
  return [...new Set(turns.flatMap(({ thought }) => thought.calls.map(({ tool }) => tool)))];
}
