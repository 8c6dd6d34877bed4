/** Plans that grow while they run, on the real store: growth, its end, replanning, approval, labels and budgets. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { AgentExecutor, defineAction, defineQuery, PermanentError, type Executor } from "../src/index.ts";
import { toNodeId, toRunId } from "../src/base/index.ts";
import type { AnyAction, GrowingRun, Growth } from "../src/action/index.ts";
import { checkJournal, type PlanGraph } from "../src/plan/index.ts";
import { createRegistry } from "../src/run/index.ts";
import { createSqliteDriver } from "../src/drivers/sqlite/index.ts";

let dir = "";
let log: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-growing-"));
  log = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const Any = z.json();
const count = defineQuery("count", {
  input: z.object({ n: z.number() }),
  output: Any,
  run: ({ input }) => input.n + 1,
});
const web = defineQuery("web", {
  input: Any,
  output: Any,
  labels: { gives: ["untrusted"] },
  run: () => "from the web",
});
const pay = defineAction("pay", {
  input: Any,
  output: Any,
  repeat: "keyed",
  undo: () => void log.push("refund"),
  labels: { refuses: ["untrusted"] },
  run: ({ input }) => {
    log.push(`pay ${JSON.stringify(input)}`);
    return input;
  },
});
const boom = defineQuery("boom", {
  input: Any,
  output: Any,
  run: () => {
    throw new PermanentError("BOOM", "It went boom.");
  },
});
const peek = defineQuery("peek", {
  input: Any,
  output: Any,
  run: (context) => ({ labels: [...context.labels], seen: JSON.stringify(context.read("a0")?.outcome ?? null) }),
});
const spend = defineQuery("spend", {
  input: Any,
  output: Any,
  counters: { tokens: 100 },
  run: (context) => {
    context.used({ tokens: 10 });
    return null;
  },
});
const tools: readonly AnyAction[] = [count, web, pay, boom, peek, spend];

type Grow = (run: GrowingRun) => Growth | undefined;
function agent(grow: Grow, budget: PlanGraph["budget"] = {}): AnyAction {
  const graph = { name: "agent", nodes: {}, grows: "agent", budget: { ...budget } };
  return { name: "agent", version: 1, definition: { tag: "plan", graph, uses: tools, grow } };
}
/** Adds one node after the other, and ends after the last. */
function steps(nodes: readonly object[], output = "${nodes.a0.output}"): Grow {
  return ({ ids, node }) => {
    const last = ids.at(-1);
    if (last !== undefined && node(last)?.state === "open") return undefined;
    const next = nodes[ids.length];
    if (next === undefined) return { patch: [{ op: "set-output", output }, { op: "stop-growing" }] };
    return { patch: [{ op: "add-node", id: `a${ids.length}`, node: { ...next } }] };
  };
}
const open = (action: AnyAction): Promise<Executor> => AgentExecutor.open({ dir, use: [action] });
async function judge(action: AnyAction): Promise<readonly string[]> {
  const reader = await createSqliteDriver({ dir }).read();
  const events = (await reader.read(toRunId("r"))).map(({ event }) => event);
  const [created] = events;
  const graph = created?.type === "run-created" ? await reader.plan(created.plan) : undefined;
  await reader.close();
  if (graph === undefined) throw new Error("no plan");
  return checkJournal(graph, events, { natureOf: createRegistry([action]).natureOf });
}

