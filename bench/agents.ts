/**
 * What one step of an agent costs beside the model and the tool: CPU in memory against the tool loop of the AI SDK in the
 * same process, durable against in memory, and how often a durable step waits for the disk. The durable runs whose CPU counts are
 * kept on a disk in memory: what the kernel does in a synchronisation is the disk's affair, and those are counted by
 * themselves. The figure on the real disk is printed beside it.
 * `node tools/node/run.cjs bench/agents.ts`; `bench/agents.ts alone memory|durable|theirs CALLS` makes one run; `bench/agents.ts durable`
 * judges the durable figures only.
 */
import { spawnSync } from "node:child_process";
import { CALLS, contestant, openInMemory, openOnDisk, openTheirs, STEPS, type Rival } from "./lib/agents.ts";
import { MEMORY_DISK } from "./lib/engine.ts";
import { compareCpu, report, show } from "./lib/measure.ts";

const MOST_TIMES_THEIRS = 1;
const MOST_TIMES_MEMORY = 2;
const MOST_SYNCS = 2;
const RUNS = 3;
const ROUNDS = { warmUp: 10, counted: 15 };

const rivals: Readonly<Record<string, () => Promise<Rival>>> = {
  memory: openInMemory,
  durable: openOnDisk,
  theirs: openTheirs,
};

async function runAlone(name: string, calls: number): Promise<void> {
  const { run, close } = await (rivals[name] ?? openInMemory)();
  await run(calls);
  await close();
}

/** Synchronisations of a durable run of so many calls, from opening a new state folder to closing it. */
function countSyncs(calls: number): number {
  const own = [process.execPath, import.meta.filename, "alone", "durable", String(calls)];
  const strace = ["-f", "-c", "-e", "trace=fsync,fdatasync", ...own];
  const { stderr, status, error } = spawnSync("strace", strace, { encoding: "utf8" });
  if (error !== undefined || status !== 0) throw new Error(`strace did not work: ${error?.message ?? stderr}`);
  let syncs = 0;
  for (const [, count = "0"] of stderr.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*sync$/gm)) syncs += Number(count);
  if (syncs === 0) throw new Error(`Expected strace to count some calls, got this:\n${stderr}`);
  return syncs;
}

async function compare(): Promise<void> {
  const onMemoryDisk = (): Promise<Rival> => openOnDisk(MEMORY_DISK);
  const [theirs = Number.NaN, memory = Number.NaN, durable = Number.NaN, onDisk = Number.NaN] = await compareCpu(
    [openTheirs, openInMemory, onMemoryDisk, openOnDisk].map((open) => contestant(open, RUNS)),
    ROUNDS,
  );
  const each = (ms: number): string => `${show((ms * 1_000) / (RUNS * STEPS))} µs`;
  console.log(`CPU of one step, in a run of ${CALLS} calls: AI SDK ${each(theirs)}, ours in memory ${each(memory)},`);
  console.log(`durable ${each(durable)}, on the real disk ${each(onDisk)} (${show(onDisk / memory)} times in memory)`);
  const [half, whole] = [countSyncs(CALLS), countSyncs(2 * CALLS)];
  console.log(`${half} synchronisations in a run of ${STEPS} steps, opening and closing a new state folder included`);
  const against = { what: "in memory over AI SDK", got: memory / theirs, most: MOST_TIMES_THEIRS, unit: " times" };
  report([
    ...(isDurableOnly ? [] : [against]),
    { what: "durable over in memory", got: durable / memory, most: MOST_TIMES_MEMORY, unit: " times" },
    { what: "durable", got: (whole - half) / CALLS, most: MOST_SYNCS, unit: " syncs a step" },
  ]);
}

/** `durable`: what the journal costs is judged, not what a step costs in memory. */
const isDurableOnly = process.argv[2] === "durable";
const [mode, name = "memory", calls = String(CALLS)] = process.argv.slice(2);
if (mode === "alone") await runAlone(name, Number(calls));
else await compare();
