import type {
  Counters,
  NodeDecided,
  NodeFailed,
  NodeLate,
  NodeSettled,
  NodeSkipped,
  NodeStarted,
  NodeStopping,
  NodeSucceeded,
  NodeUnknown,
} from "../event.ts";
import { joinLabels } from "../../action/index.ts";
import type { FailureStrategy } from "../graph.ts";
import { compiledAt, demand, nodeOf, refuse } from "./access.ts";
import { needOf } from "./decide-start.ts";
import { later, makeReady, setTag } from "./create.ts";
import { endNode, mustUndoLoser } from "./endings.ts";
import { resourcesOf } from "./resources.ts";
import { outputLabels, skippedLabels } from "./labels.ts";
import { limitOf } from "./retry.ts";
import type { NodeState, RunState } from "./state.ts";
import { usageOf } from "./usage.ts";

type NodeEvent =
  | NodeDecided
  | NodeStarted
  | NodeStopping
  | NodeSucceeded
  | NodeFailed
  | NodeUnknown
  | NodeSettled
  | NodeSkipped
  | NodeLate;

/** Folds what happened to one node and its attempts. */
export function evolveNode(run: RunState, event: NodeEvent): void {
  const node = nodeOf(run, event);
  switch (event.type) {
    case "node-decided":
      demand(run, event, { node, is: ["ready"] });
      node.path = event.path;
      node.nature = run.plan.natureOf(usageOf(run, node), event.path);
      return;

    case "node-started":
      return start(run, node, event);

    case "node-stopping":
      demand(run, event, { node, is: ["running"] });
      node.stopping = event.why;
      run.attention.delete(node.index);
      return;

    case "node-succeeded":
      return succeed(run, node, event);

    case "node-failed":
      return fail(run, node, event);

    case "node-unknown":
      demand(run, event, { node, is: ["running"] });
      demandAttempt(run, node, event);
      return becomeUnknown(run, node, event);

    case "node-settled":
      demand(run, event, { node, is: ["unknown"] });
      if (event.answer === "not-done") return foundUndone(run, node);
      node.unknown = { why: node.unknown?.why ?? "crash", settled: event.answer };
      run.attention.add(node.index);
      return;

    case "node-skipped":
      demand(run, event, { node, is: ["pending", "ready", "retry-wait"] });
      if (run.phase !== "running") refuse(run, event, `the run is ${run.phase}`);
      node.labels = skippedLabels(run, node);
      return endNode(run, node, { tag: settleDoubt(run, node) ? "unknown" : "skipped", ending: "skipped" });

    case "node-late":
      return; // evidence only (E2)
  }
}

function demandAttempt(run: RunState, node: NodeState, event: NodeEvent & { readonly attempt: number }): void {
  if (event.attempt !== node.attempt)
    refuse(run, event, `attempt ${event.attempt} of ${node.id} is not the one that runs (${node.attempt})`);
}

/** E9, R6: nothing starts after a rollback or cancel decision. E4: nothing starts that has ended. */
function start(run: RunState, node: NodeState, event: NodeStarted): void {
  demand(run, event, { node, is: ["ready", "retry-wait", "unknown"] });
  if (run.phase !== "running") refuse(run, event, `the run is ${run.phase}`);
  if (event.attempt !== node.attempt + 1) refuse(run, event, `attempt ${node.attempt + 1} is next`);
  if (node.tag === "retry-wait" && node.dueAt !== undefined && event.at < node.dueAt)
    refuse(run, event, `the pause lasts until ${node.dueAt}`);
  setTag(run, node, "running");
  run.live.add(node.index);
  run.uncertain.delete(node.index);
  node.attempt = event.attempt;
  node.unknown = undefined;
  node.key = event.key;
  node.token = event.token;
  node.turn = event.token;
  node.startedAt = event.at;
  reserve(run, node);
  setTimers(run, node, event);
}

