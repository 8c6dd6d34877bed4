/**
 * `local-model.ts [--server PATH]`: agents on a real, very small model behind an OpenAI-compatible server: at
 * PAWL_LOCAL_MODEL_URL, or started by the program at PATH or in PAWL_LOCAL_MODEL. Only structure is asserted, never words.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { isJsonObject, toNodeId, type Json } from "../../../src/base/index.ts";
import { createSqliteDriver } from "../../../src/drivers/sqlite/index.ts";
import { AgentExecutor, type Executor, type RunReport } from "../../../src/index.ts";
import { resolveModel } from "../../../src/models/index.ts";
import { checkJournal } from "../../../src/plan/index.ts";
import { createRegistry } from "../../../src/run/index.ts";
import { builtInTools } from "../../../src/tools/index.ts";
import { BUDGET, createClerk, MODEL, TASKS, type Task } from "./local-model/clerk.ts";

const PORT = 8151;
/** The server has one place: a reply this long would keep it for longer. */
const FREE_AFTER_MS = 15_000;

/** What was tried, and what was wrong with it. */
interface Trial {
  readonly what: string;
  readonly seen: string;
  readonly faults: readonly string[];
}

async function inFolder<Value>(work: (dir: string) => Promise<Value>): Promise<Value> {
  const dir = await mkdtemp(join(tmpdir(), "pawl-local-model-"));
  const value = await work(dir);
  await rm(dir, { recursive: true });
  return value;
}

async function tryTask(url: string, task: Task): Promise<Trial> {
  const clerk = createClerk(url);
  return await inFolder(async (dir) => {
    await using executor = await AgentExecutor.open({ dir, use: [clerk] });
    const run = await executor.start(clerk, { input: { goal: task.goal } });
    const result = await run.result();
    const report = await run.report();
    const faults = findTaskFaults(task, report);
    if (result.tag !== "succeeded") return { what: task.goal, seen: result.why, faults: [`it ended ${result.tag}`] };
    const { ended, cost } = result.output;
    const { steps = 0, calls = 0, tokens = 0 } = cost;
    if (steps > BUDGET.steps + 1 || calls > BUDGET.calls || tokens > BUDGET.tokens) faults.push("over budget");
    if (tokens === 0) faults.push("no tokens were counted");
    return { what: task.goal, seen: `${ended}; ${steps} steps, ${calls} calls, ${tokens} tokens`, faults };
  });
}

/** The first call is the right one; usage comes from the server and not from an estimate. */
function findTaskFaults({ tool, about }: Task, { nodes }: RunReport): string[] {
  const faults: string[] = [];
  const thought = outputAt(nodes, "t1");
  const [call] = isJsonObject(thought) && Array.isArray(thought["calls"]) ? thought["calls"] : [];
  const isRight =
    isJsonObject(call) && call["tool"] === tool && JSON.stringify(call["input"]).toLowerCase().includes(about);
  if (!isRight) faults.push(`the first call is ${JSON.stringify(call)}`);
  if (nodes.get(toNodeId("t1c0"))?.status !== "succeeded") faults.push("the first call did not succeed");
  const usage = isJsonObject(thought) ? thought["usage"] : undefined;
  if (!isJsonObject(usage) || usage["isEstimated"] === true) faults.push("usage was not told");
  return faults;
}

function outputAt(nodes: RunReport["nodes"], id: string): Json {
  return nodes.get(toNodeId(id))?.output ?? null;
}

/** It never stops by itself: the loop detector has to. */
async function tryLeftAlone(url: string): Promise<Trial> {
  const steps = 12;
  const clerk = createClerk(url, { budget: { steps } });
  return await inFolder(async (dir) => {
    await using executor = await AgentExecutor.open({ dir, use: [clerk] });
    const run = await executor.start(clerk, { input: { goal: TASKS[0]?.goal ?? "" } });
    const result = await run.result();
    const ended = result.tag === "succeeded" ? result.output.ended : result.tag;
    const used = result.tag === "succeeded" ? (result.output.cost["steps"] ?? 0) : Infinity;
    const isRight = (ended === "loop" || ended === "done") && used <= steps;
    return { what: "left alone", seen: `${ended} after ${used} steps`, faults: isRight ? [] : ["it was not stopped"] };
  });
}

async function tryStreaming(url: string): Promise<Trial> {
  const talker = createClerk(url, { tools: [] });
  const texts: string[] = [];
  return await inFolder(async (dir) => {
    const onPiece = ({ piece }: { readonly piece: Json }): void => {
      if (isJsonObject(piece) && typeof piece["text"] === "string") texts.push(piece["text"]);
    };
    await using executor = await AgentExecutor.open({ dir, use: [talker], onPiece });
    const run = await executor.start(talker, { input: { goal: "Say hello." } });
    await run.result();
    const thought = outputAt((await run.report()).nodes, "t1");
    const whole = isJsonObject(thought) ? thought["text"] : undefined;
    const isWhole = typeof whole === "string" && whole !== "" && texts.join("").startsWith(whole);
    const faults = texts.length > 1 && isWhole ? [] : ["the pieces are not the reply"];
    return { what: "streaming", seen: `${texts.length} pieces`, faults };
  });
}

