import type {
  CancelDecided,
  FailDecided,
  PlanPatched,
  RollbackDecided,
  RunFinished,
  RunResumed,
  RunRetried,
  RunSuspended,
} from "../event.ts";
import { pinnedNatureOf } from "../pin.ts";
import { nodeAt, refuse } from "./access.ts";
import { setTag } from "./create.ts";
import { settleDoubt, startAnew } from "./evolve-node.ts";
import { evolvePatch } from "./evolve-patch.ts";
import { mayCancel, mayResume, mayRetry, mayRollBack } from "./permissions.ts";
import type { NodeState, RunState } from "./state.ts";
import { usageOf } from "./usage.ts";

type DecisionEvent =
  | RollbackDecided
  | CancelDecided
  | FailDecided
  | RunSuspended
  | RunResumed
  | RunRetried
  | PlanPatched
  | RunFinished;

/** Folds the decisions about the run as a whole. */
export function evolveDecision(run: RunState, event: DecisionEvent): void {
  switch (event.type) {
    case "rollback-decided":
      if (!mayRollBack(run)) refuse(run, event, `the run is ${run.phase}`);
      return turn(run, "rolling-back", event);

    case "cancel-decided":
      if (!mayCancel(run)) refuse(run, event, `the run is ${run.phase}`);
      return turn(run, "cancelling", event);

    case "fail-decided":
      if (run.phase !== "running") refuse(run, event, `the run is ${run.phase}`);
      return turn(run, "failing", event);

    case "run-suspended":
      if (run.phase === "finished" || run.phase === "suspended") refuse(run, event, `the run is ${run.phase}`);
      run.resumes = run.phase;
      run.phase = "suspended";
      run.suspended = event.reason;
      return;

    case "run-resumed":
      if (!mayResume(run)) refuse(run, event, "the run is not suspended");
      run.phase = run.resumes;
      run.suspended = undefined;
      renew(run, event);
      for (const node of run.nodes) node.crashes = 0;
      return;

    case "run-retried":
      if (!mayRetry(run)) refuse(run, event, "there is nothing to retry");
      return retry(run);

    case "plan-patched":
      return evolvePatch(run, event);

    case "run-finished":
      return finish(run, event);
  }
}

function turn(run: RunState, phase: RunState["phase"], event: RollbackDecided | CancelDecided | FailDecided): void {
  run.phase = phase;
  run.resumes = phase;
  run.finished = undefined;
  run.why = event.why;
  run.cause = "cause" in event ? event.cause : undefined;
  for (const node of run.nodes) if (isPaused(node) && settleDoubt(run, node)) setTag(run, node, "unknown");
  for (const index of run.uncertain) run.attention.add(index);
}

/** Its next attempt will not come any more. */
function isPaused({ tag }: NodeState): boolean {
  return tag === "retry-wait" || tag === "ready";
}

/** What has not started goes on with the actions as they are now. */
function renew(run: RunState, { pins }: RunResumed): void {
  run.pins = { ...run.pins, ...pins };
  run.plan = { ...run.plan, natureOf: pinnedNatureOf(run.pins, run.plan.natureOf) };
  for (const node of run.nodes)
    if (node.attempt === 0 && node.ended === undefined && node.path === undefined)
      node.nature = run.plan.natureOf(usageOf(run, node));
}

/** E10: a run ends only when nothing is out. R5: never as rolled back while an undo is open. */
function finish(run: RunState, event: RunFinished): void {
  if (run.phase === "finished" || run.phase === "suspended") refuse(run, event, `the run is ${run.phase}`);
  if (run.live.size > 0) refuse(run, event, "attempts are out");
  if (run.waits.size > 0) refuse(run, event, "waits are open");
  if (event.tag === "succeeded") demandDone(run, event);
  const isUndone = event.tag === "rolled-back" || event.tag === "cancelled";
  if (isUndone && run.undoPlan?.left !== 0) refuse(run, event, "not all is undone");
  run.resumes = run.phase;
  run.phase = "finished";
  run.finished = event;
}

function demandDone(run: RunState, event: RunFinished): void {
  if (run.open > 0) refuse(run, event, `${run.open} nodes have not ended`);
  if (run.plan.graph.grows !== undefined) refuse(run, event, "its plan may still grow");
}

function retry(run: RunState): void {
  const wasStuck = run.finished?.tag === "rollback-stuck";
  run.finished = undefined;
  if (wasStuck) retryUndos(run);
  else retryFailures(run);
}

function retryUndos(run: RunState): void {
  run.phase = run.resumes;
  for (const index of run.undoPlan?.open ?? []) {
    const node = nodeAt(run, index);
    if (node.tag !== "compensation-stuck") continue;
    node.tag = "compensating";
    node.undo = { tag: "ready", attempt: node.undo?.attempt ?? 0, failures: 0, error: undefined };
  }
}

function retryFailures(run: RunState): void {
  run.phase = "running";
  run.why = undefined;
  run.cause = undefined;
  for (const node of run.nodes) {
    if (node.ended !== undefined || (node.tag !== "failed" && node.tag !== "unknown")) continue;
    if (node.strategy === "fail" || node.strategy === "rollback") startAnew(run, node);
    else if (node.strategy !== "replan") run.attention.add(node.index);
  }
}
