import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentExecutor, type Executor, type Run } from "../../../src/index.ts";
import { openMemory } from "../../../src/memory/index.ts";
import { fileTools } from "../../../src/tools/index.ts";
import { toOrder } from "./model.ts";
import type { OpenSource, Source } from "./sources.ts";
import type { Sink } from "./sinks.ts";
import { WAYS, type Leg } from "./ways.ts";

/** One case. */
export interface Case {
  readonly source: Source;
  readonly way: string;
  readonly sink: Sink;
}

/** One case, and what came of it. */
export interface Outcome {
  readonly name: string;
  readonly isForbidden: boolean;
  /** How often the sink really acted. */
  readonly acted: number;
  /** A person was asked about it. */
  readonly isAsked: boolean;
}

/** Whether the sink must not act without a person's word. */
export function isForbidden({ source, sink }: Pick<Case, "source" | "sink">): boolean {
  return sink.isAsked === true || source.labels.some((label) => sink.refuses.includes(label));
}

/** Tries one way from a source to a sink. Nobody allows what is asked, but where the sink says so. */
export async function tryWay({ source, way, sink }: Case): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), "pawl-labels-"));
  mkdirSync(join(dir, "files"));
  writeFileSync(join(dir, "files", "x"), "");
  const memory = openMemory({ file: join(dir, "memory.db") });
  const files = fileTools(join(dir, "files"), { trusted: true });
  const drain = await sink.open(dir);
  const said = toOrder("act", drain.order ?? drain.input);
  const well = await source.open(said, dir);
  try {
    const legs = WAYS[way]?.({ source: well, sink: drain, files, memory }) ?? [];
    let isAsked = false;
    for (const [at, leg] of legs.entries())
      isAsked = await drive(leg, { dir: join(dir, "state"), id: `r${at}`, said, isAllowed: sink.isAllowed === true });
    const name = `${source.name} -> ${way} -> ${sink.name}`;
    return { name, isForbidden: isForbidden({ source, sink }), acted: drain.acted(), isAsked };
  } finally {
    close(well);
    drain.close?.();
    memory.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function close(source: OpenSource): void {
  source.close?.();
}

interface Drive {
  readonly dir: string;
  readonly id: string;
  /** What a person says to whoever asks. */
  readonly said: string;
  readonly isAllowed: boolean;
}

/** Runs it to its end, or until it asks to be allowed something; a run that is cut, in two lives. */
async function drive(leg: Leg, { dir, id, said, isAllowed }: Drive): Promise<boolean> {
  let isAsked = false;
  for (const isLast of leg.isCut === true ? [false, true] : [true]) {
    const executor = await AgentExecutor.open({ dir, use: [leg.action], graceMs: 10 });
    const run = await executor.start(leg.action, { id, input: leg.input });
    const stop = new AbortController();
    const asked = answer(executor, { said, isAllowed, signal: stop.signal });
    const ended = run.result().then(() => false);
    const ends = [ended, asked, stuck(), ...(isLast ? [] : [looked(run)])];
    isAsked = await Promise.race(ends);
    stop.abort();
    await executor.close({ drainMs: 0 });
  }
  return isAsked;
}

/** Resolves once the source was looked at. */
async function looked(run: Run<unknown>): Promise<boolean> {
  for await (const { event } of run)
    if ((event.type === "node-succeeded" || event.type === "node-failed") && event.node === "t1c0") break;
  return false;
}

/** Answers questions; resolves when someone asks to be allowed something that nobody allows. */
async function answer(
  executor: Executor,
  { said, isAllowed, signal }: Pick<Drive, "said" | "isAllowed"> & { readonly signal: AbortSignal },
): Promise<boolean> {
  const answered = new Set<string>();
  for (; !signal.aborted; await pause()) {
    for await (const { kind, wait } of executor.waits()) {
      if (kind === "approval" && !isAllowed) return true;
      if (answered.has(wait) || signal.aborted) continue;
      answered.add(wait);
      await executor.answer(wait, { by: "ada", value: kind === "approval" ? true : said });
    }
  }
  return false;
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}

/** A case that neither ends nor asks is a mistake of the case. */
async function stuck(): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, LONGEST_MS).unref());
  throw new Error(`a case neither ended nor asked within ${LONGEST_MS} ms`);
}

const LONGEST_MS = 20_000;