async function tryStop(url: string): Promise<Trial> {
  const talker = createClerk(url, { tools: [], maxOutputTokens: 6_000 });
  return await inFolder(async (dir) => {
    const begun = Promise.withResolvers<void>();
    await using executor = await AgentExecutor.open({ dir, use: [talker], onPiece: () => begun.resolve() });
    const run = await executor.start(talker, { input: { goal: "Write a very long story with many chapters." } });
    await begun.promise;
    await run.cancel();
    const { tag } = await run.result();
    const stopped = performance.now();
    const request = { messages: [{ role: "user", text: "Say hello." }], maxOutputTokens: 4 } as const;
    const next = resolveModel(`${url}#${MODEL}`, { env: {} }).generate(request, {
      signal: AbortSignal.timeout(FREE_AFTER_MS),
    });
    const isFree = await next.then(
      () => true,
      () => false,
    );
    const faults = [
      ...(tag === "cancelled" ? [] : [`it ended ${tag}`]),
      ...(isFree ? [] : ["the server is still busy with what nobody waits for"]),
    ];
    return { what: "stop", seen: `${tag}, free after ${Math.round(performance.now() - stopped)} ms`, faults };
  });
}

async function tryRefusal(
  url: string,
  { goal, code }: { readonly goal: string; readonly code: string },
): Promise<Trial> {
  const clerk = createClerk(url, { budget: {} });
  return await inFolder(async (dir) => {
    await using executor = await AgentExecutor.open({ dir, use: [clerk] });
    const result = await (await executor.start(clerk, { input: { goal } })).result();
    const seen = result.tag === "succeeded" ? result.tag : `${result.tag}: ${result.why}`;
    const isRight = result.tag === "rolled-back" && result.why.includes(code);
    return { what: code, seen: seen.slice(0, 160), faults: isRight ? [] : [`expected ${code}`] };
  });
}

/** Kills the agent's process in the middle of its second thought, and goes on in this one. */
async function tryKill(url: string): Promise<Trial> {
  const goal = TASKS[0]?.goal ?? "";
  return await inFolder(async (dir) => {
    const wasKilled = await killInSecondThought([dir, url, goal]);
    const clerk = createClerk(url);
    const executor = await AgentExecutor.open({ dir, use: [clerk] });
    const run = await executor.run("killed");
    const result = await run.result();
    const { nodes } = await run.report();
    const attempts = ["t1", "t1c0", "t2"].map((id) => nodes.get(toNodeId(id))?.attempts ?? 0);
    const findings = await findingsIn(executor, dir, clerk);
    const faults = [
      ...(wasKilled ? [] : ["it was not killed"]),
      ...(result.tag === "succeeded" ? [] : [`it ended ${result.tag}: ${result.why}`]),
      ...(attempts.join() === "1,1,2" ? [] : ["what was finished ran again, or what was not did not"]),
      ...findings,
    ];
    return { what: "kill -9", seen: `${result.tag}, attempts ${attempts.join()}`, faults };
  });
}

async function killInSecondThought(args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "local-model", "clerk-child.ts"), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) if (line === "piece of t2") child.kill("SIGKILL");
  await ended;
  return child.signalCode === "SIGKILL";
}

async function findingsIn(
  executor: Executor,
  dir: string,
  clerk: ReturnType<typeof createClerk>,
): Promise<readonly string[]> {
  const run = await executor.run("killed");
  await executor.close();
  const reader = await createSqliteDriver({ dir }).read();
  const events = (await reader.read(run.id)).map(({ event }) => event);
  const [created] = events;
  const graph = created?.type === "run-created" ? await reader.plan(created.plan) : undefined;
  await reader.close();
  if (graph === undefined) return ["the plan of the run is not in the store"];
  return checkJournal(graph, events, createRegistry([...builtInTools, clerk]));
}

/** Tries all of it, one after the other: the server has one place. */
async function* tryAll(url: string): AsyncGenerator<Trial> {
  for (const task of TASKS) yield await tryTask(url, task);
  yield await tryLeftAlone(url);
  yield await tryStreaming(url);
  yield await tryStop(url);
  const long = Array.from({ length: 9_000 }, (_, at) => `word${at}`).join(" ");
  yield await tryRefusal(url, { goal: long, code: "MODEL_CONTEXT_EXCEEDED" });
  yield await tryRefusal(`${url}/nowhere`, { goal: "Say hello.", code: "MODEL_UNKNOWN" });
  yield await tryKill(url);
}

interface Started {
  readonly url: string;
  readonly process: ChildProcess | undefined;
}

async function startServer(program: string | undefined): Promise<Started | undefined> {
  const url = process.env["PAWL_LOCAL_MODEL_URL"];
  if (program === undefined) return url === undefined ? undefined : { url, process: undefined };
  const child = spawn(program, [String(PORT)], { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = /^ready (\S+)/u.exec(line) ?? [];
    if (address !== undefined) return { url: address, process: child };
  }
  throw new Error(`${program} ended before it said "ready ADDRESS".`);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { server: { type: "string" } } });
  const started = await startServer(values.server ?? process.env["PAWL_LOCAL_MODEL"]);
  if (started === undefined) {
    console.error("Expected the program that starts a model's server by --server or in PAWL_LOCAL_MODEL, got none.");
    process.exitCode = 2;
  } else {
    const trials: Trial[] = [];
    for await (const trial of tryAll(started.url)) {
      trials.push(trial);
      console.log([`${trial.what}: ${trial.seen}`, ...trial.faults].join("\n  FAULT "));
    }
    started.process?.kill();
    const faults = trials.reduce((sum, trial) => sum + trial.faults.length, 0);
    const right = trials.slice(0, TASKS.length).filter((trial) => trial.faults.length === 0).length;
    const others = trials.length - TASKS.length;
    console.log(
      `RESULT ${faults === 0 ? "ok" : "fail"}: ${right} of ${TASKS.length} tasks with the right call and within budget, ` +
        `${others} other trials, ${faults} faults`,
    );
    if (faults > 0) process.exitCode = 1;
  }
}
