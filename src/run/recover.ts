import { isDeepStrictEqual } from "node:util";
import { DefectError, type Json, type RunId } from "../base/index.ts";
import {
  bindInput,
  compilePlan,
  createRun,
  evolve,
  pinName,
  pinnedNatureOf,
  toUndoFailed,
  usageOf,
  type CompiledPlan,
  type NodeState,
  type Pins,
  type PlanGraph,
  type RunCreated,
  type RunEvent,
  type RunState,
  type RunTag,
} from "../plan/index.ts";
import { launchChild } from "./children.ts";
import { compile } from "./create-run.ts";
import type { Engine } from "./engine.ts";
import { host, record, timeFor, type Hosted } from "./hosted.ts";
import type { Registry } from "./natures.ts";
import { reclaim } from "./ledger.ts";

/** What reading a journal takes. */
export interface Reader {
  readonly store: Pick<Engine["store"], "read" | "plan">;
  readonly registry: Registry;
}

const PAGE = 1_000;
const UNFINISHED: readonly RunTag[] = ["running", "waiting", "rolling-back", "cancelling", "suspended"];

/** Brings every unfinished run of the store back into memory, parents before they look for their children. */
export async function recoverAll(engine: Engine): Promise<readonly RunId[]> {
  const found: RunId[] = [];
  for (let page = await unfinished(engine); ; page = await unfinished(engine, found.at(-1))) {
    found.push(...page);
    if (page.length < PAGE) break;
  }
  for (const run of found) await engine.load(run);
  return found;
}

async function unfinished({ store }: Engine, after?: RunId): Promise<readonly RunId[]> {
  const page = await store.list({ states: UNFINISHED, limit: PAGE, ...(after !== undefined && { after }) });
  return page.map(({ run }) => run);
}

/** Folds a run's journal; undefined: there is no such run. @throws {DefectError} when the journal makes no sense. */
export async function readRun(engine: Reader, run: RunId): Promise<RunState | undefined> {
  let state: RunState | undefined;
  for (let from = 1; ; from += PAGE) {
    const page = await engine.store.read(run, { from, limit: PAGE });
    for (const { event } of page) state = state === undefined ? await begin(engine, event) : fold(state, event);
    if (page.length < PAGE) return state;
  }
}

async function begin(engine: Reader, event: RunEvent): Promise<RunState> {
  if (event.type !== "run-created")
    throw new DefectError("JOURNAL_DAMAGED", `A journal begins with run-created, not with ${event.type}.`);
  const graph = await engine.store.plan(event.plan);
  if (graph === undefined)
    throw new DefectError("JOURNAL_DAMAGED", `The plan ${event.plan} of run ${event.run} is missing.`);
  return createRun(compileAsPinned(engine, graph, event), event);
}

function fold(state: RunState, event: RunEvent): RunState {
  evolve(state, event);
  return state;
}

/** Takes up a run where its last owner left it: what was out is now unknown, what no longer fits is suspended. */
export async function takeUp(engine: Engine, state: RunState): Promise<Hosted> {
  const hosted = host(engine, state);
  if (!engine.isClerk) await reclaim(hosted);
  // Only now may others see it: what they started before would be taken for what the last owner left.
  engine.hosted.set(state.run, hosted);
  if (engine.isClerk) return hosted;
  if (state.finished !== undefined) return hosted;
  for (const index of state.live) {
    const node = state.nodes[index];
    if (node !== undefined) interrupt(hosted, node);
  }
  suspendIfChanged(hosted);
  engine.touch(hosted);
  return hosted;
}

function interrupt(hosted: Hosted, node: NodeState): void {
  const at = timeFor(hosted);
  if (node.tag === "compensating") {
    const error = { class: "transient", code: "INTERRUPTED", message: "The undo died with its process." } as const;
    return record(hosted, toUndoFailed(hosted.state, node, { error, at }));
  }
  if (node.nature.kind !== "plan")
    return record(hosted, { type: "node-unknown", at, node: node.id, attempt: node.attempt, why: "crash" });
  const input: Json = bindInput(hosted.state, node); // its child has a journal of its own: find it again
  hosted.afterCommit.push(() => {
    launchChild(hosted, node, input);
    if (node.stopping !== undefined) hosted.work.get(node)?.stop(node.stopping);
  });
}

/** The plan with the natures that the run was started with; where they are those of now, all runs share one. */
function compileAsPinned(engine: Reader, graph: PlanGraph, { pins, plan: hash }: RunCreated): CompiledPlan {
  const plan = compile(engine, graph);
  if (isDeepStrictEqual(engine.registry.pinsOf(plan.nodes, graph.grows), pins)) return plan;
  return compilePlan(graph, pinnedNatureOf(pins, engine.registry.natureOf), { hash });
}

/** X2: a run goes on only with the actions it was started with, as far as they have not had their turn. */
function suspendIfChanged(hosted: Hosted): void {
  const { state, engine } = hosted;
  if (state.phase !== "running") return;
  const now = engine.registry.pinsOf(state.plan.nodes, state.plan.graph.grows);
  const changed = new Set<string>();
  for (const node of state.nodes) {
    const name = pinName(usageOf(state, node).uses, node.path);
    if (needsItsAction(node) && isChanged({ was: state.pins[name]?.version, is: now[name]?.version }, node))
      changed.add(name);
  }
  const { grows } = state.plan.graph;
  if (grows !== undefined && state.pins[grows]?.version !== now[grows]?.version) changed.add(grows);
  if (changed.size === 0) return;
  const versionOf = (pins: Pins, name: string): Json => pins[name]?.version ?? null;
  const details = [...changed].map((action) => ({
    action,
    was: versionOf(state.pins, action),
    is: versionOf(now, action),
  }));
  const reason = `these actions are not what they were: ${[...changed].join(", ")}`;
  record(hosted, { type: "run-suspended", at: timeFor(hosted), reason, details });
}

function needsItsAction({ ended, nature }: NodeState): boolean {
  return ended === undefined && nature.kind !== "ask" && nature.kind !== "wait" && nature.action !== "plan";
}

interface Versions {
  readonly was: string | undefined;
  readonly is: string | undefined;
}

/**
 * An action that is gone, or, for a node that has not started, one of another version. What was never pinned (the run
 * was started by a process without the actions) fits whatever is there.
 */
function isChanged({ was, is }: Versions, { attempt }: NodeState): boolean {
  return is === undefined || (attempt === 0 && was !== undefined && was !== is);
}
