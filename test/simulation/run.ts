/** `run.ts [--seeds N] [--base TEXT] [--workers N]`: the big simulation; the last line says how it ended. */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { describeBatch, emptyBatch, findRare, merge, runBatch, type Batch } from "./batch.ts";

const PART = 250;

interface Part {
  readonly base: string;
  readonly from: number;
  readonly to: number;
}

/** Runs seeds in worker threads and gives what they came to. */
export async function runMany(base: string, seeds: number, workers: number): Promise<Batch> {
  const total = emptyBatch();
  let next = 0;
  const take = (): Part | undefined => {
    if (next >= seeds) return undefined;
    const from = next;
    next = Math.min(seeds, from + PART);
    return { base, from, to: next };
  };
  await Promise.all(Array.from({ length: workers }, () => work(take, total)));
  return total;
}

async function work(take: () => Part | undefined, total: Batch): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: "simulate" });
  try {
    for (let part = take(); part !== undefined; part = take()) {
      const { promise, resolve, reject } = Promise.withResolvers<Batch>();
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.postMessage(part);
      merge(total, await promise);
      worker.removeListener("error", reject);
    }
  } finally {
    await worker.terminate();
  }
}

if (!isMainThread && workerData === "simulate") {
  parentPort?.on("message", ({ base, from, to }: Part) => {
    void runBatch(base, from, to).then((batch) => parentPort?.postMessage(batch));
  });
} else if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { seeds: { type: "string" }, base: { type: "string" }, workers: { type: "string" } },
  });
  const base = values.base ?? String(Date.now());
  const seeds = Number(values.seeds ?? 1_500);
  console.log(`base seed ${base}`);
  const batch = await runMany(base, seeds, Number(values.workers ?? Math.min(2, availableParallelism())));
  for (const line of describeBatch(batch)) console.log(line);
  for (const { seed, violations } of batch.failures.slice(0, 20)) console.log(`seed ${seed}: ${violations[0]}`);
  const rare = findRare(batch);
  if (rare.length > 0) console.log(`too rare: ${rare.join(", ")}`);
  const isGood = batch.failures.length === 0 && rare.length === 0;
  const count = batch.seeds.toLocaleString("en");
  console.log(
    `RESULT ${isGood ? "ok" : "fail"}: ${count} seeds, ${batch.failures.length} violations, ${batch.crashes} crashes, ${batch.acts} effects`,
  );
  if (!isGood) process.exitCode = 1;
}
