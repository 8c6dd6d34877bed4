/**
 * Plans of 100,000 nodes in SQLite, each in a process of its own: CPU against that of 10,000 nodes, and the most memory
 * that was resident. The state folder is on a disk in memory, since waiting for a real one shows in neither.
 * `node tools/node/run.cjs bench/huge.ts`
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { MEMORY_DISK, openOnDisk, toPlan, type Shape } from "./lib/engine.ts";
import { report, show, type Claim } from "./lib/measure.ts";
import { chain, fan, grid } from "./lib/shapes.ts";

const LARGE = 100_000;
const SMALL = 10_000;
const MOST_TIMES = 12;
const MOST_MEGABYTES = 600;

const shapes: Readonly<Record<string, (nodes: number) => Shape>> = { chain, star: (nodes) => fan(nodes - 2), grid };

interface Seen {
  readonly cpuMs: number;
  readonly megabytes: number;
}

/** What the child process does: one run, measured from its start to its end. */
async function runOnce(name: string, nodes: number): Promise<Seen> {
  const graph = toPlan(name, (shapes[name] ?? chain)(nodes));
  const bench = await openOnDisk(undefined, MEMORY_DISK);
  const start = process.cpuUsage();
  await bench.run(graph);
  const { user, system } = process.cpuUsage(start);
  await bench.close();
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return { cpuMs: (user + system) / 1_000, megabytes: Number(peak) / 1_024 };
}

function inChild(name: string, nodes: number): Seen {
  const { stdout, status } = spawnSync(process.execPath, [import.meta.filename, name, String(nodes)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`Expected the run of ${nodes} nodes to end well, got exit code ${status}.`);
  const seen: Seen = JSON.parse(stdout);
  return seen;
}

function measure(name: string): Claim[] {
  const small = inChild(name, SMALL);
  const large = inChild(name, LARGE);
  const times = large.cpuMs / small.cpuMs;
  console.log(
    `${name}: ${show(times)} times the CPU of ${SMALL} nodes (${show(large.cpuMs)} ms to ${show(small.cpuMs)} ms), ` +
      `${show(large.megabytes)} MB resident at most (${show(small.megabytes)} MB)`,
  );
  return [
    { what: name, got: times, most: MOST_TIMES, unit: " times" },
    { what: "with", got: large.megabytes, most: MOST_MEGABYTES, unit: " MB" },
  ];
}

const [name, nodes] = process.argv.slice(2);
if (name === undefined) report(Object.keys(shapes).flatMap(measure));
else console.log(JSON.stringify(await runOnce(name, Number(nodes))));
