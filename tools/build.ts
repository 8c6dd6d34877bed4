/** `npm run build`: compiles src to a fresh dist. */
import { build } from "./lib/build.ts";
import { report, runCheck } from "./lib/step.ts";

const outcome = await runCheck("build", async () => {
  await build();
  return "";
});
report(outcome);
if (!outcome.hasPassed) process.exitCode = 1;
