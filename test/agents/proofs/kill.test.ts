import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../src/plan/index.ts";
import { toInstant, toNodeId } from "../../../src/base/index.ts";
import { killAtOffsets } from "./kill.ts";
import { compareEnds, judge, type Corpse } from "./kill/judge.ts";
import type { Mark } from "./kill/witness.ts";

const OFFSETS = process.env["CI"] === "true" ? 48 : 6;

describe("kill -9 of an agent", () => {
  it(`repeats nothing that was recorded, at ${OFFSETS} points of its journal`, { timeout: 600_000 }, async () => {
    const { problems, runs, kills } = await killAtOffsets(OFFSETS, "npm test");
    expect(problems).toEqual([]);
    expect(kills).toBeGreaterThan(OFFSETS / 2); // some points lie in one commit
    expect(runs.every(({ asked }) => asked >= 30)).toBe(true);
  });

  it("would notice a call too many, an effect too many and another end", () => {
    const at = toInstant(1);
    const started = (node: string, key: string): RunEvent => ({
      type: "node-started",
      at,
      node: toNodeId(node),
      attempt: 1,
      token: 1,
      key,
    });
    const done = (node: string): RunEvent => ({
      type: "node-succeeded",
      at,
      node: toNodeId(node),
      attempt: 1,
      output: null,
    });
    const mark = (key: string, phase: Mark["phase"]): Mark => ({ tool: "send", node: key, key, phase });
    const events = [started("t1", "a"), done("t1"), started("t1c0", "b"), done("t1c0")];
    const marks = [mark("b", "begin"), mark("b", "done")];
    const kill: Corpse = { events, asked: ["a"], marks };
    const sound = { kills: [kill], end: kill };
    expect(judge(sound)).toEqual({ paidTwice: [], calledTwice: [], others: [] });
    const again = judge({ kills: [kill], end: { events, asked: ["a", "a"], marks: [...marks, ...marks] } });
    expect(again.paidTwice).toHaveLength(1);
    expect(again.calledTwice).toHaveLength(1);
    expect(again.others.map((line) => line.slice(0, 1))).toEqual(["3", "3", "4"]);
    expect(compareEnds({ output: 1, nodes: [1] }, { output: 2, nodes: [2, 3] })).toHaveLength(3);
  });
});
