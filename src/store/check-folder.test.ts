import { describe, expect, it } from "vitest";
import { DefectError, toHash, toInstant, toRunId, type RunId } from "../base/index.ts";
import { checkFolder } from "./check-folder.ts";
import { journalDamaged } from "./failures.ts";
import { createMemoryDriver } from "./memory.ts";
import type { StoreProblem, StoreReader } from "./port.ts";

const plan = { hash: toHash("ab".repeat(32)), graph: { name: "p", nodes: {} } };

async function filled(count: number): Promise<StoreReader> {
  const store = await createMemoryDriver().open();
  const runs = Array.from({ length: count }, (_, at) => {
    const run = toRunId(`r${at}`);
    const base = { plan: plan.hash, input: null, tags: [], seed: "s", pins: {} };
    return {
      run,
      from: 1,
      tag: "running" as const,
      events: [{ type: "run-created" as const, at: toInstant(1), run, ...base }],
    };
  });
  await store.commit({ plans: [plan], runs });
  return store;
}

async function problemsOf(reader: StoreReader): Promise<StoreProblem[]> {
  const problems: StoreProblem[] = [];
  for await (const problem of checkFolder(reader)) problems.push(problem);
  return problems;
}

describe("checkFolder", () => {
  it("looks at every run of a large store, once", async () => {
    const reader = await filled(2_345);
    const seen: RunId[] = [];
    const read: StoreReader["read"] = async (run, options) => {
      seen.push(run);
      return reader.read(run, options);
    };
    expect(await problemsOf({ ...reader, read })).toEqual([]);
    expect([seen.length, new Set(seen).size]).toEqual([2_345, 2_345]);
  });

  it("gives a problem per damaged run, after those of the whole store, and goes on", async () => {
    const reader = await filled(5);
    const read: StoreReader["read"] = async (run, options) => {
      if (run === "r1" || run === "r3") throw journalDamaged(`Record 7 of run "${run}"`, "test");
      return reader.read(run, options);
    };
    const audit = async (): Promise<readonly StoreProblem[]> => [{ code: "JOURNAL_DAMAGED", message: "an index" }];
    const problems = await problemsOf({ ...reader, read, audit });
    expect(problems.map((problem) => problem.run)).toEqual([undefined, "r3", "r1"]);
    expect(problems[1]?.message).toContain('Record 7 of run "r3"');
  });

  it("stops where the store can't be read at all", async () => {
    const reader = await filled(1);
    const read: StoreReader["read"] = () => Promise.reject(new DefectError("STORE_FAILED", "no disk"));
    await expect(problemsOf({ ...reader, read })).rejects.toMatchObject({ code: "STORE_FAILED" });
  });
});
