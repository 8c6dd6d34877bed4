import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "pawl/base";
import type { PlanGraph } from "pawl/plan";
import type { Clock, Runtime } from "pawl/run";
import type { Batch, Store } from "pawl/store";
import { usePublicNames } from "./source-names.ts";

usePublicNames();
const { UNLABELLED } = await import("pawl/action");
const { toInstant, toRunId } = await import("pawl/base");
const { parsePlan } = await import("pawl/plan");
const { createRegistry, createRuntime } = await import("pawl/run");
const { createMemoryDriver } = await import("pawl/store");
const { createSqliteDriver } = await import("pawl/drivers/sqlite");

/** The clock of production: what ends in one turn of the loop shares a commit. */
const clock: Clock = {
  now: () => toInstant(Date.now()),
  timer: (ms, ring) => {
    const timer = setTimeout(ring, ms);
    return () => clearTimeout(timer);
  },
  soon: (call) => {
    setImmediate(call);
  },
};

const effect = {
  tag: "effect",
  isQuery: true,
  repeat: "safe",
  undo: "not-needed",
  check: undefined,
  identity: undefined,
  input: undefined,
  output: undefined,
  limits: {},
  resources: [],
  counters: {},
  ...UNLABELLED,
} as const;

/** One registry for all repetitions: a plan is compiled once and run many times. */
const registry = createRegistry([
  { name: "noop", version: 1, definition: { ...effect, run: async () => ({ value: 1 }) } },
  {
    name: "pause",
    version: 1,
    definition: { ...effect, run: ({ input }) => pause(typeof input === "number" ? input : 0) },
  },
]);

/** What a node of a benchmark does where it takes time. */
export function pause(ms: number): Promise<Json> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(ms), ms);
  });
}

/** An open store with a runtime on it. */
export interface Bench {
  readonly runtime: Runtime;
  /** Runs a plan so many times at once, to the end of all. */
  readonly run: (graph: PlanGraph, times?: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens a runtime in memory. */
export async function openInMemory(): Promise<Bench> {
  const store = await createMemoryDriver().open();
  return benchOn(store, () => store.close());
}

/** Where the operating system keeps files in memory: for what counts CPU, and syncs so often that a disk takes minutes. */
export const MEMORY_DISK: string = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Opens a runtime on a new state folder in SQLite, fully synchronised; `seen` is shown each batch after its commit. */
export async function openOnDisk(seen: (batch: Batch) => void = () => {}, place: string = tmpdir()): Promise<Bench> {
  const dir = await mkdtemp(join(place, "pawl-bench-"));
  const store = await createSqliteDriver({ dir }).open();
  const watched: Store = {
    ...store,
    commit: async (batch) => {
      await store.commit(batch);
      seen(batch);
    },
  };
  return benchOn(watched, async () => {
    await store.close();
    await rm(dir, { recursive: true });
  });
}

function benchOn(store: Store, close: () => Promise<void>): Bench {
  let made = 0;
  const runtime = createRuntime({
    store,
    clock,
    registry,
    rng: { seed: () => "bench" },
    parallel: 1_000,
  });
  const runOnce = async (graph: PlanGraph): Promise<void> => {
    const run = toRunId(`run-${(made += 1)}`);
    await runtime.start({ run, graph, input: { value: 1 }, tags: [] });
    const { tag } = await runtime.ended(run);
    if (tag !== "succeeded") throw new Error(`Expected the run to succeed, it ended ${tag}. Correct this benchmark.`);
  };
  return {
    runtime,
    run: async (graph, times = 1) => {
      await Promise.all(Array.from({ length: times }, () => runOnce(graph)));
    },
    close,
  };
}

/** A node of a shape: the numbers of its parents, all smaller than its own. */
export type Shape = readonly (readonly number[])[];

/** Makes the plan of a shape; values go along every edge. */
export function toPlan(name: string, shape: Shape): PlanGraph {
  const nodes = shape.map((parents, index) => {
    const values = parents.map((parent) => `\${nodes.n${parent}.output.value}`);
    return [`n${index}`, { uses: "noop", with: values.length === 1 ? values[0] : values }];
  });
  return parsePlan({ name, nodes: Object.fromEntries(nodes), output: `\${nodes.n${shape.length - 1}.output.value}` });
}

/** Makes a plan out of its file form. */
export function planOf(source: Json): PlanGraph {
  return parsePlan(source);
}