function reserve(run: RunState, node: NodeState): void {
  run.used.attempts += 1;
  const { node: plan } = compiledAt(run, node.index);
  for (const counters of [node.nature.counters, plan.counters ?? NONE])
    for (const name in counters)
      run.used.counters.set(name, (run.used.counters.get(name) ?? 0) + (counters[name] ?? 0));
  for (const { name } of resourcesOf(run, node)) {
    const holders = run.holders.get(name);
    if (holders === undefined) run.holders.set(name, [node.index]);
    else holders.push(node.index);
  }
}

const NONE: Readonly<Record<string, number>> = {};

/** E11: what an attempt says that it used takes the place of what was reserved for it. */
function giveBack(run: RunState, node: NodeState, used: Counters | undefined): void {
  if (used === undefined) return;
  const { counters } = run.used;
  for (const name of new Set([...counters.keys(), ...Object.keys(used)])) {
    const reserved = needOf(run, node, name);
    if (reserved === 0 && used[name] === undefined) continue;
    counters.set(name, (counters.get(name) ?? 0) - reserved + (used[name] ?? 0));
  }
}

function setTimers(run: RunState, node: NodeState, { at }: NodeStarted): void {
  const timeoutMs = limitOf(run, node, "timeoutMs");
  if (timeoutMs !== undefined)
    run.timers.push({ at: later(at, timeoutMs), node: node.index, kind: "attempt", stamp: node.stamp });
  if (node.firstStartedAt !== undefined) return;
  node.firstStartedAt = at;
  const totalMs = limitOf(run, node, "totalMs");
  if (totalMs !== undefined)
    run.timers.push({ at: later(at, totalMs), node: node.index, kind: "total", stamp: node.stamp });
}

function succeed(run: RunState, node: NodeState, event: NodeSucceeded): void {
  if (event.by === undefined) {
    demand(run, event, { node, is: ["running"] });
    demandAttempt(run, node, event);
  } else if (event.by === "ledger" || event.by === "fork") {
    demand(run, event, { node, is: ["ready", "retry-wait", "unknown"] });
    if (event.from === undefined) refuse(run, event, "an attached output names its origin");
    node.attached = event.from;
  } else demand(run, event, { node, is: ["unknown"] });
  node.output = event.output;
  node.labels = outputLabels(run, node, event.labels);
  giveBack(run, node, event.used);
  node.unknown = undefined;
  node.doubt = undefined;
  node.strategy = undefined;
  run.uncertain.delete(node.index);
  if (node.ended === undefined) endNode(run, node, { tag: "succeeded", ending: "succeeded" });
  else setTag(run, node, "succeeded"); // it had been given up as unknown, and has now been found done
  if (mustUndoLoser(run, node)) run.attention.add(node.index);
}

function becomeUnknown(run: RunState, node: NodeState, event: NodeUnknown): void {
  setTag(run, node, "unknown");
  run.live.delete(node.index);
  node.stopping = undefined;
  node.unknown = { why: event.why, settled: "no" };
  node.doubt = event.why;
  node.error = event.error;
  if (event.why === "crash") node.crashes += 1;
  run.uncertain.add(node.index);
  run.attention.add(node.index);
}

function fail(run: RunState, node: NodeState, event: NodeFailed): void {
  demand(run, event, { node, is: ["running", "ready", "retry-wait", "unknown"] });
  if (node.tag === "running" || event.attempt > 0) demandAttempt(run, node, event);
  if (event.attempt > 0) demand(run, event, { node, is: ["running", "unknown"] });
  node.error = event.error;
  if (event.labels !== undefined) node.labels = joinLabels(node.labels, event.labels);
  giveBack(run, node, event.used);
  if (event.attempt > 0) node.failures += 1;
  if (event.retryAt !== undefined) return waitForRetry(run, node, event.retryAt);
  failForGood(run, node);
}

