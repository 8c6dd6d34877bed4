/** `npm run check [-- NAME...]`: what can be said about the code without running it. */
import { checks } from "./lib/steps.ts";
import { runAll } from "./lib/step.ts";

const names = process.argv.slice(2);
const known = checks.map((step) => step.name);
const unknown = names.filter((name) => !known.includes(name));

if (unknown.length > 0) {
  console.error(`No check is called ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
  process.exitCode = 2;
} else {
  const chosen = checks.filter((step) => names.length === 0 || names.includes(step.name));
  const outcomes = await runAll(chosen, 2);
  const failed = outcomes.filter((outcome) => !outcome.hasPassed).map((outcome) => outcome.name);
  console.log(failed.length === 0 ? "Everything holds." : `These do not hold: ${failed.join(", ")}.`);
  if (failed.length > 0) process.exitCode = 1;
}
