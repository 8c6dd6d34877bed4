import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toRunId } from "../../src/base/index.ts";
import { createSqliteDriver } from "../../src/drivers/sqlite/index.ts";
import type { RunEvent } from "../../src/plan/index.ts";
import type { StoreReader } from "../../src/store/index.ts";
import { findViolations, type Mark } from "./check-marks.ts";
import { makePlan, type KillPlan } from "./plans.ts";
import { runPawl, type Ending } from "./pawl.ts";

/** One run of a plan that is killed again and again. */
export interface Killing {
  readonly plan: KillPlan["name"];
  /** An empty folder of its own. */
  readonly folder: string;
  readonly mostKills: number;
  /** Gives a number in [0, 1). */
  readonly random: () => number;
}

/** What came of it. */
export interface Killed {
  /** The length of the journal at each kill. */
  readonly offsets: readonly number[];
  readonly violations: readonly string[];
}

const RUN = toRunId("killed");

/** Runs a plan by the command line and kills it at random lengths of its journal, until it has come to its end. */
export async function killRun({ plan: name, folder, mostKills, random }: Killing): Promise<Killed> {
  const witness = join(folder, "witness.jsonl");
  const file = join(folder, "plan.json");
  const dir = join(folder, "state");
  const plan = makePlan(name, witness);
  writeFileSync(file, JSON.stringify(plan.graph));
  const journal = createJournal(dir);
  const targets = drawTargets(plan.events, mostKills, random);
  const kills: (readonly RunEvent[])[] = [];
  const offsets: number[] = [];
  let ending: Ending;
  do {
    const head = await journal.head();
    const target = targets.find((length) => length > head) ?? Infinity;
    const verb = head === 0 ? ["run", file, "--id", RUN] : ["resume", RUN];
    ending = await runPawl([...verb, "--dir", dir], async () => (await journal.head()) >= target);
    if (ending.wasKilled) {
      kills.push(await journal.events());
      offsets.push(kills.at(-1)?.length ?? 0);
    }
  } while (ending.wasKilled);
  const events = await journal.events();
  await journal.close();
  const violations = findViolations({ marks: readMarks(witness), kills, journal: events });
  if (ending.code !== plan.exitCode) violations.push(`it ended with exit code ${ending.code}: ${ending.said}`);
  const end = events.at(-1);
  if (end?.type !== "run-finished" || end.tag !== plan.tag)
    violations.push(`expected ${plan.tag}, got ${JSON.stringify(end)}`);
  const verified = await runPawl(["verify", "--dir", dir], async () => false);
  if (verified.code !== 0) violations.push(`pawl verify: ${verified.said}`);
  return { offsets, violations };
}

/** Lengths of the journal, uniform over all that it will have: each kill adds a few events. */
function drawTargets(events: number, kills: number, random: () => number): readonly number[] {
  const longest = events + 3 * kills;
  return Array.from({ length: kills }, () => 1 + Math.floor(random() * longest)).toSorted((a, b) => a - b);
}

function readMarks(witness: string): Mark[] {
  if (!existsSync(witness)) return [];
  return readFileSync(witness, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Mark => JSON.parse(line));
}

interface Journal {
  readonly head: () => Promise<number>;
  readonly events: () => Promise<readonly RunEvent[]>;
  readonly close: () => Promise<void>;
}

/** Reads the journal beside its owner, or beside its owner's corpse. */
function createJournal(dir: string): Journal {
  let reader: StoreReader | undefined;
  const open = async (): Promise<StoreReader | undefined> => {
    if (reader === undefined && existsSync(join(dir, "pawl.db"))) {
      reader = await createSqliteDriver({ dir })
        .read()
        .catch(() => undefined); // the folder is being made
    }
    return reader;
  };
  return {
    head: async () => (await (await open())?.summary(RUN))?.head ?? 0,
    events: async () => ((await (await open())?.read(RUN)) ?? []).map(({ event }) => event),
    close: async () => reader?.close(),
  };
}
