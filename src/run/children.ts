import { isJsonObject, sha256, toRunId, type Json, type RunId } from "../base/index.ts";
import {
  inputLabels,
  labelsOfRun,
  mayCancel,
  mayRetry,
  mayRollBack,
  needOf,
  resourcesOf,
  usageOf,
  type Counters,
  type NodeState,
  type RunFinished,
} from "../plan/index.ts";
import { release, settleNode, settleUndo } from "./attempts.ts";
import { hostNewRun } from "./create-run.ts";
import { toFailureRecord } from "./failures.ts";
import type { Settlement } from "./gateway.ts";
import { record, timeFor, type Hosted } from "./hosted.ts";

/*
 * A plan inside a plan is a run of its own, with its own journal and its own rollback.
 *
 * 1. The child's id is a function of the parent's node and attempt: starting it again finds it.
 * 2. The parent's attempt is out until the child has come to an end; a child whose rollback is stuck has not.
 */

const LONGEST_ID = 180;

/** The id of the run that an attempt of a plan node is. */
function childId(parent: RunId, node: NodeState): RunId {
  const id = `${parent}/${node.id}.${node.generation}.${node.attempt}`;
  return toRunId(id.length <= LONGEST_ID ? id : `${node.id}.${sha256(id).slice(0, 32)}`);
}

/** Runs a node's plan, or finds the run that an earlier process began. */
export function launchChild(hosted: Hosted, node: NodeState, input: Json): void {
  const id = childId(hosted.state.run, node);
  const uses = resourcesOf(hosted.state, node);
  let child: Hosted | undefined;
  let isStopping = false;
  const cancel = (): void => {
    isStopping = true;
    if (child === undefined || !mayCancel(child.state)) return;
    const why = `its parent ${hosted.state.run} stops`;
    record(child, { type: "cancel-decided", at: timeFor(child), why, by: hosted.state.run });
    hosted.engine.touch(child);
  };
  const settle = (settlement: Settlement): void => {
    if (hosted.engine.death !== undefined) return;
    hosted.work.delete(node);
    release(hosted.engine, uses);
    settleNode(hosted, node, settlement);
    hosted.engine.touch(hosted);
  };
  hosted.work.set(node, { stop: cancel });
  openChild(hosted, node, { id, input }).then(
    (opened) => {
      child = opened;
      followChild(opened, (end) => settle(toSettlement(opened, end)));
      if (isStopping) cancel();
    },
    (thrown: unknown) => settle({ tag: "failed", error: toFailureRecord(thrown) }),
  );
}

async function openChild(
  hosted: Hosted,
  node: NodeState,
  child: { readonly id: RunId; readonly input: Json },
): Promise<Hosted> {
  const known = await hosted.engine.load(child.id);
  if (known !== undefined) return known;
  const usage = usageOf(hosted.state, node);
  const graph = hosted.engine.registry.planOf(usage, node.path, hosted.state.plan.graph);
  const isNamed = usage.uses === "plan" && isJsonObject(child.input);
  const input = isNamed && isJsonObject(child.input) ? (child.input["input"] ?? null) : child.input;
  const parent = { run: hosted.state.run, node: node.id };
  const labels = inputLabels(hosted.state, node);
  const limits = limitsOf(hosted, node);
  const run = { run: child.id, graph, input, tags: hosted.state.tags, parent };
  return hostNewRun(hosted.engine, { ...run, labels, ...(limits !== undefined && { limits }) });
}

/** Calls back when a run is at its end for good; a stuck rollback is not. */
function followChild(child: Hosted, ended: (end: RunFinished) => void): void {
  const { finished } = child.state;
  const isDurable = child.pending.length === 0;
  if (finished !== undefined && isDurable && finished.tag !== "rollback-stuck") return ended(finished);
  child.watchers.push((end) => {
    if (end.tag === "rollback-stuck") followChild(child, ended);
    else ended(end);
  });
}

/** What it used of its parent's counters, and where its output came from, goes to the parent with its end. */
function toSettlement({ state }: Hosted, end: RunFinished): Settlement {
  const labels = labelsOfRun(state);
  const used = Object.fromEntries(state.used.counters);
  const attested = { ...(labels.length > 0 && { labels }), used };
  if (end.tag === "succeeded") return { tag: "succeeded", output: end.output ?? null, ...attested };
  const message = `Run ${state.run} ended ${end.tag}: ${end.why ?? "no reason given"}`;
  const failure = end.tag === "cancelled" ? "cancelled" : "permanent";
  return { tag: "failed", error: { class: failure, code: "CHILD_FAILED", message }, ...attested };
}

/** What a node reserves of the run's counters is what its child may use. */
function limitsOf({ state }: Hosted, node: NodeState): Counters | undefined {
  const names = new Set([
    ...Object.keys(node.nature.counters),
    ...Object.keys(state.plan.nodes[node.index]?.node.counters ?? {}),
  ]);
  if (names.size === 0) return undefined;
  return Object.fromEntries([...names].map((name) => [name, needOf(state, node, name)]));
}

/** Rolls a finished child back; its own journal says how far it is. */
export function launchChildUndo(hosted: Hosted, node: NodeState): void {
  const id = childId(hosted.state.run, node);
  const uses = resourcesOf(hosted.state, node);
  const settle = (settlement: Settlement): void => {
    if (hosted.engine.death !== undefined) return;
    hosted.work.delete(node);
    release(hosted.engine, uses);
    settleUndo(hosted, node, settlement);
    hosted.engine.touch(hosted);
  };
  hosted.work.set(node, { stop: () => {} });
  hosted.engine.load(id).then(
    (child) => {
      if (child === undefined) return settle({ tag: "succeeded", output: null });
      rollBackChild(hosted, child);
      followUndo(child, (end) => settle(end.tag === "rollback-stuck" ? stuck(id) : { tag: "succeeded", output: null }));
    },
    (thrown: unknown) => settle({ tag: "failed", error: toFailureRecord(thrown) }),
  );
}

function rollBackChild(hosted: Hosted, child: Hosted): void {
  const at = timeFor(child);
  const by = hosted.state.run;
  if (mayRollBack(child.state))
    record(child, { type: "rollback-decided", at, why: `its parent ${by} is rolled back`, by });
  else if (child.state.finished?.tag === "rollback-stuck" && mayRetry(child.state))
    record(child, { type: "run-retried", at, by });
  hosted.engine.touch(child);
}

function followUndo(child: Hosted, ended: (end: RunFinished) => void): void {
  const { finished } = child.state;
  if (finished === undefined) child.watchers.push(ended);
  else ended(finished);
}

function stuck(id: RunId): Settlement {
  const message = `The rollback of run ${id} is stuck. Mend what stops it, then retry.`;
  return { tag: "failed", error: { class: "permanent", code: "CHILD_STUCK", message } };
}
