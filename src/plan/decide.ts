import type { Instant } from "../base/index.ts";
import type { RunEvent } from "./event.ts";
import { nodeAt } from "./core/access.ts";
import { decideAttention } from "./core/decide-attention.ts";
import { decideEnd } from "./core/decide-end.ts";
import { decideStart } from "./core/decide-start.ts";
import { decideTimer } from "./core/decide-timer.ts";
import { decideUndos } from "./core/decide-undo.ts";
import type { Command, Draft, Surroundings } from "./core/draft.ts";
import type { RunState, Timer } from "./core/state.ts";

/**
 * Gives the commands that may go out now; the twin of `evolve`. The runtime does them in order, appends what
 * happened, evolves, and decides again until nothing comes.
 *
 * Pure: a function of the run (that is, of plan and journal) and of the surroundings. It costs O(what changed).
 */
export function decide(
  run: RunState,
  { now, room, free, capacity = () => Infinity }: Surroundings,
): readonly Command[] {
  if (isQuietFor(run, now)) return NOTHING;
  const draft: Draft = { run, now, commands: [], room, free, capacity, taken: undefined, decided: undefined, noted: 0 };
  const { timers, attention, phase } = run;
  if (phase === "suspended" || phase === "finished") return draft.commands;
  if (timers.peek() !== undefined) timers.visit((timer) => timer.at <= now && decideOnce(draft, timer.node, timer));
  if (isTurned(draft)) return draft.commands;
  for (const index of attention) if (!decideOnce(draft, index)) break;
  if (isTurned(draft)) return draft.commands;
  if (phase === "running") decideReady(draft);
  else decideUndos(draft);
  if (draft.commands.length === 0) decideEnd(draft);
  return draft.commands;
}

const NOTHING: readonly Command[] = [];

/** Most decisions follow one that started all that could: they need no more than this look. */
function isQuietFor({ phase, attention, ready, live, timers }: RunState, now: Instant): boolean {
  if (phase !== "running" || live.size === 0 || attention.size > 0 || ready.peek() !== undefined) return false;
  const timer = timers.peek();
  return timer === undefined || timer.at > now;
}

/**
 * Says one thing about a node in one decision: what follows rests on a state that the first command will change.
 * False: nothing more can be said in this decision.
 */
function decideOnce(draft: Draft, index: number, timer?: Timer): boolean {
  if (draft.decided?.has(index) === true) return true;
  const goesOn = timer === undefined ? decideAttention(draft, nodeAt(draft.run, index)) : decideTimer(draft, timer);
  if (draft.commands.length > draft.noted) (draft.decided ??= new Set()).add(index);
  draft.noted = draft.commands.length;
  return goesOn && !isTurned(draft);
}

/** A node that is in the queue twice is there twice in a row. */
function decideReady(draft: Draft): void {
  let previous = -1;
  draft.run.ready.visit((index) => {
    if (index === previous || draft.decided?.has(index) === true) return true;
    previous = index;
    const node = nodeAt(draft.run, index);
    // What is below the top of the queue may be stale: nodes that have started since, and wait or pause now.
    return node.tag !== "ready" || (decideStart(draft, node) && !isTurned(draft));
  });
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

/**
 * The next instant at which `decide` may have something new to say; undefined: only an event can change that. With
 * `after`, what was due by then is passed over: it waits for room, and must not hide what comes due behind it.
 */
export function nextDue(run: RunState, after: number = -Infinity): Instant | undefined {
  if (run.phase === "suspended" || run.phase === "finished") return undefined;
  let due: Instant | undefined;
  run.timers.visit(({ at }) => {
    if (at <= after) return true;
    due = at;
    return false;
  });
  return due;
}
