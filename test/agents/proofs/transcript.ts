/**
 * `transcript.ts [--steps N]`: an agent of 200 steps, each with a result of 4 KB, and the size of its state folder after
 * each quarter, at rest. The conversation must be kept once, not once in each step; the last line says how it ended.
 */
import { hash } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { defineAgent } from "../../../src/agents/index.ts";
import { AgentExecutor, defineQuery, type Executor } from "../../../src/index.ts";
import { scriptedModel, type Model, type ModelRequest } from "../../../src/models/index.ts";

const RESULT_CHARS = 4_096;
const QUARTERS = 4;
/** How far a quarter may be from the mean of all. */
const MOST_SPREAD = 0.15;
const MOST_BYTES_A_STEP = 3_000_000 / 200;

/** What the folder grew by. */
export interface Growth {
  /** Bytes of the folder after each quarter. */
  readonly sizes: readonly number[];
  /** What each quarter added to it. */
  readonly quarters: readonly number[];
  /** The largest distance of a quarter from the mean, as a share of that. */
  readonly spread: number;
  /** What the model was shown in its last step, in characters. */
  readonly shown: number;
  readonly ended: unknown;
}

/** Text that can't be packed much. */
function textOf(page: number): string {
  let text = `page ${page} `;
  while (text.length < RESULT_CHARS) text += hash("sha512", `${text.length}/${page}`, "base64");
  return text.slice(0, RESULT_CHARS);
}

const readPage = defineQuery("read_page", {
  description: "Reads a page.",
  input: z.object({ page: z.number() }),
  output: z.string(),
  run: ({ input }) => textOf(input.page),
});

function turnOf({ messages }: ModelRequest): number {
  return messages.filter(({ role }) => role === "assistant").length + 1;
}

/** A model that holds still once after so many steps, until its process lets go. */
function createReader(steps: number, onShown: (chars: number) => void): { model: Model; pauseAfter: Pausing } {
  const script = scriptedModel((request) => {
    const turn = turnOf(request);
    onShown(JSON.stringify(request.messages).length);
    return turn > steps ? "All pages are read." : { text: "", calls: [{ tool: "read_page", input: { page: turn } }] };
  });
  let pauseAt = Infinity;
  let reached = (): void => {};
  const model: Model = {
    ...script,
    generate: async (request, context) => {
      if (turnOf(request) <= pauseAt) return await script.generate(request, context);
      reached();
      await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
      throw context.signal.reason;
    },
  };
  const pauseAfter: Pausing = (step) => {
    pauseAt = step;
    return new Promise((resolve) => (reached = resolve));
  };
  return { model, pauseAfter };
}

type Pausing = (step: number) => Promise<void>;

/** Runs the agent with a stop after each quarter, and measures its folder there. */
export async function measureGrowth(steps: number): Promise<Growth> {
  const dir = await mkdtemp(join(tmpdir(), "pawl-transcript-"));
  let shown = 0;
  const { model, pauseAfter } = createReader(steps, (chars) => (shown = chars));
  const reader = defineAgent("reader", { model, tools: [readPage], budget: { steps: steps + 2 * QUARTERS } });
  const open = async (): Promise<Executor> => await AgentExecutor.open({ dir, use: [reader], graceMs: 0 });
  await (await open()).close();
  const empty = await sizeOf(dir);
  const sizes: number[] = [];
  let ended: unknown;
  for (let quarter = 1; quarter <= QUARTERS; quarter += 1) {
    const isLast = quarter === QUARTERS;
    const pause = pauseAfter(isLast ? Infinity : (steps / QUARTERS) * quarter);
    const executor = await open();
    const run = await executor.start(reader, { id: "r", input: { goal: "Read all pages." } });
    if (isLast) ended = await run.result();
    else await pause;
    await executor.close({ drainMs: 0 });
    sizes.push(await sizeOf(dir));
  }
  await rm(dir, { recursive: true });
  const quarters = sizes.map((size, at) => size - (sizes[at - 1] ?? empty));
  const mean = quarters.reduce((sum, size) => sum + size, 0) / QUARTERS;
  const spread = Math.max(...quarters.map((size) => Math.abs(size - mean) / mean));
  return { sizes, quarters, spread, shown, ended };
}

async function sizeOf(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(dir, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Why a growth is not as it should be. */
export function findFaults({ sizes, spread, shown, ended }: Growth, steps: number): readonly string[] {
  const most = MOST_BYTES_A_STEP * steps;
  const total = sizes.at(-1) ?? 0;
  return [
    ...(spread > MOST_SPREAD ? [`a quarter is ${percent(spread)} off the mean`] : []),
    ...(total > most ? [`the folder has ${total} bytes, more than ${most}`] : []),
    ...(shown < steps * RESULT_CHARS ? [`the model saw only ${shown} characters in the end`] : []),
    ...(JSON.stringify(ended)?.includes("All pages are read.") ? [] : [`it ended ${JSON.stringify(ended)}`]),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { steps: { type: "string" } } });
  const steps = Number(values.steps ?? 200);
  const growth = await measureGrowth(steps);
  const faults = findFaults(growth, steps);
  for (const fault of faults) console.log(fault);
  const kb = (bytes: number): string => `${Math.round(bytes / 1_000)} kB`;
  const line = `${steps} steps of ${RESULT_CHARS} characters: ${growth.sizes.map(kb).join(", ")} after each quarter`;
  console.log(
    `RESULT ${faults.length === 0 ? "ok" : "fail"}: ${line}, at most ${percent(growth.spread)} off the mean (at most 15 %)`,
  );
  if (faults.length > 0) process.exitCode = 1;
}
