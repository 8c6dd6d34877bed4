import type { Instant } from "../base/index.ts";
import type { RunEvent } from "./event.ts";
import { nodeAt } from "./core/access.ts";
import { decideAttention } from "./core/decide-attention.ts";
import { decideEnd } from "./core/decide-end.ts";
import { decideStart } from "./core/decide-start.ts";
import { decideTimer } from "./core/decide-timer.ts";
import { decideUndos } from "./core/decide-undo.ts";
import type { RunState } from "./core/state.ts";

/** What is to be done now. `record` is a decision complete in itself; the others begin something in the world. */
export type Command =
  | { readonly type: "record"; readonly event: RunEvent }
  | { readonly type: "start-node"; readonly node: number }
  | { readonly type: "start-undo"; readonly node: number }
  | { readonly type: "check-node"; readonly node: number };

/** What a decision may look at beside the run. */
export interface Surroundings {
  readonly now: Instant;
  /** How many more attempts may be out at the same time. */
  readonly room: number;
  /** Units of a resource that are free. */
  readonly free: (resource: string) => number;
}

/** The commands of one decision, and what they will take of the surroundings. */
export interface Draft {
  readonly run: RunState;
  readonly now: Instant;
  readonly commands: Command[];
  room: number;
  readonly free: (resource: string) => number;
  readonly taken: Map<string, number>;
  /** Nodes that this decision has said something about. */
  readonly decided: Set<number>;
}

/**
 * Gives the commands that may go out now; the twin of `evolve`. The runtime does them in order, appends what
 * happened, evolves, and decides again until nothing comes.
 *
 * Pure: a function of the run (that is, of plan and journal) and of the surroundings. It costs O(what changed).
 */
export function decide(run: RunState, { now, room, free }: Surroundings): readonly Command[] {
  const draft: Draft = { run, now, commands: [], room, free, taken: new Map(), decided: new Set() };
  if (run.phase === "suspended" || run.phase === "finished") return draft.commands;
  run.timers.visit((timer) => timer.at <= now && decideOnce(draft, timer.node, () => decideTimer(draft, timer)));
  for (const index of run.attention) decideOnce(draft, index, () => decideAttention(draft, nodeAt(run, index)));
  if (isTurned(draft)) return draft.commands;
  if (run.phase === "running") run.ready.visit((index) => decideOnce(draft, index, () => decideReady(draft, index)));
  else decideUndos(draft);
  if (draft.commands.length === 0) decideEnd(draft);
  return draft.commands;
}

/**
 * Says one thing about a node in one decision: what follows rests on a state that the first command will change.
 * False: nothing more can be said in this decision.
 */
function decideOnce(draft: Draft, index: number, decideIt: () => boolean): boolean {
  if (isTurned(draft)) return false;
  if (draft.decided.has(index)) return true;
  const before = draft.commands.length;
  const goesOn = decideIt();
  if (draft.commands.length > before) draft.decided.add(index);
  return goesOn;
}

/** What is below the top of the queue may be stale: nodes that have started since, and wait or pause now. */
function decideReady(draft: Draft, index: number): boolean {
  const node = nodeAt(draft.run, index);
  return node.tag === "ready" ? decideStart(draft, node) : true;
}

/** A decision about the whole run comes first: nothing may be decided beside it. */
function isTurned({ commands }: Draft): boolean {
  const last = commands.at(-1);
  return last?.type === "record" && isTurn(last.event);
}

function isTurn(event: RunEvent): boolean {
  switch (event.type) {
    case "rollback-decided":
    case "cancel-decided":
    case "fail-decided":
    case "run-suspended":
      return true;

    default:
      return false;
  }
}

/** The next instant at which `decide` may have something new to say; undefined: only an event can change that. */
export function nextDue(run: RunState): Instant | undefined {
  if (run.phase === "suspended" || run.phase === "finished") return undefined;
  return run.timers.peek()?.at;
}
