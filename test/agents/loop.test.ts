/** The tool loop of agents on the real store, with scripted models: what it does, where it stops, what it reports. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Action, AnyAction } from "../../src/action/index.ts";
import { askPerson, defineAgent, type AgentOptions, type AgentOutput, type Goal } from "../../src/agents/index.ts";
import { toNodeId, type JsonObject } from "../../src/base/index.ts";
import { AgentExecutor, defineAction, defineQuery, PermanentError, type Executor, type Run } from "../../src/index.ts";
import { scriptedModel, type ModelRequest, type Script, type ScriptedReply } from "../../src/models/index.ts";

let dir = "";
let log: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-agents-"));
  log = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const add = defineQuery("add", {
  description: "Adds two numbers.",
  input: z.object({ a: z.number(), b: z.number() }),
  output: z.number(),
  run: ({ input }) => input.a + input.b,
});
const note = defineAction("note", {
  description: "Writes a note.",
  input: z.object({ text: z.string() }),
  output: z.object({ id: z.number() }),
  repeat: "keyed",
  undo: ({ output }) => void log.push(`unwrite ${output.id}`),
  run: ({ input }) => ({ id: log.push(`write ${input.text}`) }),
});
const broken = defineQuery("broken", {
  description: "Always fails.",
  input: z.object({}),
  output: z.null(),
  run: () => {
    throw new PermanentError("OUT_OF_ORDER", "The machine is out of order.");
  },
});
const tools: readonly AnyAction[] = [add, note, broken];

const call = (tool: string, input: JsonObject, id = `${tool}-1`): { id: string; tool: string; input: JsonObject } => ({
  id,
  tool,
  input,
});
const agentOf = (script: Script, options: Partial<AgentOptions> = {}): Action<Goal, AgentOutput> =>
  defineAgent("clerk", { model: scriptedModel(script), tools, ...options });

async function run(
  agent: Action<Goal, AgentOutput>,
  goal = "Do it.",
): Promise<{ executor: Executor; run: Run<unknown> }> {
  const executor = await AgentExecutor.open({ dir, use: [agent] });
  return { executor, run: await executor.start(agent, { id: "r", input: { goal } }) };
}

describe("an agent", () => {
  it("calls its tools side by side, sees what they gave, and answers", async () => {
    const seen: ModelRequest[] = [];
    const agent = agentOf((request): ScriptedReply => {
      seen.push(request);
      if (seen.length === 1) return { calls: [call("add", { a: 1, b: 2 }, "x"), call("add", { a: 3, b: 4 }, "y")] };
      return { text: "3 and 7" };
    });
    const { executor, run: started } = await run(agent);
    const result = await started.result();
    await executor.close();
    expect(result).toMatchObject({
      tag: "succeeded",
      output: { answer: "3 and 7", ended: "done", cost: { calls: 2, steps: 2 } },
    });
    expect(seen[1]?.messages.slice(2)).toEqual([
      {
        role: "assistant",
        text: "",
        calls: [
          { id: "x", tool: "add", input: { a: 1, b: 2 } },
          { id: "y", tool: "add", input: { a: 3, b: 4 } },
        ],
      },
      { role: "tool", call: "x", tool: "add", output: 3 },
      { role: "tool", call: "y", tool: "add", output: 7 },
    ]);
  });

  it("is told what failed, what it wrote wrongly and what there is not; nothing is swallowed", async () => {
    const seen: ModelRequest[] = [];
    const agent = agentOf((request): ScriptedReply => {
      seen.push(request);
      if (seen.length > 1) return "gave up";
      return {
        calls: [call("broken", {}), call("add", { a: "1" }), call("ad", {}), { id: "z", tool: "add", invalid: "{a:" }],
      };
    });
    const { executor, run: started } = await run(agent);
    expect(await started.result()).toMatchObject({ output: { answer: "gave up", cost: { calls: 1 } } });
    await executor.close();
    const results = seen[1]?.messages.slice(3).map((message) => JSON.stringify(message)) ?? [];
    expect(results[0]).toMatch(/OUT_OF_ORDER: The machine is out of order/u);
    expect(results[1]).toMatch(/input\.a/u);
    expect(results[2]).toMatch(/no tool.*Did you mean add/u);
    expect(results[3]).toMatch(/not JSON/u);
    expect(results.every((text) => text.includes('"isError":true'))).toBe(true);
  });

  it("makes effects one after the other, and takes them back when it can't go on", async () => {
    const agent = agentOf([
      { calls: [call("note", { text: "one" }, "a"), call("note", { text: "two" }, "b")] },
      { fault: { type: "fail", as: "refused" } },
    ]);
    const { executor, run: started } = await run(agent);
    expect(await started.result()).toMatchObject({ tag: "rolled-back", why: expect.stringContaining("MODEL_REFUSED") });
    await executor.close();
    expect(log).toEqual(["write one", "write two", "unwrite 2", "unwrite 1"]);
  });

  it("waits for a person's word before each effect, and sees a no", async () => {
    const agent = agentOf([{ calls: [call("note", { text: "one" }), call("add", { a: 1, b: 1 })] }, "fine"], {
      approve: "effects",
    });
    const { executor, run: started } = await run(agent);
    for await (const wait of executor.waits({ follow: true })) {
      expect(wait).toMatchObject({ kind: "approval", show: { action: "note", input: { text: "one" } } });
      await executor.answer(wait.wait, { by: "ada", value: false });
      break;
    }
    expect(await started.result()).toMatchObject({ output: { answer: "fine", effects: { undoable: [] } } });
    await executor.close();
    expect(log).toEqual([]);
  });

  it("asks a person, and gets the answer as a result", async () => {
    const seen: ModelRequest[] = [];
    const agent = defineAgent("clerk", {
      tools: [askPerson],
      model: scriptedModel((request): ScriptedReply => {
        seen.push(request);
        return seen.length > 1 ? "42" : { calls: [call("ask_person", { question: "How many?" })] };
      }),
    });
    const { executor, run: started } = await run(agent);
    for await (const wait of executor.waits({ follow: true })) {
      expect(wait).toMatchObject({ kind: "ask", show: { question: "How many?" } });
      await executor.answer(wait.wait, { by: "ada", value: "42 of them" });
      break;
    }
    expect(await started.result()).toMatchObject({ output: { answer: "42" } });
    await executor.close();
    expect(seen[1]?.messages.at(-1)).toMatchObject({ role: "tool", output: "42 of them" });
  });

  it("gives an answer in the form that is asked for, and asks again for one that is not", async () => {
    const agent = agentOf([{ calls: [call("add", { a: 1, b: 2 })] }, "three", 'Here: {"sum": 3}'], {
      answer: { type: "object", properties: { sum: { type: "number" } }, required: ["sum"] },
    });
    const { executor, run: started } = await run(agent);
    expect(await started.result()).toMatchObject({ output: { answer: { sum: 3 }, ended: "done", cost: { steps: 3 } } });
    await executor.close();
  });

  it("can be the tool of another, within a share of its budget, and is rolled back with it", async () => {
    const inner = defineAgent("scribe", {
      model: scriptedModel([{ calls: [call("note", { text: "deep" })] }, "written"]),
      tools: [note],
    });
    const outer = defineAgent("boss", {
      model: scriptedModel([
        { calls: [call("scribe", { goal: "Write." })] },
        { fault: { type: "fail", as: "refused" } },
      ]),
      tools: [inner],
      budget: { tokens: 100_000, steps: 10 },
    });
    const { executor, run: started } = await run(outer);
    expect(await started.result()).toMatchObject({ tag: "rolled-back" });
    expect(log).toEqual(["write deep", "unwrite 1"]);
    await executor.close();
  });
});

describe("its limits", () => {
  const forever: Script = () => ({ text: "again", calls: [call("add", { a: 1, b: 2 })] });

  it("notice that it goes round in circles: first its options change, then it looks back, then it ends", async () => {
    const seen: ModelRequest[] = [];
    const agent = agentOf((request) => {
      seen.push(request);
      const isOffered = request.tools?.some(({ name }) => name === "add") === true;
      return isOffered ? { calls: [call("add", { a: 1, b: 2 })] } : { text: "", calls: [call("broken", {})] };
    });
    const { executor, run: started } = await run(agent);
    const result = await started.result();
    await executor.close();
    expect(result).toMatchObject({ output: { ended: "loop" } });
    const offers = seen.map(({ tools: offered = [] }) => offered.map(({ name }) => name).join());
    expect(offers[3]).toBe("note,broken");
    expect(seen.length).toBeLessThan(15);
  });

  it.each([
    ["steps", { steps: 5 }, "budget"],
    ["calls", { calls: 2 }, "budget"],
    ["tokens", { tokens: 20_000 }, "budget"],
  ] as const)("keep its budget of %s, and let it finish with what is there", async (counter, budget, ended) => {
    let turn = 0;
    const agent = agentOf(
      (request) => {
        turn += 1;
        return request.tools === undefined ? "what there is" : { calls: [call("add", { a: turn, b: 1 })] };
      },
      { budget: { steps: 500, ...budget }, maxOutputTokens: 500 },
    );
    const { executor, run: started } = await run(agent);
    const result = await started.result();
    await executor.close();
    expect(result).toMatchObject({ output: { answer: "what there is", ended } });
    const { output } = result as { readonly output: { readonly cost: Record<string, number> } };
    const limit = { ...budget } as Record<string, number>;
    expect(output.cost[counter]).toBeLessThanOrEqual((limit[counter] ?? 0) + (counter === "steps" ? 1 : 0));
  });

  it("stop and take back, ask for more, or take a cheaper model, as it is told", async () => {
    const acting: Script = (request) =>
      request.messages.length > 12 ? "done" : { calls: [call("note", { text: String(request.messages.length) })] };
    const stop = agentOf(acting, { budget: { steps: 2 }, onBudget: "stop" });
    const first = await run(stop);
    expect(await first.run.result()).toMatchObject({
      tag: "rolled-back",
      why: expect.stringContaining("BUDGET_EXCEEDED"),
    });
    await first.executor.close();
    rmSync(dir, { recursive: true, force: true });

    const ask = agentOf(acting, { budget: { steps: 2 }, onBudget: "ask" });
    const second = await run(ask);
    let asked = 0;
    for await (const wait of second.executor.waits({ follow: true })) {
      asked += 1;
      await second.executor.answer(wait.wait, { by: "ada", value: "again" });
      if (asked === 2) break;
    }
    expect(await second.run.result()).toMatchObject({ output: { answer: "done", ended: "done" } });
    await second.executor.close();
    rmSync(dir, { recursive: true, force: true });

    const dear = scriptedModel(() => ({ calls: [call("add", { a: Math.random(), b: 1 })] }), {
      name: "x:dear",
      price: { input: 100, output: 500 },
    });
    const cheap = scriptedModel(() => "cheap answer", { name: "x:cheap", price: { input: 0, output: 0 } });
    const degrade = defineAgent("clerk", {
      model: [dear, cheap],
      tools: [add],
      budget: { usd: 1 },
      onBudget: "degrade",
      maxOutputTokens: 1_000,
    });
    const third = await run(degrade);
    expect(await third.run.result()).toMatchObject({ output: { answer: "cheap answer", ended: "done" } });
    await third.executor.close();
  });

  it("end it when its time is over", async () => {
    const slow = defineQuery("slow", {
      description: "Slow.",
      input: z.object({ n: z.number() }),
      output: z.number(),
      run: ({ input }) => new Promise<number>((resolve) => setTimeout(resolve, 60, input.n)),
    });
    let turn = 0;
    const agent = defineAgent("clerk", {
      model: scriptedModel(() => ({ text: `at ${(turn += 1)}`, calls: [call("slow", { n: turn })] })),
      tools: [slow],
      budget: { wallMs: 300 },
    });
    const { executor, run: started } = await run(agent);
    expect(await started.result()).toMatchObject({ output: { ended: "time", answer: expect.stringMatching(/^at /u) } });
    await executor.close();
  });

  it("let it think again what failed for lack of time, when a person gives it as much again", async () => {
    let isSlow = true;
    const model = scriptedModel(() => (isSlow ? { fault: { type: "hang" } } : "in time"));
    const agent = defineAgent("clerk", { model, tools: [], budget: { wallMs: 200 }, onBudget: "ask" });
    const executor = await AgentExecutor.open({ dir, use: [agent], graceMs: 20 });
    const started = await executor.start(agent, { id: "r", input: { goal: "Go." } });
    for await (const wait of executor.waits({ follow: true })) {
      expect(wait).toMatchObject({ kind: "ask", show: { question: expect.stringContaining("time") } });
      isSlow = false;
      await executor.answer(wait.wait, { by: "ada", value: "again" });
      break;
    }
    expect(await started.result()).toMatchObject({ output: { answer: "in time" } });
    await executor.close();
  });

  it("count the last step too where it is told to stop", async () => {
    const agent = agentOf(forever, { budget: { steps: 2 }, onBudget: "stop" });
    const { executor, run: started } = await run(agent);
    expect(await started.result()).toMatchObject({ tag: "rolled-back" });
    expect([...(await started.report()).nodes.keys()].filter((id) => /^t\d+$/u.test(id))).toEqual(["t1", "t2"]);
    await executor.close();
  });

  it("make it summarise what no longer fits its model", async () => {
    const seen: ModelRequest[] = [];
    const wordy = defineQuery("wordy", {
      description: "Many words.",
      input: z.object({ n: z.number() }),
      output: z.string(),
      run: ({ input }) => `${input.n} `.repeat(1500),
    });
    const model = scriptedModel(
      (request): ScriptedReply => {
        seen.push(request);
        if (request.tools === undefined) return "SUMMARY";
        return seen.length > 9 ? "done" : { calls: [call("wordy", { n: seen.length })] };
      },
      { contextTokens: 6_000 },
    );
    const agent = defineAgent("clerk", { model, tools: [wordy], maxOutputTokens: 500 });
    const { executor, run: started } = await run(agent);
    expect(await started.result()).toMatchObject({ output: { answer: "done" } });
    await executor.close();
    const last = seen.at(-1)?.messages ?? [];
    expect(last[2]).toMatchObject({ role: "user", text: expect.stringContaining("SUMMARY") });
    expect(Math.max(...seen.map(({ messages }) => messages.length))).toBeLessThan(14);
  });

  it("stop a model that never stops by itself", async () => {
    const { executor, run: started } = await run(agentOf(forever));
    expect(await started.result()).toMatchObject({ tag: "succeeded" });
    expect((await started.report()).nodes.get(toNodeId("t20"))).toBeUndefined();
    await executor.close();
  });
});