describe("a plan that grows", () => {
  it("adds nodes until it says that it grows no further", async () => {
    const node = (from: number): object => ({ uses: "count", with: { n: `\${nodes.a${from}.output}` } });
    const clerk = agent(steps([{ uses: "count", with: { n: 0 } }, node(0), node(1)], "${nodes.a2.output}"));
    await using executor = await open(clerk);
    const run = await executor.start(clerk, { id: "r", input: null as never });
    expect(await run.result()).toEqual({ tag: "succeeded", output: 3 });
    await executor.close();
    expect(await judge(clerk)).toEqual([]);
  });

  it("takes up its growth where it was, and asks nobody about what is recorded", async () => {
    const hold = defineQuery("count", { input: Any, output: Any, run: () => new Promise<null>(() => {}) });
    const first = agent(steps([{ uses: "web" }, { uses: "count", with: { n: 1 } }]));
    const stuck = { ...first, definition: { ...first.definition, uses: [web, hold] } } as AnyAction;
    const executor = await AgentExecutor.open({ dir, use: [stuck], graceMs: 10 });
    const run = await executor.start(stuck, { id: "r", input: null as never });
    for await (const { event } of run) if (event.type === "node-started" && event.node === "a1") break;
    await executor.close({ drainMs: 0 });
    await using again = await open(first);
    expect(again.recovered).toEqual(["r"]);
    expect(await (await again.run("r")).result()).toEqual({ tag: "succeeded", output: "from the web" });
  });

  it("replans what failed, and rolls back when it gives up", async () => {
    const nodes: object[] = [
      { uses: "pay", with: 1 },
      { uses: "boom", onFailure: "replan" },
      { uses: "count", with: { n: 5 } },
    ];
    const replan = agent(({ ids, node }) => {
      if (node("a1")?.state === "replan")
        return {
          patch: [
            { op: "give-up-node", id: "a1" },
            { op: "add-node", id: "b", node: { uses: "count", with: { n: 5 } } },
          ],
        };
      if (ids.includes("b"))
        return node("b")?.state === "open"
          ? undefined
          : { patch: [{ op: "set-output", output: "${nodes.b.output}" }, { op: "stop-growing" }] };
      return steps(nodes)({ ids, node } as GrowingRun);
    });
    await using executor = await open(replan);
    expect(await (await executor.start(replan, { id: "r", input: null as never })).result()).toEqual({
      tag: "succeeded",
      output: 6,
    });
    await executor.close();
    expect(await judge(replan)).toEqual([]);

    const hopeless = agent((run) => (run.node("a1")?.state === "replan" ? { rollback: "no way" } : steps(nodes)(run)));
    await using other = await open(hopeless);
    const end = await (await other.start(hopeless, { id: "r2", input: null as never })).result();
    expect(end).toMatchObject({ tag: "rolled-back", why: "no way", undone: ["a0"] });
    expect(log).toEqual(["pay 1", "pay 1", "refund"]);
  });

  it("asks a person before a value goes where its labels are refused, also through what is looked up", async () => {
    const clerk = agent(
      steps(
        [
          { uses: "web" },
          { uses: "peek", reads: ["a0"] },
          { uses: "pay", with: "${nodes.a1.output}", onFailure: "observe" },
        ],
        "${nodes.a2.output}",
      ),
    );
    await using executor = await open(clerk);
    const run = await executor.start(clerk, { id: "r", input: null as never });
    for await (const wait of executor.waits({ follow: true })) {
      expect(wait).toMatchObject({ kind: "approval", node: "a2", show: { action: "pay", labels: ["untrusted"] } });
      await executor.answer(wait.wait, { by: "ada", value: false });
      break;
    }
    expect(await run.result()).toMatchObject({ output: { error: { code: "NOT_APPROVED" } } });
    const { nodes } = await run.report();
    expect(nodes.get(toNodeId("a1"))?.output).toMatchObject({
      labels: ["untrusted"],
      seen: expect.stringContaining("from the web"),
    });
    expect(log).toEqual([]);
    await executor.close();
    expect(await judge(clerk)).toEqual([]);
  });

  it("gives back what an attempt did not use, and starts nothing that the budget does not cover", async () => {
    const each = { uses: "spend", onFailure: "observe" };
    const clerk = agent(steps([each, each, each], "${nodes.a2.output}"), { counters: { tokens: 110 } });
    await using executor = await open(clerk);
    const run = await executor.start(clerk, { id: "r", input: null as never });
    expect(await run.result()).toMatchObject({ output: { error: { code: "BUDGET_EXCEEDED" } } });
    expect((await run.report()).nodes.get(toNodeId("a1"))?.status).toBe("succeeded");
    await executor.close();
    expect(await judge(clerk)).toEqual([]);
  });

  it("suspends with the reason when what makes it grow goes wrong", async () => {
    const clerk = agent(() => ({ patch: [{ op: "add-node", id: "a", node: { uses: "nobody" } }] }));
    await using executor = await open(clerk);
    const run = await executor.start(clerk, { id: "r", input: null as never });
    for await (const { event } of run) {
      if (event.type !== "run-suspended") continue;
      expect(event.reason).toMatch(/GROWTH_FAILED: .*nobody/s);
      return;
    }
  });
});
