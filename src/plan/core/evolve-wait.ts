import { isJsonObject, type Json } from "../../base/index.ts";
import type { FailureRecord, WaitClosed, WaitOpened } from "../event.ts";
import { demand, nodeAt, nodeOf, openWait, refuse } from "./access.ts";
import { makeReady, setTag } from "./create.ts";
import { endNode, mustUndoLoser } from "./endings.ts";
import { failForGood, foundUndone, settleDoubt, startAnew } from "./evolve-node.ts";
import { outputLabels } from "./labels.ts";
import type { NodeState, NodeTag, OpenWait, RunState } from "./state.ts";

const OPENS_FROM: Readonly<Record<WaitOpened["kind"], NodeTag>> = {
  ask: "ready",
  approval: "ready",
  timer: "ready",
  unknown: "unknown",
  failure: "failed",
};

/** Folds the opening and the closing of a wait. A wait is closed once (X1). */
export function evolveWait(run: RunState, event: WaitOpened | WaitClosed): void {
  if (event.type === "wait-opened") return open(run, event);
  const wait = openWait(run, event);
  const node = nodeAt(run, wait.node);
  if (node.id !== event.node) refuse(run, event, `the wait belongs to ${node.id}`);
  run.waits.delete(wait.wait);
  node.wait = undefined;
  if (event.how === "withdrawn") return withdraw(run, node, wait);
  close(run, event, { wait, node });
}

/** Carries out an answer, the end of a pause, or the lack of an answer. */
function close(
  run: RunState,
  event: WaitClosed,
  { wait, node }: { readonly wait: OpenWait; readonly node: NodeState },
): void {
  if (wait.kind === "unknown") return settle(run, node, event);
  if (wait.kind === "failure") return decideFailure(run, node, event);
  if (wait.kind === "approval") return settleApproval(run, node, event);
  if (event.how === "expired")
    return failWith(run, node, { class: "permanent", code: "WAIT_EXPIRED", message: "Nobody answered in time." });
  if (wait.kind === "timer") return finish(run, node, null);
  if (wait.answer === undefined && event.value === false)
    return failWith(run, node, { class: "permanent", code: "REJECTED", message: `${event.by ?? "Someone"} said no.` });
  finish(run, node, { by: event.by ?? "", value: event.value ?? null });
}

/** "May it start?" A yes holds for all attempts of this generation. */
function settleApproval(run: RunState, node: NodeState, event: WaitClosed): void {
  if (event.value !== true) {
    const message = `${event.by ?? "Someone"} did not allow it.`;
    return failWith(run, node, { class: "permanent", code: "NOT_APPROVED", message });
  }
  node.approved = true;
  makeReady(run, node);
}

function open(run: RunState, event: WaitOpened): void {
  const node = nodeOf(run, event);
  const from = OPENS_FROM[event.kind];
  if (!(event.kind === "failure" && node.tag === "unknown")) demand(run, event, { node, is: [from] });
  if (event.kind !== "unknown" && run.phase !== "running") refuse(run, event, `the run is ${run.phase}`);
  if (run.waits.has(event.wait)) refuse(run, event, "the wait is open already");
  setTag(run, node, "waiting");
  node.wait = event.wait;
  const { wait, kind, show, answer, until } = event;
  run.waits.set(wait, { wait, node: node.index, kind, show, answer, openedAt: event.at, until });
  if (until !== undefined) run.timers.push({ at: until, node: node.index, kind: "wait", stamp: node.stamp });
}

function finish(run: RunState, node: NodeState, output: Json): void {
  node.output = output;
  endNode(run, node, { tag: "succeeded", ending: "succeeded" });
}

function failWith(run: RunState, node: NodeState, error: FailureRecord): void {
  node.error = error;
  failForGood(run, node);
}

/** "Did it happen?": a person's word counts like an outcome. */
function settle(run: RunState, node: NodeState, event: WaitClosed): void {
  const value = event.value ?? null;
  if (isJsonObject(value) && value["happened"] === true) {
    node.output = value["output"] ?? null;
    node.labels = outputLabels(run, node);
    node.unknown = undefined;
    node.doubt = undefined;
    node.strategy = undefined;
    run.uncertain.delete(node.index);
    if (node.ended === undefined) endNode(run, node, { tag: "succeeded", ending: "succeeded" });
    else setTag(run, node, "succeeded");
    if (mustUndoLoser(run, node)) run.attention.add(node.index);
    return;
  }
  setTag(run, node, "unknown");
  foundUndone(run, node);
}

/** "What now?": retry, skip, rollback or fail. */
function decideFailure(run: RunState, node: NodeState, event: WaitClosed): void {
  node.strategy = undefined;
  switch (event.how === "answered" ? event.value : "rollback") {
    case "retry":
      return startAnew(run, node);

    case "skip":
      return endNode(run, node, { tag: node.unknown === undefined ? "failed" : "unknown", ending: "failed" });

    case "fail":
    case "rollback":
      setTag(run, node, node.unknown === undefined ? "failed" : "unknown");
      node.strategy = event.value === "fail" ? "fail" : "rollback";
      run.attention.add(node.index);
      return;

    default:
      return refuse(run, event, "the answer is none of retry, skip, rollback, fail");
  }
}

/** The run stops waiting. A failing run may be retried later, and then asks again; a node that was given up is not. */
function withdraw(run: RunState, node: NodeState, wait: OpenWait): void {
  if (node.lost && run.phase === "running") {
    const tag = settleDoubt(run, node) ? "unknown" : "skipped";
    return endNode(run, node, { tag, ending: "skipped" });
  }
  if (wait.kind === "failure" || wait.kind === "unknown") {
    setTag(run, node, node.unknown === undefined ? "failed" : "unknown");
    run.attention.add(node.index); // a rollback looks into what is unknown
    return;
  }
  if (run.phase === "failing") return makeReady(run, node);
  endNode(run, node, { tag: settleDoubt(run, node) ? "unknown" : "skipped", ending: "skipped" });
}
