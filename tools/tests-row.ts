/**
 * `tools/tests-row.ts FILE... [-t NAME]`: runs tests as a row of an acceptance table. The last line says how many
 * passed; no test at all is a failure. Environment variables go through to the tests.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./lib/paths.ts";

const folder = mkdtempSync(join(tmpdir(), "pawl-row-"));
const report = join(folder, "report.json");
const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
const { status } = spawnSync(process.execPath, [vitest, "run", ...reporters, ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: ["ignore", "inherit", "inherit"],
});
const counts: { numPassedTests: number; numFailedTests: number; numPendingTests: number } = JSON.parse(
  readFileSync(report, "utf8"),
);
rmSync(folder, { recursive: true });
const { numPassedTests, numFailedTests, numPendingTests } = counts;
const isOk = status === 0 && numPassedTests > 0 && numFailedTests === 0;
console.log(
  `RESULT ${isOk ? "ok" : "fail"}: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`,
);
process.exitCode = isOk ? 0 : 1;
