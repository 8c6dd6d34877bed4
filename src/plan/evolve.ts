import type { RunEvent } from "./event.ts";
import { nodeAt, refuse } from "./core/access.ts";
import { evolveDecision } from "./core/evolve-decision.ts";
import { evolveNode } from "./core/evolve-node.ts";
import { evolveUndo } from "./core/evolve-undo.ts";
import { evolveWait } from "./core/evolve-wait.ts";
import type { RunState, Timer } from "./core/state.ts";
import { isQuiet, planUndo } from "./core/undo-plan.ts";

/**
 * Folds one event into a run, which it owns and changes in place: copying would cost milliseconds an event at
 * 20,000 nodes, this costs O(changed edges). It is the twin of `decide`.
 *
 * Pure but for that: the same journal always folds to the same state, which is what lets a crashed run be rebuilt.
 * Times come from the event, never from a clock.
 *
 * @throws {DefectError} ILLEGAL_EVENT if the event can't follow the state: the journal is damaged, or we have a bug.
 * @see docs/adr/0003-journal-is-the-truth.md
 */
export function evolve(run: RunState, event: RunEvent): void {
  if (event.at < run.lastAt) refuse(run, event, `its time ${event.at} is before ${run.lastAt}`);
  run.lastAt = event.at;
  fold(run, event);
  run.seq += 1;
  if ((run.phase === "rolling-back" || run.phase === "cancelling") && run.undoPlan === undefined && isQuiet(run))
    run.undoPlan = planUndo(run);
  dropStale(run);
}

function fold(run: RunState, event: RunEvent): void {
  switch (event.type) {
    case "node-decided":
    case "node-started":
    case "node-stopping":
    case "node-succeeded":
    case "node-failed":
    case "node-unknown":
    case "node-settled":
    case "node-skipped":
    case "node-late":
      return evolveNode(run, event);

    case "undo-started":
    case "undo-succeeded":
    case "undo-failed":
      return evolveUndo(run, event);

    case "wait-opened":
    case "wait-closed":
      return evolveWait(run, event);

    case "run-created":
      return refuse(run, event, "the run exists");

    default:
      return evolveDecision(run, event);
  }
}

/** Keeps the tops of the two queues true; stale entries further down do no harm. */
function dropStale(run: RunState): void {
  const { ready, timers } = run;
  for (let top = ready.peek(); top !== undefined && nodeAt(run, top).tag !== "ready"; top = ready.peek()) ready.drop();
  for (let top = timers.peek(); top !== undefined && isStale(run, top); top = timers.peek()) timers.drop();
}

function isStale(run: RunState, timer: Timer): boolean {
  if (timer.node < 0) return run.phase !== "running" && run.phase !== "suspended";
  const node = nodeAt(run, timer.node);
  if (timer.kind === "total") return node.ended !== undefined || node.stopping !== undefined;
  return node.stamp !== timer.stamp || (timer.kind === "attempt" && node.stopping !== undefined);
}
