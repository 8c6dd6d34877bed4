/**
 * `npm test [-- VITEST ARGUMENT...]`: everything that must hold. With arguments, only the tests that they choose.
 * The last line is always `N passed, N failed, N skipped`; it counts each test, the build, the type check and each
 * look at the package as one.
 */
import { build } from "./lib/build.ts";
import { checkPackage } from "./lib/package-checks.ts";
import { report, runCheck, runStep, type StepOutcome } from "./lib/step.ts";
import { exampleTypes, types } from "./lib/steps.ts";
import { runVitest, type Counts } from "./lib/vitest.ts";

const chosen = process.argv.slice(2);
const tested = chosen.length > 0 ? await testChosen() : await testAll();

const passed = tested.counts.passed + tested.outcomes.filter((outcome) => outcome.hasPassed).length;
const failed = tested.counts.failed + tested.outcomes.filter((outcome) => !outcome.hasPassed).length;
tested.outcomes.forEach(report);
console.log(`${passed} passed, ${failed} failed, ${tested.counts.skipped} skipped`);
if (failed > 0 || passed === 0) process.exitCode = 1;

interface Tested {
  readonly counts: Counts;
  readonly outcomes: readonly StepOutcome[];
}

async function testChosen(): Promise<Tested> {
  return { counts: await runVitest(chosen), outcomes: [] };
}

/** The build comes first, because end-to-end tests run what it made; the slow rest shares the two cores. */
async function testAll(): Promise<Tested> {
  const built = await runCheck("build", async () => {
    await build();
    return "";
  });
  const [counts, checked] = await Promise.all([runVitest([]), checkRest(built)]);
  return { counts, outcomes: [built, ...checked] };
}

async function checkRest(built: StepOutcome): Promise<StepOutcome[]> {
  return [await runStep(types), await runStep(exampleTypes), ...(built.hasPassed ? await checkPackage() : [])];
}
