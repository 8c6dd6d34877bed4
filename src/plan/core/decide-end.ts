import { InputError, type Json } from "../../base/index.ts";
import type { Draft } from "./draft.ts";
import type { FinalTag, RunFinished } from "../event.ts";
import { nodeAt } from "./access.ts";
import { scopeOf } from "./scope.ts";
import type { NodeState, RunState } from "./state.ts";

/** Decides whether the run is at its end. Called when nothing else is to be done. */
export function decideEnd(draft: Draft): void {
  const { run } = draft;
  if (run.live.size > 0 || run.waits.size > 0) return;
  switch (run.phase) {
    case "running":
      if (run.open === 0 && run.plan.graph.grows === undefined && !isUndoingLosers(run)) succeed(draft);
      return;

    case "failing":
      if (![...run.uncertain].some((index) => isBeingChecked(nodeAt(run, index)))) finish(draft, "failed");
      return;

    case "rolling-back":
    case "cancelling":
      return decideUndone(draft);

    default:
  }
}

function isBeingChecked({ unknown, nature }: NodeState): boolean {
  return unknown?.settled === "no" && nature.hasCheck;
}

function isUndoingLosers(run: RunState): boolean {
  return run.nodes.some((node) => node.tag === "compensating");
}

function succeed(draft: Draft): void {
  const { run, now: at } = draft;
  try {
    const output: Json = run.plan.output.evaluate(scopeOf(run));
    finish(draft, "succeeded", output);
  } catch (error) {
    if (!InputError.is(error)) throw error;
    const why = `The plan's output could not be made: ${error.message}`;
    draft.commands.push({ type: "record", event: { type: "rollback-decided", at, why } });
  }
}

function decideUndone(draft: Draft): void {
  const { run } = draft;
  const plan = run.undoPlan;
  if (plan === undefined) return; // something uncertain is still being looked into
  if (plan.left === 0) return finish(draft, run.phase === "cancelling" ? "cancelled" : "rolled-back");
  for (const index of plan.open) if (nodeAt(run, index).tag !== "compensation-stuck") return;
  finish(draft, "rollback-stuck");
}

function finish({ run, now, commands }: Draft, tag: FinalTag, output?: Json): void {
  const why = tag === "succeeded" ? undefined : run.why;
  const event: RunFinished = {
    type: "run-finished",
    at: now,
    tag,
    ...(output !== undefined && { output }),
    ...(why !== undefined && { why }),
    undone: run.nodes.filter((node) => node.tag === "compensated").map((node) => node.id),
    notUndone: tag === "succeeded" ? [] : run.nodes.flatMap((node) => leftStanding(node)),
  };
  commands.push({ type: "record", event });
}

/** What an unhappy end leaves in the world, and why. */
function leftStanding(node: NodeState): RunFinished["notUndone"] {
  const why = whyStanding(node);
  return why === undefined ? [] : [{ node: node.id, why }];
}

function whyStanding(node: NodeState): string | undefined {
  const { tag, nature, attached, undo } = node;
  if (tag === "compensation-stuck") return `its undo failed: ${undo?.error?.message ?? "no reason known"}`;
  if (nature.undo === "not-needed" || tag === "compensated") return undefined;
  if (attached !== undefined) return `made by run ${attached.run}`;
  if (isUncertain(node)) return "its outcome is unknown";
  if (tag !== "succeeded" && tag !== "compensating") return undefined;
  return nature.undo === "impossible" ? "it cannot be undone" : "its undo has not been reached";
}

function isUncertain({ unknown }: NodeState): boolean {
  return unknown !== undefined && unknown.settled !== "not-done";
}
