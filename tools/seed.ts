/** `npm run seed -- SEED [--keep "why"]`: one seed of the simulation with a trace; `--keep` has it replayed for good. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runSeed } from "../test/simulation/run-seed.ts";
import { ROOT } from "./lib/paths.ts";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { keep: { type: "string" } } });
const [seed = "1"] = positionals;
const result = await runSeed(seed, (line) => console.log(line));
console.log(`plans of ${result.sizes.join(" and ")} nodes`, result.counts);
for (const violation of result.violations) console.log(`violation: ${violation}`);
console.log(
  `RESULT ${result.violations.length === 0 ? "ok" : "fail"}: seed ${seed}, ${result.violations.length} violations`,
);
if (result.violations.length > 0) process.exitCode = 1;
if (values.keep !== undefined) {
  const file = join(ROOT, "test/simulation/regressions", `${seed.replaceAll(/[^\w-]/g, "_")}.json`);
  await writeFile(file, `${JSON.stringify({ seed, why: values.keep }, undefined, 2)}\n`);
  console.log(`kept in ${file}`);
}
