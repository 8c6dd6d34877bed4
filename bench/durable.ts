/**
 * What durability costs: CPU of durable runs against a floor in the same process, which inserts the same payloads with
 * the same hashes, two rows a node, in the same transactions, with the same settings of SQLite.
 * `node tools/node/run.cjs bench/durable.ts`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { PlanGraph } from "pawl/plan";
import type { Batch } from "pawl/store";
import { openOnDisk, toPlan, type Shape } from "./lib/engine.ts";
import { compareCpu, report, show, type Claim, type Contestant } from "./lib/measure.ts";
import { chain, dag } from "./lib/shapes.ts";

const MOST_TIMES = 3;

interface Row {
  readonly run: number;
  readonly seq: number;
  readonly payload: string;
}

/** The rows of one transaction. */
type Transaction = readonly Row[];

function toTransactions(batches: readonly Batch[]): readonly Transaction[] {
  const numbers = new Map<string, number>();
  return batches.map(({ runs }) =>
    runs.flatMap(({ run, from, events }) => {
      const number = numbers.get(run) ?? numbers.size + 1;
      numbers.set(run, number);
      return events.map((event, at) => ({ run: number, seq: from + at, payload: JSON.stringify(event) }));
    }),
  );
}

/** What anyone would write who wants the same rows: prepared statements and nothing else. */
function createFloor(transactions: readonly Transaction[]): Contestant {
  return {
    prepare: async () => {
      const dir = mkdtempSync(join(tmpdir(), "pawl-floor-"));
      const database = new DatabaseSync(join(dir, "rows.db"));
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      database.exec(
        `CREATE TABLE rows (no INTEGER PRIMARY KEY, run INTEGER NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL,
        hash TEXT NOT NULL, payload TEXT, UNIQUE (run, seq)) STRICT`,
      );
      const begin = database.prepare("BEGIN IMMEDIATE");
      const commit = database.prepare("COMMIT");
      const insert = database.prepare("INSERT INTO rows (run, seq, epoch, hash, payload) VALUES (?, ?, 1, ?, ?)");
      const work = (): void => {
        const heads = new Map<number, string>();
        for (const rows of transactions) {
          begin.run();
          for (const { run, seq, payload } of rows) {
            const digest = hash("sha256", payload, "hex");
            const link = hash("sha256", `${heads.get(run) ?? "0".repeat(64)}\n${seq}\n1\n${digest}`, "hex");
            heads.set(run, link);
            insert.run(run, seq, link, payload);
          }
          commit.run();
        }
      };
      const close = (): void => {
        database.close();
        rmSync(dir, { recursive: true });
      };
      return { work, close };
    },
  };
}

/** The transactions of a run of the engine, which the floor then makes as well. */
async function record(graph: PlanGraph, times: number): Promise<readonly Transaction[]> {
  const batches: Batch[] = [];
  const bench = await openOnDisk((batch) => batches.push(batch));
  await bench.run(graph, times);
  await bench.close();
  return toTransactions(batches);
}

async function measure(name: string, shape: Shape, times = 1): Promise<Claim> {
  const graph = toPlan(name, shape);
  const transactions = await record(graph, times);
  const engine: Contestant = {
    prepare: async () => {
      const bench = await openOnDisk();
      return { work: () => bench.run(graph, times), close: bench.close };
    },
  };
  const [ours = Number.NaN, least = Number.NaN] = await compareCpu([engine, createFloor(transactions)]);
  const rows = transactions.reduce((sum, { length }) => sum + length, 0);
  const ratio = ours / least;
  const nodes = shape.length * times;
  console.log(
    `${name}: ${show(ratio)} times the floor (${show(ours)} ms to ${show(least)} ms of CPU, ` +
      `${nodes} nodes, ${rows} rows in ${transactions.length} transactions)`,
  );
  return { what: name, got: ratio, most: MOST_TIMES, unit: " times" };
}

const claims = [
  await measure("chain 1,000", chain(1_000)),
  await measure("dag 2,000", dag(2_000)),
  await measure("200 chains of 20", chain(20), 200),
];
report(claims);
