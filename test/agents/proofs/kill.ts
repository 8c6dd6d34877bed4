/**
 * `kill.ts [--offsets N] [--seed TEXT]`: an agent of 30 steps, whose model is served over HTTP by a process of its own, is
 * killed at points that are spread evenly over its journal; the last line says how it ended.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { unitFrom } from "../../../src/plan/index.ts";
import { killRun, type Blow, type Killed } from "./kill/kill-run.ts";
import { readLines } from "./kill/witness.ts";

const LANES = 2;
const KILLS_A_RUN = 8;
const LONGEST_DELAY_MS = 8;
const WHEN = ["after", "before", "around"] as const;

/** What many killed runs came to. */
export interface Tally {
  readonly runs: readonly Killed[];
  /** Events of the journal when nobody disturbs it. */
  readonly events: number;
  /** Commits in which these come: as many lengths a journal can have at a kill. */
  readonly commits: number;
  readonly kills: number;
  readonly offsets: ReadonlySet<number>;
  readonly problems: readonly string[];
}

/** Kills the agent at so many points of its journal, several times in each run. */
export async function killAtOffsets(offsets: number, seed: string): Promise<Tally> {
  const base = await mkdtemp(join(tmpdir(), "pawl-kill-agent-"));
  const log = join(base, "asked.jsonl");
  const server = await startServer(log);
  try {
    const inFolder = async (run: string): Promise<string> => {
      await mkdir(join(base, run));
      return join(base, run);
    };
    const common = { url: server.url, log } as const;
    const calm = await killRun({
      ...common,
      run: "calm",
      folder: await inFolder("calm"),
      blows: [],
      expected: undefined,
    });
    const todo = drawBlows(offsets, calm.progress, seed);
    const runs: Killed[] = [];
    const lane = async (): Promise<void> => {
      for (let blows = todo.shift(); blows !== undefined; blows = todo.shift()) {
        const run = `victim-${todo.length}`;
        runs.push(await killRun({ ...common, run, folder: await inFolder(run), blows, expected: calm.end }));
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    const tally = toTally(calm, runs, readLines(log).length);
    if (tally.problems.length === 0) await rm(base, { recursive: true });
    return tally;
  } finally {
    server.process.kill();
  }
}

/** Points spread evenly over the journal, dealt out to runs so that each run is killed all along its way. */
function drawBlows(count: number, events: number, seed: string): Blow[][] {
  const runs = Math.ceil(count / KILLS_A_RUN);
  const all = Array.from({ length: count }, (_, at): Blow => {
    const offset = 1 + Math.floor(((at + unitFrom(`${seed}/offset/${at}`)) * (events - 1)) / count);
    const delayMs = unitFrom(`${seed}/delay/${at}`) * LONGEST_DELAY_MS;
    return { when: WHEN[Math.floor(at / runs + at) % WHEN.length] ?? "after", offset, delayMs };
  });
  return Array.from({ length: runs }, (_, run) => all.filter((_blow, at) => at % runs === run));
}

function toTally(calm: Killed, runs: readonly Killed[], served: number): Tally {
  const problems = [calm, ...runs].flatMap((run) => [
    ...run.paidTwice,
    ...run.calledTwice,
    ...run.differences,
    ...run.findings,
    ...run.others,
  ]);
  const asked = [calm, ...runs].reduce((sum, run) => sum + run.asked, 0);
  if (asked !== served) problems.push(`${served - asked} calls of the model have a key that stands in no journal`);
  const offsets = runs.flatMap((run) => run.offsets);
  return {
    runs,
    events: calm.progress,
    commits: calm.commits,
    kills: offsets.length,
    offsets: new Set(offsets),
    problems,
  };
}

interface Served {
  readonly process: ChildProcess;
  readonly url: string;
}

/** The model's server is a process of its own, which outlives those that are killed. */
async function startServer(log: string): Promise<Served> {
  const file = join(import.meta.dirname, "kill", "server-child.ts");
  const child = spawn(process.execPath, [file, log], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  if (child.stdout === null) throw new Error("Expected the server to say its address.");
  for await (const line of createInterface({ input: child.stdout })) return { process: child, url: line };
  throw new Error("The model's server ended before it said its address.");
}

/** One line that says how it ended. */
function describe({ runs, events, commits, kills, offsets, problems }: Tally, seed: string): string {
  const sum = (count: (run: Killed) => number): number => runs.reduce((total, run) => total + count(run), 0);
  const same = runs.filter(({ differences }) => differences.length === 0).length;
  return [
    `RESULT ${problems.length === 0 ? "ok" : "fail"}: ${kills} kills at ${offsets.size} lengths of a journal of ${events} events in ${commits} commits,`,
    ` in ${runs.length} runs (${sum(({ thinking }) => thinking)} in mid-thought, ${sum(({ acting }) => acting)} in mid-call):`,
    ` ${sum(({ paidTwice }) => paidTwice.length)} repeated paid calls whose answer was recorded,`,
    ` ${sum(({ calledTwice }) => calledTwice.length)} repeated finished tool calls,`,
    ` ${same} of ${runs.length} ends the same, ${sum(({ findings }) => findings.length)} findings in journals (seed ${seed})`,
  ].join("");
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { offsets: { type: "string" }, seed: { type: "string" } } });
  const seed = values.seed ?? "1";
  const wanted = Number(values.offsets ?? 200);
  const tally = await killAtOffsets(wanted, seed);
  for (const problem of tally.problems) console.log(problem);
  console.log(describe(tally, seed));
  if (tally.problems.length > 0) process.exitCode = 1;
}
