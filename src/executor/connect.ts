import { randomUUID } from "node:crypto";
import { InputError, toInstant, toRunId, TransientError, type Json, type RunId } from "../base/index.ts";
import type { RunFinished } from "../plan/index.ts";
import { createRegistry, createRuntime } from "../run/index.ts";
import { parseRunId, type CommandResult, type StoreDriver, type StoreReader } from "../store/index.ts";
import { builtInTools } from "../tools/index.ts";
import { systemClock, systemRng } from "./clock.ts";
import { drainInbox } from "./inbox.ts";
import type { ClientCommand } from "./parse-command.ts";
import { demandReport, followEvents, followWaits, type Changed } from "./reports.ts";
import { createRun, type Access } from "./run-handle.ts";
import { toGraph } from "./to-graph.ts";
import type { Client } from "./types.ts";

const POLL_MS = 250;
const OWNER_ANSWERS_MS = 30_000;

/**
 * Connects to a state folder from beside its owner: reads it, and gives orders through its inbox. Where no owner lives,
 * the client becomes the owner for the moment that an order takes.
 */
export async function connectClient(driver: StoreDriver): Promise<Client> {
  const reader = await driver.read();
  const changed: Changed = (signal) => reader.changed(POLL_MS, signal);
  const send = (command: ClientCommand): Promise<void> => order(driver, reader, command);
  const access: Access = { reader, changed, order: send, ended: (run) => awaitEnd(reader, run, changed) };
  const close = (): Promise<void> => reader.close();
  return {
    start: async (what, { input, id, tags = [] }) => {
      const graph = toGraph(what);
      const run = parseRunId(id ?? `${graph.name.slice(0, 100)}-${randomUUID().slice(0, 8)}`);
      await send({ type: "start", run, plan: toJson(graph), input: toJson(input), tags });
      return createRun(access, run);
    },
    run: async (id) => createRun(access, (await demandReport(reader, id)).run),
    runs: (query = {}) => reader.list(query),
    waits: (follow = {}) => followWaits(reader, { ...follow, changed }),
    answer: (wait, { by, value }) => send({ type: "answer", wait, by, value }),
    fork: async (source, { from, id, tags = [] }) => {
      const run = parseRunId(id ?? `${source.slice(0, 100)}-${randomUUID().slice(0, 8)}`);
      await send({ type: "fork", source, from, run, tags });
      return createRun(access, run);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null));
}

/** Puts an order into the inbox and waits for what the owner made of it. */
async function order(driver: StoreDriver, reader: StoreReader, command: ClientCommand): Promise<void> {
  const id = randomUUID();
  await reader.send({ id, at: toInstant(Date.now()), command: toJson(command) });
  const end = performance.now() + OWNER_ANSWERS_MS;
  while (performance.now() < end) {
    const result = await reader.commandResult(id);
    if (result !== undefined) return report(result);
    await ownForTheMoment(driver);
    if ((await reader.commandResult(id)) === undefined) await reader.changed(POLL_MS);
  }
  throw new TransientError(
    "OWNER_SILENT",
    "The owner of the state folder has not answered yet; the order stays in its inbox.",
  );
}

function report(result: CommandResult): void {
  if (result.tag === "refused") throw new InputError(result.code, result.message);
}

/** Does what the inbox says and no more: the next real owner, who has the actions, goes on from there. */
async function ownForTheMoment(driver: StoreDriver): Promise<void> {
  let store: Awaited<ReturnType<StoreDriver["open"]>>;
  try {
    store = await driver.open();
  } catch (error) {
    if (InputError.is(error) && error.code === "FOLDER_OWNED") return;
    throw error;
  }
  try {
    const registry = createRegistry(builtInTools);
    const clerk = createRuntime({ store, clock: systemClock, rng: systemRng, registry, isClerk: true });
    await drainInbox(store, clerk);
  } finally {
    await store.close();
  }
}

async function awaitEnd(reader: StoreReader, run: RunId, changed: Changed): Promise<RunFinished> {
  let end: RunFinished | undefined;
  for await (const { event } of followEvents(reader, toRunId(run), { changed }))
    if (event.type === "run-finished") end = event;
  if (end !== undefined) return end;
  throw new InputError("RUN_NOT_FOUND", `There is no run ${run} in this state folder.`);
}
