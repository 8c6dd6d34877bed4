import { toHash, toInstant, toNodeId, toRunId, type Hash, type Json, type RunId } from "../../src/base/index.ts";
import type { NodeSucceeded, PlanGraph, RunCreated, RunEvent } from "../../src/plan/index.ts";
import type { Batch, RunAppend, RunTag, StoredEvent, StoreReader } from "../../src/store/index.ts";

/** A plan that runs of the samples use. The store takes its hash on trust. */
export const samplePlan: { readonly hash: Hash; readonly graph: PlanGraph } = {
  hash: toHash("ab".repeat(32)),
  graph: { name: "sample", nodes: { a: { uses: "shop.charge", with: { cents: 5 } } } },
};

export const firstRun: RunId = toRunId("first");
export const secondRun: RunId = toRunId("second");

/** The first event of a run. */
export function created(run: RunId, more: Partial<RunCreated> = {}): RunCreated {
  const base = { type: "run-created", plan: samplePlan.hash, input: null, tags: [], seed: "seed", pins: {} } as const;
  return { ...base, at: toInstant(1_000), run, ...more };
}

/** An event with a value of the user. */
export function succeeded(output: Json, at = 2_000): NodeSucceeded {
  return { type: "node-succeeded", at: toInstant(at), node: toNodeId("a"), attempt: 1, output };
}

/** What makes a run, with the events that follow at once. */
export function starting(run: RunId, ...events: readonly RunEvent[]): RunAppend {
  return { run, from: 1, events: [created(run), ...events], tag: "running" };
}

/** A batch that makes runs, plan included. */
export function starts(...runs: readonly RunAppend[]): Batch {
  return { plans: [samplePlan], runs };
}

/** What goes on with a run. */
export function going(run: RunId, from: number, ...events: readonly RunEvent[]): RunAppend {
  return { run, from, events, tag: "running" };
}

/** The same, into another state. */
export function turning(append: RunAppend, tag: RunTag): RunAppend {
  return { ...append, tag };
}

/** The events of a run, without what the store adds. */
export async function eventsOf(reader: StoreReader, run: RunId): Promise<readonly RunEvent[]> {
  return (await reader.read(run)).map((record: StoredEvent) => record.event);
}
