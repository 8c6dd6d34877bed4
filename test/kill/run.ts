/** `run.ts [--kills N] [--seed TEXT]`: kills the real command line; the last line says how it ended. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { unitFrom } from "../../src/plan/index.ts";
import { killRun, type Killing } from "./kill-run.ts";

const LANES = 2;
const MOST_KILLS_A_RUN = 8;

/** What many killed runs came to. */
export interface Tally {
  kills: number;
  runs: number;
  readonly offsets: Map<string, number>;
  readonly violations: string[];
}

/** Runs plans and kills them, until there were so many kills. */
export async function killMany(kills: number, seed: string): Promise<Tally> {
  const tally: Tally = { kills: 0, runs: 0, offsets: new Map(), violations: [] };
  let begun = 0;
  let left = kills;
  const lane = async (): Promise<void> => {
    while (left > 0 && tally.violations.length === 0) {
      const plan = begun % 2 === 0 ? "rollback" : "forward";
      const mostKills = Math.min(left, MOST_KILLS_A_RUN);
      left -= mostKills; // those that it does not make come back below
      const made = await killOnce({ plan, mostKills, random: randomOf(`${seed}/${(begun += 1)}`) }, tally);
      left += mostKills - made;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return tally;
}

async function killOnce(killing: Omit<Killing, "folder">, tally: Tally): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "pawl-kill-"));
  const { offsets, violations } = await killRun({ ...killing, folder });
  tally.runs += 1;
  tally.kills += offsets.length;
  for (const offset of offsets) {
    const decade = `${killing.plan} ${Math.floor(offset / 10) * 10}-${Math.floor(offset / 10) * 10 + 9}`;
    tally.offsets.set(decade, (tally.offsets.get(decade) ?? 0) + 1);
  }
  tally.violations.push(...violations.map((violation) => `${folder} (${killing.plan}): ${violation}`));
  if (violations.length === 0) await rm(folder, { recursive: true });
  return offsets.length;
}

function randomOf(seed: string): () => number {
  let drawn = 0;
  return () => unitFrom(`${seed}/${(drawn += 1)}`);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { kills: { type: "string" }, seed: { type: "string" } } });
  const seed = values.seed ?? String(Date.now());
  const tally = await killMany(Number(values.kills ?? 200), seed);
  for (const [decade, count] of [...tally.offsets].toSorted(([a], [b]) => a.localeCompare(b)))
    console.log(`journal length ${decade}: ${count} kills`);
  for (const violation of tally.violations) console.log(violation);
  const isOk = tally.violations.length === 0;
  const what = `${tally.kills} kills in ${tally.runs} runs, ${tally.violations.length} violations (seed ${seed})`;
  console.log(`RESULT ${isOk ? "ok" : "fail"}: ${what}`);
  if (!isOk) process.exitCode = 1;
}
