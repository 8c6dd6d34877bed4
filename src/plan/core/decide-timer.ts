import type { Draft } from "./draft.ts";
import type { RunEvent } from "../event.ts";
import { nodeAt } from "./access.ts";
import { decideStart } from "./decide-start.ts";
import { decideUndo } from "./decide-undo.ts";
import { toNodeFailed } from "./retry.ts";
import type { NodeState, Timer } from "./state.ts";

/** Decides about one timer that is due. Always true: the next one may be due as well. */
export function decideTimer(draft: Draft, timer: Timer): true {
  const { run, now } = draft;
  if (timer.kind === "wall") return overspent(draft);
  const node = nodeAt(run, timer.node);
  if (timer.kind === "total") return outOfTime(draft, node);
  if (node.stamp !== timer.stamp) return true;
  switch (timer.kind) {
    case "attempt":
      if (node.stopping === undefined) stop(draft, node, "timeout");
      return true;

    case "retry":
      decideStart(draft, node);
      return true;

    case "undo-retry":
      // A loser whose undo began while the run went on waits for its turn like the others.
      if (run.phase === "running" || run.undoPlan?.open.has(node.index) === true) decideUndo(draft, node);
      return true;

    case "wait": {
      const wait = node.wait === undefined ? undefined : run.waits.get(node.wait);
      if (wait === undefined) return true;
      const how = wait.kind === "timer" ? "fired" : "expired";
      record(draft, { type: "wait-closed", at: now, wait: wait.wait, node: node.id, how });
      return true;
    }
  }
}

function record({ commands }: Draft, event: RunEvent): void {
  commands.push({ type: "record", event });
}

function stop(draft: Draft, node: NodeState, why: "timeout" | "total"): void {
  record(draft, { type: "node-stopping", at: draft.now, node: node.id, attempt: node.attempt, why });
}

function overspent(draft: Draft): true {
  if (draft.run.phase === "running")
    record(draft, {
      type: "rollback-decided",
      at: draft.now,
      why: "The run's time budget (budget.wallMs) is used up.",
    });
  return true;
}

/** The time of all attempts together is over. */
function outOfTime(draft: Draft, node: NodeState): true {
  if (node.ended !== undefined) return true;
  if (node.tag === "running" && node.stopping === undefined) stop(draft, node, "total");
  if (node.tag === "retry-wait") {
    const error = {
      class: "timeout",
      code: "TIMED_OUT",
      message: "The time for all attempts (totalMs) is used up.",
    } as const;
    const { retryAt: _, ...event } = toNodeFailed(draft.run, node, { error, at: draft.now });
    record(draft, { ...event, attempt: 0 });
  }
  return true;
}
