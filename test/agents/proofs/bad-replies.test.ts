import { describe, expect, it } from "vitest";
import { runCases } from "./bad-replies.ts";
import { CASES, type BadCase } from "./bad-replies/cases.ts";
import { findFaults, type Outcome } from "./bad-replies/run-case.ts";

/** Those that only wait longer than others of their kind are left to the command. */
const PATIENT = /^(?:529|502|a call that is cut|broken JSON|a stream with an end only|a piece now and then)/u;

describe("an agent whose model", () => {
  it("is broken, silent, greedy or mad ends in a typed outcome, within its budget", async () => {
    const cases = CASES.filter(({ name }) => !PATIENT.test(name));
    const { faults, outcomes } = await runCases(cases, { isQuick: true });
    expect(faults).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(50);
  });

  it("would be seen to ask too often, to act too often, to keep what it did, and to end otherwise", () => {
    const bad: BadCase = {
      name: "x",
      ends: { tag: "rolled-back", code: "A_B" },
      asked: 1,
      options: { budget: { tokens: 5 } },
    };
    const outcome: Outcome = {
      name: "x",
      ends: bad.ends,
      codes: [],
      asked: 1,
      made: 0,
      undone: 0,
      tokens: 9,
      largest: 5,
      ms: 1,
    };
    expect(findFaults(bad, outcome, { isQuick: false })).toEqual([]);
    const wrong: Outcome = { ...outcome, ends: { tag: "rolled-back" }, asked: 99, made: 2, tokens: 11 };
    expect(findFaults(bad, wrong, { isQuick: false })).toHaveLength(6);
  });
});
