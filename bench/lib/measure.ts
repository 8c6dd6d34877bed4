import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

/** What is compared: each gives what it prepares outside of the measured part. */
export interface Contestant {
  /** Called before each repetition; gives the work that is measured and what closes it. */
  readonly prepare: () => Promise<{
    readonly work: () => Promise<void> | void;
    readonly close?: () => Promise<void> | void;
  }>;
}

const ROUNDS = 7;

/** Medians of the CPU milliseconds of each contestant, their repetitions interleaved, after a warm-up of each. */
export async function compareCpu<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  rounds: number = ROUNDS,
): Promise<Record<Name, number>> {
  const entries = Object.entries<Contestant>(contestants);
  const seen = new Map<string, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, contestant] of entries) {
      const ms = await cpuOf(contestant);
      if (round > 0) seen.get(name)?.push(ms);
    }
  }
  const medians: Partial<Record<string, number>> = {};
  for (const [name, values] of seen) medians[name] = median(values);
  return medians as Record<Name, number>;
}

async function cpuOf({ prepare }: Contestant): Promise<number> {
  const { work, close } = await prepare();
  if (typeof collect === "function") collect();
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  await close?.();
  return (user + system) / 1_000;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** One claim of a benchmark: what came out, and the most that is allowed. */
export interface Claim {
  readonly what: string;
  readonly got: number;
  readonly most: number;
  readonly unit: string;
}

/** Prints the last line, which `npm run accept` reads, and sets the exit code. */
export function report(claims: readonly Claim[]): void {
  const isOk = claims.every(({ got, most }) => got <= most);
  const parts = claims.map(({ what, got, most, unit }) => `${what} ${show(got)}${unit} (at most ${most}${unit})`);
  console.log(`RESULT ${isOk ? "ok" : "fail"}: ${parts.join(", ")}`);
  if (!isOk) process.exitCode = 1;
}

/** Two digits after the point where that says something. */
export function show(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
