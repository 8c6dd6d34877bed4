/** `search.ts BASE MOST`: runs seeds until one shows a violation. Run by hunt.ts, in the folder of a mutant. */
import { runSeed } from "../simulation/run-seed.ts";

const [base = "", most = "0"] = process.argv.slice(2);
for (let at = 0; at < Number(most); at += 1) {
  const { violations } = await runSeed(`${base}-${at}`);
  const [violation] = violations;
  if (violation === undefined) continue;
  console.log(`FOUND ${at + 1} ${violation.replaceAll("\n", " ").slice(0, 200)}`);
  break;
}
