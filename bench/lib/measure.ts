/** What is compared: each gives what it prepares outside of the measured part. */
export interface Contestant {
  /** Called before each repetition; gives the work that is measured and what closes it. */
  readonly prepare: () => Promise<{
    readonly work: () => Promise<void> | void;
    readonly close?: () => Promise<void> | void;
  }>;
}

/** How often each contestant runs: before it counts, while V8 still compiles its code, and then. */
export interface Rounds {
  readonly warmUp: number;
  readonly counted: number;
}

const ROUNDS: Rounds = { warmUp: 12, counted: 9 };

/** Medians of the CPU milliseconds of some contestants, in their order; their repetitions are interleaved. */
export async function compareCpu(contestants: readonly Contestant[], rounds: Rounds = ROUNDS): Promise<number[]> {
  const seen = contestants.map((): number[] => []);
  for (let round = -rounds.warmUp; round < rounds.counted; round += 1) {
    for (const [at, contestant] of contestants.entries()) {
      const ms = await cpuOf(contestant);
      if (round >= 0) seen[at]?.push(ms);
    }
  }
  return seen.map(median);
}

/** No garbage is collected by force in between: V8 would throw away what it compiled for objects that died. */
async function cpuOf({ prepare }: Contestant): Promise<number> {
  const { work, close } = await prepare();
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
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(2);
}