function waitForRetry(run: RunState, node: NodeState, retryAt: NonNullable<NodeFailed["retryAt"]>): void {
  setTag(run, node, "retry-wait");
  run.live.delete(node.index);
  run.uncertain.delete(node.index);
  node.stopping = undefined;
  node.unknown = undefined;
  node.dueAt = retryAt;
  run.timers.push({ at: retryAt, node: node.index, kind: "retry", stamp: node.stamp });
}

/** Carries out what the plan says about a failure, as far as that needs no decision of its own in the journal. */
export function failForGood(run: RunState, node: NodeState): void {
  const tag = settleDoubt(run, node) ? "unknown" : "failed";
  run.live.delete(node.index);
  node.stopping = undefined;
  node.labels = outputLabels(run, node, node.labels); // its message may repeat what came from outside
  if (node.lost) return endNode(run, node, { tag, ending: "skipped" });
  const strategy = compiledAt(run, node.index).node.onFailure ?? "rollback";
  if (strategy === "skip") return endNode(run, node, { tag, ending: "failed" });
  if (strategy === "observe") return observe(run, node, tag);
  const mayFallBack = typeof strategy === "object" && !node.onFallback;
  if (mayFallBack && tag === "failed") return fallBack(run, node);
  setTag(run, node, tag);
  // The fallback is another effect: first it must be known what this one did.
  node.strategy = mayFallBack ? "settle" : strategyNow(run, strategy);
  // What failed for certain is for whoever makes the plan grow; what is in doubt is looked into first, as always.
  if (node.strategy !== "replan" || tag === "unknown") run.attention.add(node.index);
}

/** A fallback is tried once; without anyone who makes the plan grow, nobody could replan. */
function strategyNow(run: RunState, strategy: FailureStrategy): NonNullable<NodeState["strategy"]> {
  switch (strategy) {
    case "fail":
    case "ask":
      return strategy;
    case "replan":
      return run.plan.graph.grows === undefined ? "rollback" : "replan";
    default:
      return "rollback";
  }
}

/**
 * What was given up in doubt is unknown, also if the last attempt certainly did nothing: one before may have acted,
 * and a rollback must still find out whether there is something to undo. Tells whether it is so.
 */
export function settleDoubt(run: RunState, node: NodeState): boolean {
  if (node.doubt === undefined || node.nature.undo === "not-needed") {
    run.uncertain.delete(node.index);
    return false;
  }
  node.unknown ??= { why: node.doubt, settled: "no" };
  run.uncertain.add(node.index);
  return true;
}

function observe(run: RunState, node: NodeState, tag: "unknown" | "failed"): void {
  const { class: failure, code, message } = node.error ?? { class: "permanent", code: "OUTCOME_UNKNOWN", message: "" };
  node.output = { error: { class: failure, code, message } };
  endNode(run, node, { tag, ending: "succeeded" });
}

function fallBack(run: RunState, node: NodeState): void {
  node.onFallback = true;
  node.doubt = undefined;
  startAnew(run, node);
}

/** An unknown outcome was looked into: nothing happened. */
export function foundUndone(run: RunState, node: NodeState): void {
  run.uncertain.delete(node.index);
  node.doubt = undefined;
  node.unknown = { why: node.unknown?.why ?? "crash", settled: "not-done" };
  if (node.strategy === "settle") {
    node.strategy = undefined;
    return failForGood(run, node);
  }
  run.attention.add(node.index);
}

/**
 * Makes a node ready for a new generation: new key, attempts counted from the start. While it is in doubt what the
 * last one did, it keeps the key: a new one could make the effect twice.
 */
export function startAnew(run: RunState, node: NodeState): void {
  if (node.doubt === undefined) {
    node.generation += 1;
    node.attempt = 0;
    node.approved = false;
    node.path = undefined;
    node.nature = run.plan.natureOf(usageOf(run, node)); // a choice is made anew
  }
  node.failures = 0;
  node.unknown = undefined;
  node.strategy = undefined;
  node.firstStartedAt = undefined;
  run.uncertain.delete(node.index);
  makeReady(run, node);
}
