import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isJsonObject, toRunId, type JsonObject } from "../../../../src/base/index.ts";
import { createSqliteDriver } from "../../../../src/drivers/sqlite/index.ts";
import { checkJournal, type RunEvent } from "../../../../src/plan/index.ts";
import { createRegistry } from "../../../../src/run/index.ts";
import { checkFolder, type StoreReader } from "../../../../src/store/index.ts";
import { readReport } from "../../../../src/executor/index.ts";
import { builtInTools } from "../../../../src/tools/index.ts";
import { createVictim } from "./agent.ts";
import { compareEnds, judge, keysIn, type Corpse, type EndState } from "./judge.ts";
import { progressOf } from "./progress.ts";
import { readLines, readMarks } from "./witness.ts";

/** When a process dies: before or after the commit that reaches a length, or at some instant around it. */
export interface Blow {
  readonly when: "before" | "after" | "around";
  readonly offset: number;
  /** After the commit, for `around`. */
  readonly delayMs: number;
}

/** One run of the agent that is killed again and again. */
export interface Killing {
  readonly run: string;
  /** An empty folder of its own. */
  readonly folder: string;
  readonly url: string;
  /** Where the model's server writes what it was asked, of all runs. */
  readonly log: string;
  /** Sorted by offset. */
  readonly blows: readonly Blow[];
  /** What the run comes to without kills; undefined: this is that run. */
  readonly expected: EndState | undefined;
}

/** What came of it. */
export interface Killed {
  readonly end: EndState;
  /** Events of the journal without those of recoveries. */
  readonly progress: number;
  /** Commits of the process that saw the end: all of them, where none was killed. */
  readonly commits: number;
  /** How far the run was at each kill. */
  readonly offsets: readonly number[];
  /** Kills at which a thought was out, and those at which a call was. */
  readonly thinking: number;
  readonly acting: number;
  readonly paidTwice: readonly string[];
  readonly calledTwice: readonly string[];
  readonly differences: readonly string[];
  readonly findings: readonly string[];
  readonly others: readonly string[];
  /** Calls of the model in all. */
  readonly asked: number;
}

/** Runs the agent in a process of its own, kills that as it is told, and starts it again until the run has ended. */
export async function killRun(killing: Killing): Promise<Killed> {
  const witness = join(killing.folder, "witness.jsonl");
  const dir = join(killing.folder, "state");
  const look = (): Promise<Corpse> => lookAt({ ...killing, dir, witness });
  const kills: Corpse[] = [];
  const blows = [...killing.blows];
  for (;;) {
    const progress = progressOf(kills.at(-1)?.events ?? []);
    while ((blows[0]?.offset ?? Infinity) <= progress) blows.shift();
    const blow = blows.shift();
    const ending = await runAgent({ ...killing, dir, witness, blow, progress });
    if (!ending.wasKilled) {
      const end = await look();
      return await toKilled({ ...killing, dir, witness }, { kills, end, ending });
    }
    kills.push(await look());
  }
}

interface Place extends Killing {
  readonly dir: string;
  readonly witness: string;
}

async function toKilled(
  place: Place,
  { kills, end, ending }: { readonly kills: readonly Corpse[]; readonly end: Corpse; readonly ending: Ending },
): Promise<Killed> {
  const [, tag = "", commits = "0"] = /^\{"tag":"([\w-]+)","commits":(\d+)\}$/mu.exec(ending.said) ?? [];
  const said = tag === "succeeded" ? [] : [`the agent's process ended with code ${ending.code}: ${ending.said}`];
  const verdict = judge({ kills, end });
  const reader = await createSqliteDriver({ dir: place.dir }).read();
  const state = await endStateOf(reader, place.run, end.events);
  const findings = await findingsIn(reader, place, end.events);
  await reader.close();
  const out = kills.map(({ events }) => outIn(events));
  return {
    end: state,
    progress: progressOf(end.events),
    commits: Number(commits),
    offsets: kills.map(({ events }) => progressOf(events)),
    thinking: out.filter(({ thoughts }) => thoughts > 0).length,
    acting: out.filter(({ calls }) => calls > 0).length,
    ...verdict,
    others: [...said, ...verdict.others, ...wrongCost(end.events)],
    differences: place.expected === undefined ? [] : compareEnds(place.expected, state),
    findings,
    asked: end.asked.length,
  };
}

