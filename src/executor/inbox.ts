import { InputError, toNodeId } from "../base/index.ts";
import { parsePlan } from "../plan/index.ts";
import { obey, runOf, type Engine, type RunCommand, type Runtime } from "../run/index.ts";
import { parseRunId, type InboxCommand, type Store } from "../store/index.ts";
import { parseCommand, type ClientCommand } from "./parse-command.ts";
import { checkInput, demandSound } from "./to-graph.ts";

const POLL_MS = 200;

/** Carries out what other processes order, in their order, as long as the executor is open. Gives the way to stop. */
export function watchInbox(store: Store, runtime: Runtime): () => Promise<void> {
  const stop = new AbortController();
  const watching = watch(store, runtime, stop.signal).catch((error: unknown) => runtime.engine.die(error));
  return async () => {
    stop.abort();
    await watching;
  };
}

async function watch(store: Store, runtime: Runtime, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && runtime.engine.death === undefined) {
    await drainInbox(store, runtime);
    await store.changed(POLL_MS, signal);
  }
}

/** Carries out all commands that have no result yet. */
export async function drainInbox(store: Store, runtime: Runtime): Promise<void> {
  for (const command of await store.inbox()) await carryOut(runtime, command);
}

async function carryOut(runtime: Runtime, { id, command }: InboxCommand): Promise<void> {
  await runtime.obeyInbox(id, async () => {
    const order = parseCommand(command);
    if (order.type === "start") return start(runtime, order);
    if (order.type === "fork") {
      await runtime.fork(parseRunId(order.source), toNodeId(order.from), {
        run: parseRunId(order.run),
        tags: order.tags,
      });
      return undefined;
    }
    return give(runtime.engine, order);
  });
}

async function start(runtime: Runtime, order: ClientCommand & { readonly type: "start" }): Promise<undefined> {
  const graph = parsePlan(order.plan);
  if (!runtime.engine.isClerk) demandSound(graph, runtime.engine.registry, runtime.engine.pool.capacity);
  const input = await checkInput(graph, order.input);
  await runtime.start({ run: parseRunId(order.run), graph, input, tags: order.tags });
  return undefined;
}

async function give(engine: Engine, order: RunCommand): ReturnType<Engine["load"]> {
  const run = runOf(order);
  const hosted = await engine.load(run);
  if (hosted === undefined) throw new InputError("RUN_NOT_FOUND", `There is no run ${run} in this state folder.`);
  obey(hosted, order);
  return hosted;
}
