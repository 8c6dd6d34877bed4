import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { checkCases, findData } from "./bfcl.ts";

const data = findData(process.env["PAWL_DATA"]);
const folder = mkdtempSync(join(tmpdir(), "pawl-bfcl-"));
afterAll(() => rmSync(folder, { recursive: true }));

it.skipIf(data === undefined)("shows every function of the leaderboard, and takes and refuses what it should", () => {
  const { counts, failures } = checkCases(data ?? "");
  expect(failures).toEqual([]);
  expect(counts["cases"]).toBe(800);
  expect(counts["perturbed answers refused"]).toBeGreaterThan(10_000);
});

it("renames Python's types, lists what can't fit, and would notice what doesn't", () => {
  mkdirSync(join(folder, "possible_answer"));
  const parameters = {
    type: "dict",
    properties: {
      at: { type: "tuple", items: { type: "float" } },
      how: { type: "string", enum: ["a"] },
      any: { type: "any" },
    },
    required: ["at"],
  };
  const cases = [
    { id: "right", question: [], function: [{ name: "f.g", description: "", parameters }] },
    { id: "odd", question: [], function: [{ name: "f", description: "", parameters }] },
    { id: "gone", question: [], function: [] },
  ];
  const answers = [
    { id: "right", ground_truth: [{ "f.g": { at: [[1.5, 2]], how: ["a", ""], any: [{ x: 1 }] } }] },
    { id: "odd", ground_truth: [{ f: { at: [[1]], how: ["b"] } }] },
    { id: "gone", ground_truth: [{ f: { at: [[1]] } }] },
  ];
  const toLines = (list: readonly object[]): string => list.map((item) => JSON.stringify(item)).join("\n");
  writeFileSync(join(folder, "BFCL_v4_own.json"), toLines(cases));
  writeFileSync(join(folder, "possible_answer", "BFCL_v4_own.json"), toLines(answers));
  const { counts, reasons, failures } = checkCases(folder);
  expect(counts).toMatchObject({
    cases: 3,
    "functions shown": 2,
    "published answers": 3,
    "published answers taken": 2,
  });
  expect(reasons).toEqual([expect.stringMatching(/^odd f: input\.how: .*not in the published enum\)$/u)]);
  expect(failures).toEqual(["gone: f is not among the functions"]);
});
