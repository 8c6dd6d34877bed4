import { NO_LABELS } from "../../action/index.ts";
import { toInstant, type Instant } from "../../base/index.ts";
import type { CompiledNode, CompiledPlan } from "../compiled.ts";
import type { RunCreated } from "../event.ts";
import { MinHeap } from "./min-heap.ts";
import type { NodeState, NodeTag, RunState, Timer } from "./state.ts";

/** Gives a node that nothing has happened to. */
export function newNode(compiled: CompiledNode): NodeState {
  return {
    index: compiled.index,
    id: compiled.id,
    tag: "pending",
    ended: undefined,
    nature: compiled.nature,
    onFallback: false,
    path: undefined,
    generation: 0,
    attempt: 0,
    failures: 0,
    crashes: 0,
    openParents: compiled.parents.length,
    winner: undefined,
    lost: false,
    output: null,
    labels: NO_LABELS,
    approved: false,
    error: undefined,
    strategy: undefined,
    stopping: undefined,
    unknown: undefined,
    doubt: undefined,
    wait: undefined,
    attached: undefined,
    undo: undefined,
    key: "",
    token: 0,
    turn: 0,
    dueAt: undefined,
    firstStartedAt: undefined,
    startedAt: undefined,
    endedAt: undefined,
    stamp: 0,
  };
}

/** The order in which ready nodes start: priority, then the longer remaining path, then the order of the plan. */
export function newReadyQueue(plan: CompiledPlan): MinHeap<number> {
  return new MinHeap<number>((a, b) => {
    const left = plan.nodes[a];
    const right = plan.nodes[b];
    if (left === undefined || right === undefined) return a < b;
    const byPriority = (right.node.priority ?? 0) - (left.node.priority ?? 0);
    if (byPriority !== 0) return byPriority < 0;
    return left.rank === right.rank ? a < b : left.rank > right.rank;
  });
}

const NO_LIMITS: RunState["limits"] = {};

/** Gives the state that the first event of a journal makes. */
export function createRun(plan: CompiledPlan, event: RunCreated): RunState {
  const nodes = plan.nodes.map(newNode);
  const run: RunState = {
    run: event.run,
    input: event.input,
    seed: event.seed,
    tags: event.tags,
    parent: event.parent,
    labels: event.labels ?? NO_LABELS,
    limits: event.limits ?? NO_LIMITS,
    createdAt: event.at,
    plan,
    ownsPlan: false,
    revision: event.plan,
    isPatched: false,
    pins: event.pins,
    phase: "running",
    resumes: "running",
    suspended: undefined,
    why: undefined,
    cause: undefined,
    nodes,
    isLabelled: (event.labels ?? NO_LABELS).length > 0,
    seq: 1,
    lastAt: event.at,
    ready: newReadyQueue(plan),
    timers: new MinHeap<Timer>((a, b) => a.at < b.at),
    attention: new Set(),
    live: new Set(),
    uncertain: new Set(),
    retrying: 0,
    waits: new Map(),
    open: nodes.length,
    used: { attempts: 0, counters: new Map() },
    holders: new Map(),
    undoPlan: undefined,
    finished: undefined,
  };
  for (const node of nodes) if (node.openParents === 0) makeReady(run, node);
  const wallMs = plan.graph.budget?.wallMs;
  if (wallMs !== undefined) run.timers.push({ at: later(event.at, wallMs), node: -1, kind: "wall", stamp: -1 });
  return run;
}

/** Moves a node to another state; what was to be decided about the old one is off the list. */
export function setTag(run: RunState, node: NodeState, tag: NodeTag): void {
  if (node.tag === "retry-wait") run.retrying -= 1;
  if (tag === "retry-wait") run.retrying += 1;
  node.tag = tag;
  node.stamp += 1;
  run.attention.delete(node.index);
}

/** Puts a node among those that may start. */
export function makeReady(run: RunState, node: NodeState): void {
  setTag(run, node, "ready");
  if (node.lost) run.attention.add(node.index); // the very ending that let it start may have let a join go on without it
  run.ready.push(node.index);
}

/** An instant so many milliseconds after another. */
export function later(at: Instant, ms: number): Instant {
  return toInstant(at + ms);
}
