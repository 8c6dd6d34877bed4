/**
 * What it costs to import the package: CPU and memory over a Node that imports nothing, in fresh processes.
 * `node tools/node/run.cjs bench/import.ts`; measured on dist if it is built, as users have it, else on the source.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { median, report, show } from "./lib/measure.ts";

const MOST_MS = 60;
const ROUNDS = 9;

const built = new URL("../dist/index.js", import.meta.url);
const entry = existsSync(built) ? built : new URL("../src/index.ts", import.meta.url);

/** CPU milliseconds and megabytes of a process that runs a script and ends. */
function cost(script: string): { readonly ms: number; readonly megabytes: number } {
  const program = `${script}
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    console.log(JSON.stringify({ ms: (userCPUTime + systemCPUTime) / 1_000, megabytes: maxRSS / 1_024 }));`;
  const args = ["--input-type=module", "--eval", program];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  return JSON.parse(stdout);
}

const bare: ReturnType<typeof cost>[] = [];
const ours: ReturnType<typeof cost>[] = [];
for (let round = 0; round <= ROUNDS; round += 1) {
  const empty = cost("");
  const full = cost(`await import(${JSON.stringify(entry.href)});`);
  // The first round reads the files from disk.
  if (round > 0) bare.push(empty);
  if (round > 0) ours.push(full);
}
const over = (of: "ms" | "megabytes"): number =>
  median(ours.map((one) => one[of])) - median(bare.map((one) => one[of]));
const what = entry === built ? "dist" : "source, with its types taken out while it loads";
console.log(`bare Node: ${show(median(bare.map(({ ms }) => ms)))} ms of CPU`);
console.log(`importing ${what}: ${show(over("ms"))} ms of CPU and ${show(over("megabytes"))} MB on top`);
report([{ what: `import (${what})`, got: over("ms"), most: MOST_MS, unit: " ms of CPU" }]);
