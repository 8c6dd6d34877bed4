import type { Hash, Instant } from "../../base/index.ts";
import { applyPatch } from "../apply-patch.ts";
import { compilePlan } from "../compile.ts";
import type { CompiledPlan } from "../compiled.ts";
import type { PlanPatched } from "../event.ts";
import type { PlanPatch } from "../patch.ts";
import { pinnedNatureOf } from "../pin.ts";
import { extendPlan } from "../extend-plan.ts";
import { revise } from "../plan-hash.ts";
import { compiledAt, nodeAt, refuse } from "./access.ts";
import { later, newNode, newReadyQueue } from "./create.ts";
import { endNode, settleNew } from "./endings.ts";
import { settleDoubt } from "./evolve-node.ts";
import { growPlan } from "./grow-plan.ts";
import { MinHeap } from "./min-heap.ts";
import { mayPatch } from "./permissions.ts";
import { limitOf } from "./retry.ts";
import type { NodeState, OpenWait, RunState, Timer } from "./state.ts";

/** Tells which nodes a patch would change though they have started (E12). Empty: it may be applied. */
export function startedNodesIn(run: RunState, patch: PlanPatch): readonly string[] {
  return patch.flatMap((operation) => {
    if (operation.op !== "replace-node" && operation.op !== "remove-node") return [];
    const index = run.plan.index.get(operation.id);
    return index === undefined || hasNotStarted(nodeAt(run, index)) ? [] : [operation.id];
  });
}

/** Tells whether nothing has happened to a node yet, so that it may be changed. */
export function hasNotStarted(node: NodeState): boolean {
  return (node.tag === "pending" || node.tag === "ready") && node.attempt === 0 && node.generation === 0;
}

/** Folds a change of the plan; every node keeps what happened to it. */
export function evolvePatch(run: RunState, event: PlanPatched): void {
  if (!mayPatch(run)) refuse(run, event, `the run is ${run.phase}`);
  const started = startedNodesIn(run, event.patch);
  if (started.length > 0) refuse(run, event, `these nodes have started: ${started.join(", ")}`);
  const revision = revise(run.revision, event.patch);
  if (revision !== event.revision) refuse(run, event, `the revision should be ${revision}`);
  const hopeless = event.patch.flatMap((operation) => (operation.op === "give-up-node" ? [operation.id] : []));
  for (const id of hopeless) if (!waitsForPatch(run, id)) refuse(run, event, `${id} does not wait to be replanned`);
  pinNatures(run, event);
  const extension = extendPlan(run.plan, event.patch, run.plan.natureOf);
  if (extension === undefined) rebuild(run, event.patch, revision);
  else growPlan(run, event.patch, { extension, revision });
  run.revision = revision;
  run.isPatched = true;
  for (const id of hopeless) giveUp(run, nodeAt(run, run.plan.index.get(id) ?? -1));
}

/** Tells whether a node failed, and waits for a patch that gives it up. */
export function waitsForPatch(run: RunState, id: string): boolean {
  const node = run.nodes[run.plan.index.get(id) ?? -1];
  return node?.strategy === "replan" && node.ended === undefined;
}

function giveUp(run: RunState, node: NodeState): void {
  node.strategy = undefined;
  endNode(run, node, { tag: settleDoubt(run, node) ? "unknown" : "failed", ending: "skipped" });
}

/** What is pinned already stays as it is; looking through one more layer for each patch would add up. */
function pinNatures(run: RunState, { pins }: PlanPatched): void {
  if (Object.keys(pins).length === 0) return;
  run.pins = { ...run.pins, ...pins };
  run.plan = { ...run.plan, natureOf: pinnedNatureOf(pins, run.plan.natureOf) };
}

function rebuild(run: RunState, patch: PlanPatch, hash: Hash): void {
  const graph = applyPatch(run.plan.graph, patch);
  const replaced = new Set(patch.flatMap((operation) => (operation.op === "replace-node" ? [operation.id] : [])));
  rewire(run, compilePlan(graph, run.plan.natureOf, { hash }), replaced);
  run.ownsPlan = false;
}

function rewire(run: RunState, plan: CompiledPlan, replaced: ReadonlySet<string>): void {
  const before = run.plan;
  const known = new Map(run.nodes.map((node) => [node.id, node]));
  const move = (index: number): number => plan.index.get(before.nodes[index]?.id ?? "") ?? -1;
  const moveAll = (indexes: Iterable<number>): number[] => [...indexes].map(move).filter((index) => index >= 0);
  const waits = [...run.waits.values()].map((wait): OpenWait => ({ ...wait, node: move(wait.node) }));
  run.plan = plan;
  run.nodes = plan.nodes.map((compiled) => {
    const node = replaced.has(compiled.id) ? undefined : known.get(compiled.id);
    if (node === undefined) return newNode(compiled);
    node.index = compiled.index;
    if (node.winner !== undefined) node.winner = move(node.winner);
    return node;
  });
  run.open = run.nodes.filter((node) => node.ended === undefined).length;
  run.waits = new Map(waits.map((wait) => [wait.wait, wait]));
  run.live = new Set(moveAll(run.live));
  run.uncertain = new Set(moveAll(run.uncertain));
  run.attention = new Set(moveAll(run.attention));
  run.holders = new Map([...run.holders].map(([name, holders]) => [name, moveAll(holders)]));
  run.ready = newReadyQueue(plan);
  for (const node of run.nodes) settleNode(run, node);
  run.timers = timersOf(run);
}

function settleNode(run: RunState, node: NodeState): void {
  if (node.tag === "pending") return settleNew(run, node);
  const { parents } = compiledAt(run, node.index);
  node.openParents = parents.filter((edge) => nodeAt(run, edge.from).ended === undefined).length;
  if (node.tag === "ready") run.ready.push(node.index);
}

function timersOf(run: RunState): MinHeap<Timer> {
  const timers = new MinHeap<Timer>((a, b) => a.at < b.at);
  for (const node of run.nodes)
    for (const [kind, at] of dueTimes(run, node))
      if (at !== undefined) timers.push({ at, node: node.index, kind, stamp: node.stamp });
  const { wallMs } = run.plan.graph.budget ?? {};
  if (wallMs !== undefined) timers.push({ at: later(run.createdAt, wallMs), node: -1, kind: "wall", stamp: -1 });
  return timers;
}

type Due = readonly [Timer["kind"], Instant | undefined];

function dueTimes(run: RunState, node: NodeState): readonly Due[] {
  const { tag, undo, dueAt, wait, ended, startedAt, firstStartedAt } = node;
  const total: Due = ["total", after(firstStartedAt, limitOf(run, node, "totalMs"))];
  const totals = ended === undefined ? [total] : [];
  if (tag === "retry-wait") return [["retry", dueAt], ...totals];
  if (tag === "running") return [["attempt", after(startedAt, limitOf(run, node, "timeoutMs"))], ...totals];
  if (undo?.tag === "retry-wait") return [["undo-retry", dueAt]];
  return wait === undefined ? totals : [["wait", run.waits.get(wait)?.until], ...totals];
}

function after(at: Instant | undefined, ms: number | undefined): Instant | undefined {
  return at === undefined || ms === undefined ? undefined : later(at, ms);
}
