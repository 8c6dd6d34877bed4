import { InputError, isJsonObject, toNodeId, type Json } from "../base/index.ts";
import { parsePatch, parsePlan } from "../plan/index.ts";
import { obey, runOf, type Engine, type RunCommand, type Runtime } from "../run/index.ts";
import { parseRunId, type InboxCommand, type Store } from "../store/index.ts";
import { checkInput, demandSound } from "./to-graph.ts";

const POLL_MS = 200;

/** What a client may put into the inbox. */
export type ClientCommand =
  | RunCommand
  | {
      readonly type: "start";
      readonly run: string;
      readonly plan: Json;
      readonly input: Json;
      readonly tags: readonly string[];
    }
  | {
      readonly type: "fork";
      readonly run: string;
      readonly source: string;
      readonly from: string;
      readonly tags: readonly string[];
    };

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

const FIELDS: Readonly<Record<ClientCommand["type"], readonly string[]>> = {
  answer: ["wait", "by"],
  cancel: ["run", "by"],
  rollback: ["run", "by"],
  retry: ["run", "by"],
  resume: ["run", "by"],
  patch: ["run", "by"],
  start: ["run"],
  fork: ["run", "source", "from"],
};

/** The inbox is another process's word: its shape is checked before it is believed. */
function parseCommand(command: Json): ClientCommand {
  const fields = isJsonObject(command) ? command : {};
  const { type } = fields;
  if (!isCommandType(type))
    throw new InputError("COMMAND_UNKNOWN", `There is no command ${JSON.stringify(type ?? null)}.`);
  for (const field of FIELDS[type])
    if (typeof fields[field] !== "string")
      throw new InputError("COMMAND_INVALID", `The command ${type} needs a text as \`${field}\`.`);
  const text = (field: string): string => String(fields[field]);
  const tags = Array.isArray(fields["tags"]) ? fields["tags"].map(String) : [];
  const input = fields["input"] ?? null;
  if (type === "start") return { type, run: text("run"), plan: fields["plan"] ?? null, input, tags };
  if (type === "fork") return { type, run: text("run"), source: text("source"), from: text("from"), tags };
  const by = text("by");
  if (type === "answer") return { type, wait: text("wait"), by, value: fields["value"] ?? null };
  if (type === "patch") return { type, run: text("run"), by, patch: parsePatch(fields["patch"] ?? null) };
  return { type, run: text("run"), by, ...(typeof fields["why"] === "string" && { why: fields["why"] }) };
}

function isCommandType(type: unknown): type is ClientCommand["type"] {
  return typeof type === "string" && Object.hasOwn(FIELDS, type);
}