function outIn(events: readonly RunEvent[]): { readonly thoughts: number; readonly calls: number } {
  const { out } = keysIn(events);
  const nodes = events.filter((event) => event.type === "node-started" && out.has(event.key) && event.attempt >= 1);
  const names = new Set(nodes.map((event) => ("node" in event ? String(event.node) : "")));
  const calls = [...names].filter((name) => name.includes("c")).length;
  return { thoughts: names.size - calls, calls };
}

/** The journal, what the model was asked and what the tools did, of this run. */
async function lookAt({ dir, run, log, witness }: Place): Promise<Corpse> {
  const events: RunEvent[] = [];
  if (existsSync(join(dir, "pawl.db"))) {
    const reader = await createSqliteDriver({ dir }).read();
    events.push(...(await reader.read(toRunId(run))).map(({ event }) => event));
    await reader.close();
  }
  const keys = new Set(events.flatMap((event) => (event.type === "node-started" ? [event.key] : [])));
  const asked = readLines(log)
    .map((line): { readonly key: string } => JSON.parse(line))
    .map(({ key }) => key)
    .filter((key) => keys.has(key));
  return { events, asked, marks: readMarks(witness) };
}

async function endStateOf(reader: StoreReader, run: string, events: readonly RunEvent[]): Promise<EndState> {
  const report = await readReport(reader, toRunId(run));
  const nodes = [...(report?.nodes.values() ?? [])].map(({ id, uses, status, output, error, undoAttempts }) => ({
    id,
    uses,
    status,
    output,
    error,
    undoAttempts,
  }));
  const { answer, ended, effects } = outputIn(events);
  return { output: { answer, ended, effects }, nodes };
}

/** Judge 6. */
function wrongCost(events: readonly RunEvent[]): readonly string[] {
  const { cost } = outputIn(events);
  const started = events.flatMap((event) => (event.type === "node-started" ? [event.node] : []));
  const calls = started.filter((node) => node.includes("c")).length;
  const steps = started.length - calls;
  const isRight = isJsonObject(cost) && cost["steps"] === steps && cost["calls"] === calls;
  return isRight ? [] : [`6: it says ${JSON.stringify(cost)}, but there were ${steps} steps and ${calls} calls`];
}

function outputIn(events: readonly RunEvent[]): JsonObject {
  const end = events.at(-1);
  return end?.type === "run-finished" && isJsonObject(end.output) ? end.output : {};
}

async function findingsIn(reader: StoreReader, place: Place, events: readonly RunEvent[]): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { code, message } of checkFolder(reader)) found.push(`${code}: ${message}`);
  const [created] = events;
  const graph = created?.type === "run-created" ? await reader.plan(created.plan) : undefined;
  if (graph === undefined) return [...found, "the plan of the run is not in the store"];
  const registry = createRegistry([...builtInTools, createVictim("", place.witness)]);
  return [...found, ...checkJournal(graph, events, registry)];
}

interface Ending {
  readonly code: number | null;
  readonly wasKilled: boolean;
  readonly said: string;
}

/** Starting takes most of the time: what was compiled once is kept for the next start. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "pawl-kill-compiled") };

interface Life extends Place {
  readonly blow: Blow | undefined;
  readonly progress: number;
}

async function runAgent({ dir, run, url, witness, blow, progress }: Life): Promise<Ending> {
  const own = [dir, run, url, witness, blow?.when ?? "", String(progress), String(blow?.offset ?? 0)];
  const child = spawn(process.execPath, [join(import.meta.dirname, "agent-child.ts"), ...own], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8");
    if (said.includes("time\n")) void sleep(blow?.delayMs ?? 0).then(() => child.kill("SIGKILL"));
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject);
  child.on("close", resolve);
  const code = await promise;
  return { code, wasKilled: child.signalCode === "SIGKILL", said };
}
