import { expect, it } from "vitest";
import { countTests, type VitestReport } from "./vitest.ts";

const green: VitestReport = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [{ status: "passed", assertionResults: [{ status: "passed" }] }],
};

it("adds up a green report", () => {
  expect(countTests(green, 0)).toEqual({ passed: 3, failed: 0, skipped: 2 });
});

it("counts a file that failed before its first test", () => {
  const report = { ...green, testResults: [{ status: "failed", assertionResults: [] }] };
  expect(countTests(report, 1).failed).toBe(1);
});

it("counts a failing file once through its failing tests", () => {
  const testResults = [{ status: "failed", assertionResults: [{ status: "failed" }] }];
  expect(countTests({ ...green, numFailedTests: 1, testResults }, 1).failed).toBe(1);
});

it("counts an exit code that no test explains, and a report that was never written", () => {
  expect(countTests(green, 1).failed).toBe(1);
  expect(countTests(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
