import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeBatch, findRare } from "./batch.ts";
import { runMany } from "./run.ts";
import { runSeed } from "./run-seed.ts";

const isBig = process.env["CI"] === "true";
const SEEDS = isBig ? 50_000 : 1_500;
const kept = join(import.meta.dirname, "regressions");

describe("the simulation", () => {
  it(`finds no violation in ${SEEDS} fresh seeds, and covers every transition`, { timeout: 1_200_000 }, async () => {
    const base = String(Date.now());
    console.log(`base seed ${base}`);
    const batch = await runMany(base, SEEDS, isBig ? 2 : 1);
    console.log(describeBatch(batch).slice(0, 3).join("\n"));
    expect(batch.failures.slice(0, 5)).toEqual([]);
    expect(batch.seeds).toBe(SEEDS);
    expect(findRare(batch)).toEqual([]);
    expect(batch.withCrash / batch.seeds).toBeGreaterThan(0.8);
    expect(batch.withManyFaults / batch.seeds).toBeGreaterThan(0.5);
    expect([...batch.sizes].sort((a, b) => a - b)[Math.floor(batch.sizes.length / 2)]).toBeGreaterThanOrEqual(12);
  });

  it("gives the same for the same seed", async () => {
    const record = async (): Promise<string[]> => {
      const lines: string[] = [];
      await runSeed("same", (line) => lines.push(line));
      return lines;
    };
    const first = await record();
    expect(first.length).toBeGreaterThan(20);
    expect(await record()).toEqual(first);
  });
});

describe("seeds that failed once", () => {
  const files = readdirSync(kept).filter((file) => file.endsWith(".json"));
  it.each(files)("%s", async (file) => {
    const { seed }: { readonly seed: string } = JSON.parse(readFileSync(join(kept, file), "utf8"));
    expect((await runSeed(seed)).violations).toEqual([]);
  });
});
