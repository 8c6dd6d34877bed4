import { runSeed } from "../test/simulation/run-seed.ts";

const [seed = "1"] = process.argv.slice(2);
const result = await runSeed(seed, (line) => console.log(line));
console.log(result.sizes, result.counts);
for (const violation of result.violations) console.log(`violation: ${violation}`);
