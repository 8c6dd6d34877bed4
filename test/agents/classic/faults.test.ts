/** The faults of the classic runtimes, each shown to be absent here. The table is in docs/classic.md. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Action } from "../../../src/action/index.ts";
import { AutoGPT, defineAgent, PlanAndExecute, type Goal } from "../../../src/agents/index.ts";
import {
  AgentExecutor,
  defineAction,
  defineQuery,
  PermanentError,
  type Executor,
  type Result,
  type StoredEvent,
} from "../../../src/index.ts";
import { scriptedModel, type ModelRequest, type ScriptedReply } from "../../../src/models/index.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-classic-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const add = defineQuery("add", {
  description: "Adds.",
  input: z.object({ a: z.number() }),
  output: z.number(),
  run: ({ input }) => input.a + 1,
});
const broken = defineQuery("broken", {
  description: "Fails.",
  input: z.object({}),
  output: z.null(),
  run: () => Promise.reject(new PermanentError("JAM", "The paper is jammed.")),
});
const goal: Goal = { goal: "Do it." };

async function end<Output>(agent: Action<Goal, Output>, executor: Executor, id = "r"): Promise<Result<Output>> {
  return (await executor.start(agent, { id, input: goal })).result();
}
const open = (use: Parameters<typeof AgentExecutor.open>[0]["use"] = []): Promise<Executor> =>
  AgentExecutor.open({ dir, use });

describe("AgentExecutor's faults", () => {
  it("a tool that throws gives its error, not an empty observation", async () => {
    const asked: ModelRequest[] = [];
    const agent = defineAgent("clerk", {
      tools: [broken],
      model: scriptedModel((request): ScriptedReply => {
        asked.push(request);
        return asked.length > 1 ? "jammed" : { calls: [{ tool: "broken", input: {} }] };
      }),
    });
    await using executor = await open([agent]);
    await end(agent, executor);
    expect(asked[1]?.messages.at(-1)).toMatchObject({
      role: "tool",
      isError: true,
      output: { error: "JAM: The paper is jammed." },
    });
  });

  it("the same call over and over is found out long before the limit, and the end says so", async () => {
    const model = scriptedModel((): ScriptedReply => ({ text: "again", calls: [{ tool: "add", input: { a: 1 } }] }));
    const agent = defineAgent("clerk", { tools: [add], model, budget: { steps: 100 } });
    await using executor = await open([agent]);
    expect(await end(agent, executor)).toMatchObject({ output: { ended: "loop" } });
    expect(model.calls().length).toBeLessThan(15);
  });

  it("time is limited, also in the middle of a call", async () => {
    const slow = defineQuery("slow", {
      description: "Slow.",
      input: z.object({}),
      output: z.null(),
      run: ({ signal }) => new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null))),
    });
    const agent = defineAgent("clerk", {
      tools: [slow],
      model: scriptedModel(() => ({ text: "so far", calls: [{ tool: "slow", input: {} }] })),
      budget: { wallMs: 150 },
    });
    await using executor = await AgentExecutor.open({ dir, use: [agent], graceMs: 20 });
    expect(await end(agent, executor)).toMatchObject({ output: { ended: "time" } });
  });

  it("the tools of a turn run side by side, whether the result is awaited or the events are watched", async () => {
    let out = 0;
    let most = 0;
    const wait = defineQuery("wait_a_bit", {
      description: "Waits.",
      input: z.object({ n: z.number() }),
      output: z.null(),
      run: async () => {
        most = Math.max(most, (out += 1));
        await new Promise((resolve) => setTimeout(resolve, 20));
        out -= 1;
        return null;
      },
    });
    const calls = [1, 2, 3].map((n) => ({ tool: "wait_a_bit", input: { n }, id: `c${n}` }));
    const agent = defineAgent("clerk", { tools: [wait], model: scriptedModel([{ calls }, "done"]) });
    await using executor = await open([agent]);
    await end(agent, executor);
    expect(most).toBe(3);
    most = 0;
    const watched = await executor.start(agent, { id: "watched", input: goal });
    const seen: StoredEvent[] = [];
    for await (const event of watched) seen.push(event);
    expect(most).toBe(3);
    expect(seen.at(-1)?.event.type).toBe("run-finished");
  });
});

describe("PlanAndExecute's faults", () => {
  const isChange = ({ messages: [first] }: ModelRequest): boolean =>
    first?.role === "system" && first.text.includes("being carried out");

  it("a step that fails is planned anew, with what was done before it; steps of one run are not found in another", async () => {
    const done: string[] = [];
    const note = defineAction("note", {
      description: "Notes.",
      input: z.object({ text: z.string() }),
      output: z.string(),
      repeat: "keyed",
      undo: () => {},
      run: ({ input }) => (done.push(input.text), input.text),
    });
    const plan = {
      name: "p",
      nodes: { a: { uses: "note", with: { text: "first" } }, b: { uses: "broken", with: {}, after: ["a"] } },
    };
    const change = {
      patch: [
        { op: "give-up-node", id: "b" },
        { op: "add-node", id: "c", node: { uses: "note", with: { text: "${nodes.a.output} again" } } },
      ],
    };
    const model = scriptedModel((request) => JSON.stringify(isChange(request) ? change : plan));
    const planner = PlanAndExecute("planner", { model, tools: [note, broken] });
    await using executor = await open([planner]);
    expect(await end(planner, executor)).toMatchObject({ tag: "succeeded", output: { revisions: 1 } });
    expect(done).toEqual(["first", "first again"]);
    await end(planner, executor, "second");
    const ids = [...(await (await executor.run("second")).report()).nodes.keys()];
    expect(ids).toEqual([...(await (await executor.run("r")).report()).nodes.keys()]);
    const [first, , third] = model.calls();
    expect(JSON.stringify(third?.messages)).toBe(JSON.stringify(first?.messages));
  });
});

describe("AutoGPT's faults", () => {
  it("a prompt longer than its window comes to an end", async () => {
    const model = scriptedModel(() => ({ calls: [{ tool: "add", input: { a: Math.random() } }] }), {
      contextTokens: 200,
    });
    const agent = AutoGPT("scout", { tools: [add], model, instructions: "word ".repeat(3_000), budget: { steps: 6 } });
    await using executor = await open([agent]);
    expect((await end(agent, executor)).tag).toMatch(/succeeded|rolled-back/u);
    expect(model.calls().length).toBeLessThan(10);
  });

  it("a no is understood, and a cancel cancels", async () => {
    const pay = defineAction("pay", {
      description: "Pays.",
      input: z.object({}),
      output: z.null(),
      repeat: "keyed",
      undo: "impossible",
      run: () => null,
    });
    const asked: ModelRequest[] = [];
    const agent = AutoGPT("scout", {
      tools: [pay],
      approve: "effects",
      model: scriptedModel((request): ScriptedReply => {
        asked.push(request);
        return { text: "please", calls: [{ tool: "pay", input: {}, id: `c${asked.length}` }] };
      }),
    });
    await using executor = await open([agent]);
    const run = await executor.start(agent, { id: "r", input: goal });
    let asks = 0;
    for await (const wait of executor.waits({ follow: true })) {
      if ((asks += 1) === 2) break;
      await executor.answer(wait.wait, { by: "ada", value: false });
    }
    expect(asked[1]?.messages.at(-1)).toMatchObject({ output: { error: expect.stringContaining("NOT_APPROVED") } });
    await run.cancel({ by: "ada" });
    expect((await run.result()).tag).toBe("cancelled");
  });

  it("nothing is printed, and it looks back at its work", async () => {
    const spies = (["log", "info", "warn", "error", "debug"] as const).map((name) => vi.spyOn(console, name));
    let step = 0;
    const model = scriptedModel((request): ScriptedReply => {
      if (request.tools === undefined) return "It goes well so far.";
      return (step += 1) > 2 ? "done" : { calls: [{ tool: "add", input: { a: step } }] };
    });
    const agent = AutoGPT("scout", { tools: [add], model, criticiseEvery: 2 });
    await using executor = await open([agent]);
    expect(await end(agent, executor)).toMatchObject({ output: { answer: "done", cost: { steps: 4 } } });
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });
});
