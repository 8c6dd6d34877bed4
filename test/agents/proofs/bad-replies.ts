/**
 * `bad-replies.ts [--only TEXT] [--quick]`: a whole agent against servers and models that are broken, silent, greedy or
 * mad. Each run has to end in a typed outcome, within its budget, in bounded memory; the last line says how it ended.
 */
import { parseArgs } from "node:util";
import { CASES, type BadCase } from "./bad-replies/cases.ts";
import { findFaults, runCase, type Outcome } from "./bad-replies/run-case.ts";

const MOST_MEGABYTES = 512;

/** What became of all cases. */
export interface Tally {
  readonly outcomes: readonly Outcome[];
  readonly faults: readonly string[];
}

/** Runs cases: the heavy ones one after the other, the others all at once. */
export async function runCases(cases: readonly BadCase[], how: { readonly isQuick: boolean }): Promise<Tally> {
  const outcomes: Outcome[] = [];
  const faults: string[] = [];
  const runOne = async (bad: BadCase): Promise<void> => {
    const outcome = await runCase(bad, how);
    outcomes.push(outcome);
    faults.push(...findFaults(bad, outcome, how));
  };
  for (const bad of cases.filter(({ isHeavy }) => isHeavy === true)) await runOne(bad);
  await Promise.all(cases.filter(({ isHeavy }) => isHeavy !== true).map(runOne));
  return { outcomes, faults };
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { only: { type: "string" }, quick: { type: "boolean" } } });
  const cases = CASES.filter(({ name }) => name.includes(values.only ?? ""));
  const { outcomes, faults } = await runCases(cases, { isQuick: values.quick === true });
  for (const { name, ends, asked, made, tokens, ms } of outcomes)
    console.log(`${name}: ${Object.values(ends).join(" ")}; ${asked} asked, ${made} made, ${tokens} tokens, ${ms} ms`);
  for (const fault of faults) console.log(`FAULT ${fault}`);
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1_024);
  const isOk = faults.length === 0 && megabytes <= MOST_MEGABYTES;
  const longest = Math.max(...outcomes.map(({ ms }) => ms));
  console.log(
    `RESULT ${isOk ? "ok" : "fail"}: ${outcomes.length} cases, ${faults.length} faults, longest ${longest} ms, ` +
      `${megabytes} MB at most, servers included (at most ${MOST_MEGABYTES} MB)`,
  );
  if (!isOk) process.exitCode = 1;
}
