import { checkJournal, type JournalVisitor, type RunEvent } from "../../src/plan/index.ts";
import { runSeed, type SeedResult } from "./run-seed.ts";

/** What a batch of seeds came to; plain data, so that workers can send it. */
export interface Batch {
  seeds: number;
  readonly failures: { readonly seed: string; readonly violations: readonly string[] }[];
  readonly sizes: number[];
  crashes: number;
  withCrash: number;
  withManyFaults: number;
  attempts: number;
  acts: number;
  undos: number;
  fenced: number;
  takeovers: number;
  answers: number;
  orders: number;
  readonly transitions: Record<string, number>;
}

/** A batch in which nothing has run. */
export function emptyBatch(): Batch {
  return {
    seeds: 0,
    failures: [],
    sizes: [],
    crashes: 0,
    withCrash: 0,
    withManyFaults: 0,
    attempts: 0,
    acts: 0,
    undos: 0,
    fenced: 0,
    takeovers: 0,
    answers: 0,
    orders: 0,
    transitions: {},
  };
}

/** Runs seeds `PREFIX-FROM` up to, not including, `PREFIX-TO`. */
export async function runBatch(prefix: string, from: number, to: number): Promise<Batch> {
  const batch = emptyBatch();
  for (let at = from; at < to; at += 1) count(batch, await runSeed(`${prefix}-${at}${at % 3 === 0 ? "g" : ""}`));
  return batch;
}

function count(batch: Batch, { seed, violations, counts, sizes, journals, graphs, registry }: SeedResult): void {
  batch.seeds += 1;
  if (violations.length > 0) batch.failures.push({ seed, violations });
  batch.sizes.push(sizes[0] ?? 0);
  const faults = counts.crashes + counts.takeovers + counts.diskFailures;
  batch.crashes += counts.crashes;
  if (counts.crashes > 0) batch.withCrash += 1;
  if (faults > 1) batch.withManyFaults += 1;
  for (const name of ["attempts", "acts", "undos", "fenced", "takeovers", "answers", "orders"] as const)
    batch[name] += counts[name];
  graphs.forEach((graph, at) => {
    const events: readonly RunEvent[] = [...journals].find(([run]) => run === `run-${at}`)?.[1] ?? [];
    const visit: JournalVisitor = (event, { from, to, was, phase }) => {
      if (from !== to) add(batch.transitions, `node ${from} -> ${to}`);
      if (was !== phase) add(batch.transitions, `run ${was} -> ${event.type === "run-finished" ? event.tag : phase}`);
    };
    checkJournal(graph, events, { natureOf: registry.natureOf, visit });
  });
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** Adds one batch to another. */
export function merge(into: Batch, other: Batch): void {
  into.failures.push(...other.failures);
  into.sizes.push(...other.sizes);
  for (const [name, times] of Object.entries(other.transitions))
    into.transitions[name] = (into.transitions[name] ?? 0) + times;
  for (const name of [
    "seeds",
    "crashes",
    "withCrash",
    "withManyFaults",
    "attempts",
    "acts",
    "undos",
    "fenced",
    "takeovers",
    "answers",
    "orders",
  ] as const)
    into[name] += other[name];
}

/**
 * The transitions of the state machines that must have been covered. A pause ends in a failure or a skip only when the
 * process was down at its end, or a join went on meanwhile: too seldom to be counted on in each batch.
 */
const TRANSITIONS: readonly string[] = [
  "node ready -> running",
  "node ready -> waiting",
  "node ready -> succeeded",
  "node ready -> skipped",
  "node ready -> failed",
  "node pending -> skipped",
  "node running -> succeeded",
  "node running -> failed",
  "node running -> retry-wait",
  "node running -> unknown",
  "node running -> ready",
  "node retry-wait -> running",
  "node unknown -> running",
  "node unknown -> succeeded",
  "node unknown -> waiting",
  "node unknown -> retry-wait",
  "node unknown -> failed",
  "node waiting -> succeeded",
  "node waiting -> failed",
  "node waiting -> skipped",
  "node waiting -> unknown",
  "node failed -> waiting",
  "node waiting -> ready",
  "node succeeded -> compensating",
  "node unknown -> compensating",
  "node compensating -> compensated",
  "node compensating -> compensation-stuck",
  "run running -> succeeded",
  "run running -> rolling-back",
  "run running -> cancelling",
  "run running -> failing",
  "run failing -> failed",
  "run rolling-back -> rolled-back",
  "run rolling-back -> rollback-stuck",
  "run cancelling -> cancelled",
  "run running -> suspended",
  "run suspended -> running",
  "run finished -> rolling-back",
  "run finished -> running",
];

/** Says what a batch covered, in lines. */
export function describeBatch(batch: Batch): readonly string[] {
  const sizes = [...batch.sizes].sort((a, b) => a - b);
  const share = (part: number): string => `${Math.round((100 * part) / Math.max(1, batch.seeds))} %`;
  return [
    `plans of ${sizes[0]} to ${sizes.at(-1)} nodes, median ${sizes[Math.floor(sizes.length / 2)]}`,
    `${batch.crashes} crashes, in ${share(batch.withCrash)} of the seeds; two faults or more in ${share(batch.withManyFaults)}; ${batch.takeovers} takeovers`,
    `${batch.attempts} attempts and undos, ${batch.acts} effects, ${batch.undos} undone, ${batch.fenced} fenced off, ${batch.answers} answers, ${batch.orders} orders`,
    ...Object.entries(batch.transitions)
      .sort(([, a], [, b]) => b - a)
      .map(([name, times]) => `${String(times).padStart(9)} ${name}`),
  ];
}

/** Transitions that came up less often than 500 times in 50,000 seeds, in proportion. */
export function findRare(batch: Batch): readonly string[] {
  const least = Math.max(1, Math.floor((500 * batch.seeds) / 50_000 / 3));
  const needed = batch.seeds >= 50_000 ? 500 : least;
  return TRANSITIONS.filter((name) => (batch.transitions[name] ?? 0) < needed);
}
