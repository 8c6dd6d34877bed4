import { randomUUID } from "node:crypto";
import { builtInTools } from "../tools/index.ts";
import { toNodeId, type RunId } from "../base/index.ts";
import { createRegistry, createRuntime, type Runtime } from "../run/index.ts";
import { parseRunId, type Store, type StoreDriver } from "../store/index.ts";
import { systemClock, systemRng } from "./clock.ts";
import { watchInbox } from "./inbox.ts";
import { demandReport, followWaits, type Changed } from "./reports.ts";
import { createRun, type Access } from "./run-handle.ts";
import { checkInput, demandSound, toGraph } from "./to-graph.ts";
import type { Executor, OpenOptions } from "./types.ts";

const DRAIN_MS = 5_000;

/** Opens a store as its owner and takes up what was left unfinished. */
export async function openExecutor(driver: StoreDriver, options: OpenOptions): Promise<Executor> {
  const store = await driver.open();
  try {
    return await openOn(store, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openOn(store: Store, options: OpenOptions): Promise<Executor> {
  const { use = [], recover = true, dir: _, ...rest } = options;
  const registry = createRegistry([...builtInTools, ...use]);
  const bell = createBell();
  const runtime = createRuntime({
    ...rest,
    store,
    clock: systemClock,
    rng: systemRng,
    registry,
    onCommit: bell.ring,
    onDeath: bell.ring,
  });
  const recovered = recover ? await runtime.recover() : [];
  const access: Access = { reader: store, changed: bell.changed, order: runtime.command, ended: runtime.ended };
  const stopInbox = watchInbox(store, runtime);

  const executor: Executor = {
    recovered,
    start: async (what, { input, id, tags = [] }) => {
      const graph = toGraph(what);
      demandSound(graph, registry, runtime.engine.pool.capacity);
      const run = parseRunId(id ?? freshId(graph.name));
      await runtime.start({ run, graph, input: await checkInput(graph, input), tags });
      return createRun(access, run);
    },
    run: async (id) => createRun(access, (await demandReport(store, id)).run),
    runs: (query = {}) => store.list(query),
    waits: (follow = {}) => followWaits(store, { ...follow, changed: bell.changed }),
    answer: (wait, { by, value }) => runtime.command({ type: "answer", wait, by, value }),
    fork: async (source, { from, id, tags = [] }) => {
      const { run: of } = await demandReport(store, source);
      const run = parseRunId(id ?? freshId(of));
      await runtime.fork(of, toNodeId(from), { run, tags });
      return createRun(access, run);
    },
    close: (how) => close(how?.drainMs ?? DRAIN_MS),
    [Symbol.asyncDispose]: () => close(DRAIN_MS),
  };

  let closing: Promise<void> | undefined;
  function close(drainMs: number): Promise<void> {
    if (closing !== undefined) void runtime.drain(drainMs); // whoever is in more of a hurry has the say
    closing ??= shut(runtime, store, { drainMs, stopInbox });
    return closing;
  }
  return executor;
}

async function shut(
  runtime: Runtime,
  store: Store,
  how: { readonly drainMs: number; readonly stopInbox: () => Promise<void> },
): Promise<void> {
  await how.stopInbox();
  await runtime.drain(how.drainMs);
  await store.close();
}

function freshId(name: string): RunId {
  return parseRunId(`${name.slice(0, 100)}-${randomUUID().slice(0, 8)}`);
}

/** Wakes everyone who waits for something new. */
function createBell(): { readonly ring: () => void; readonly changed: Changed } {
  let waiting: (() => void)[] = [];
  return {
    ring: () => {
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    changed: (signal) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
}
