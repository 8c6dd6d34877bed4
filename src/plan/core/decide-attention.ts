import { toWaitId, type Json } from "../../base/index.ts";
import type { Draft } from "./draft.ts";
import type { FailureRecord, RunEvent, WaitOpened } from "../event.ts";
import { decideStart, waitIdOf } from "./decide-start.ts";
import { mustUndoLoser } from "./endings.ts";
import { toNodeFailed } from "./retry.ts";
import type { NodeState } from "./state.ts";
import { mustBeSettled, needsUndo } from "./undo-plan.ts";

/** A node that takes the process with it this often is left to a person. */
const MOST_CRASHES = 10;

/** Decides about a node for which something other than a plain start is due. */
export function decideAttention(draft: Draft, node: NodeState): true {
  attend(draft, node);
  return true;
}

function attend(draft: Draft, node: NodeState): void {
  if (node.tag === "failed") return decideStrategy(draft, node);
  if (node.tag === "unknown") return decideUnknown(draft, node);
  if (draft.run.phase === "running") decideGivenUp(draft, node);
}

/** A node that can't run any more, or that a join went on without. */
function decideGivenUp(draft: Draft, node: NodeState): void {
  const { now: at, run, commands } = draft;
  switch (node.tag) {
    case "pending":
    case "ready":
    case "retry-wait":
      return record(draft, { type: "node-skipped", at, node: node.id, why: node.lost ? "lost" : "parent" });

    case "running":
      if (node.lost && node.stopping === undefined)
        record(draft, { type: "node-stopping", at, node: node.id, attempt: node.attempt, why: "lost" });
      return;

    case "waiting":
      if (node.lost && node.wait !== undefined)
        record(draft, { type: "wait-closed", at, wait: node.wait, node: node.id, how: "withdrawn" });
      return;

    case "succeeded":
      if (mustUndoLoser(run, node) && needsUndo(node)) commands.push({ type: "start-undo", node: node.index });
      return;

    default:
  }
}

function record({ commands }: Draft, event: RunEvent): void {
  commands.push({ type: "record", event });
}

function decideStrategy(draft: Draft, node: NodeState): void {
  const { run, now: at } = draft;
  if (run.phase !== "running" || node.strategy === undefined || node.strategy === "replan") return;
  const why = `${node.id} failed: ${node.error?.message ?? "its outcome is unknown"}`;
  if (node.strategy === "ask") return ask(draft, node, "failure");
  if (node.strategy === "settle") return ask(draft, node, "unknown");
  record(draft, { type: node.strategy === "fail" ? "fail-decided" : "rollback-decided", at, why, cause: node.id });
}

/** "Unknown" is a state of its own: it is looked into, tried again with the same key, or shown to a person. */
function decideUnknown(draft: Draft, node: NodeState): void {
  const { unknown, nature } = node;
  if (unknown === undefined) return;
  if (unknown.settled === "no" && nature.hasCheck) {
    draft.commands.push({ type: "check-node", node: node.index });
    return;
  }
  switch (draft.run.phase) {
    case "rolling-back":
    case "cancelling":
      if (mustBeSettled(node)) ask(draft, node, "unknown");
      return;

    case "running":
      if (node.ended === undefined) goOnWithUnknown(draft, node, unknown);
      return;

    default:
  }
}

function goOnWithUnknown(draft: Draft, node: NodeState, unknown: NonNullable<NodeState["unknown"]>): void {
  if (node.strategy !== undefined) return decideStrategy(draft, node);
  if (node.lost) return failUnknown(draft, node);
  if (node.nature.repeat === "never" && unknown.settled !== "not-done") return ask(draft, node, "unknown");
  if (unknown.why !== "crash") return failUnknown(draft, node);
  if (node.crashes > MOST_CRASHES) return suspend(draft, node);
  decideStart(draft, node);
}

function failUnknown({ commands, now, run }: Draft, node: NodeState): void {
  const event = toNodeFailed(run, node, { error: errorOf(node), at: now });
  commands.push({ type: "record", event });
}

function errorOf(node: NodeState): FailureRecord {
  if (node.error !== undefined) return node.error;
  const doubt = node.unknown?.settled === "not-done" ? "It did not act." : "It may have acted.";
  switch (node.unknown?.why) {
    case "timeout":
      return { class: "timeout", code: "TIMED_OUT", message: `The attempt took too long. ${doubt}` };
    case "stopped":
      return { class: "cancelled", code: "STOPPED", message: `The attempt was stopped. ${doubt}` };
    case "said":
      return { class: "transient", code: "OUTCOME_UNKNOWN", message: `The action does not know what it did. ${doubt}` };
    default:
      return { class: "transient", code: "INTERRUPTED", message: `The attempt died with its process. ${doubt}` };
  }
}

function suspend(draft: Draft, node: NodeState): void {
  const reason = `${node.id} was interrupted ${node.crashes} times: it may be what ends the process.`;
  record(draft, { type: "run-suspended", at: draft.now, reason, details: { node: node.id, crashes: node.crashes } });
}

function ask(draft: Draft, node: NodeState, kind: "unknown" | "failure"): void {
  const { run, now: at } = draft;
  // A second question in one decision needs another id than the first.
  const wait =
    draft.commands.length === 0 ? waitIdOf(run, node) : toWaitId(`${waitIdOf(run, node)}.${draft.commands.length}`);
  const event: WaitOpened = {
    type: "wait-opened",
    at,
    wait,
    node: node.id,
    kind,
    show:
      kind === "unknown"
        ? askWhetherDone(node)
        : { question: `${node.id} failed. What now?`, error: toJson(node.error) },
    answer: kind === "unknown" ? DID_IT_HAPPEN : WHAT_NOW,
  };
  record(draft, event);
}

function askWhetherDone(node: NodeState): Json {
  return { question: `Did ${node.id} happen? Its outcome is unknown.`, action: node.nature.action, key: node.key };
}

function toJson(error: FailureRecord | undefined): Json {
  return error === undefined ? null : { code: error.code, message: error.message };
}

const DID_IT_HAPPEN: Json = {
  oneOf: [
    { type: "object", properties: { happened: { const: false } }, required: ["happened"] },
    { type: "object", properties: { happened: { const: true }, output: true }, required: ["happened", "output"] },
  ],
};

const WHAT_NOW: Json = { enum: ["retry", "skip", "rollback", "fail"] };
