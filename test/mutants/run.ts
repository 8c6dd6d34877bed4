/** `run.ts [--base TEXT] [--only WORDS]`: hunts all mutants; the last line says how many were found. */
import { parseArgs } from "node:util";
import { hunt, type Catch } from "./hunt.ts";
import { MUTANTS } from "./mutants.ts";

const MOST_SEEDS = 50_000;
const { values } = parseArgs({ options: { base: { type: "string" }, only: { type: "string" } } });
const base = values.base ?? "mutants";
const chosen = MUTANTS.filter(({ name }) => values.only === undefined || name.includes(values.only));
const open = [...chosen];
const catches: Catch[] = [];
const work = async (): Promise<void> => {
  for (let mutant = open.shift(); mutant !== undefined; mutant = open.shift()) {
    const caught = await hunt(mutant, base, MOST_SEEDS);
    catches.push(caught);
    console.log(
      `${String(caught.seeds ?? "none").padStart(7)}  ${caught.name.padEnd(50)} ${caught.violation.slice(0, 90)}`,
    );
  }
};
await Promise.all([work(), work()]);
const found = catches.filter(({ seeds }) => seeds !== undefined).length;
console.log(`RESULT ${found === chosen.length ? "ok" : "fail"}: ${found} of ${chosen.length} found`);
if (found !== chosen.length) process.exitCode = 1;
