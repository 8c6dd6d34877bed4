import { describe, expect, it } from "vitest";
import { findViolations, type Mark } from "./check-marks.ts";
import { killMany } from "./run.ts";

const KILLS = process.env["CI"] === "true" ? 200 : 12;

describe("kill -9 of the command line", () => {
  it(`loses, repeats and reorders nothing in ${KILLS} kills`, { timeout: 600_000 }, async () => {
    const { violations, kills } = await killMany(KILLS, "npm test");
    expect(violations).toEqual([]);
    expect(kills).toBeGreaterThanOrEqual(KILLS);
  });

  it("would notice an attempt too many, another key, and a child before its parent", () => {
    const mark = (node: string, phase: Mark["phase"], key = node): Mark => ({
      node,
      kind: "run",
      attempt: 1,
      key,
      phase,
    });
    const marks = [mark("b", "begin"), mark("a", "begin"), mark("a", "begin", "other"), mark("a", "end")];
    const found = findViolations({ marks, kills: [], journal: [] }).map((violation) => violation[0]);
    expect(new Set(found)).toEqual(new Set(["1", "2", "4", "5", "6"]));
  });
});
