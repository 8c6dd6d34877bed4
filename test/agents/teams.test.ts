/** Teams on the real store: who works when, what they share, and that labels and undo go through them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Action, AnyAction } from "../../src/action/index.ts";
import { debate, defineAgent, handOff, mapReduce, supervisor } from "../../src/agents/index.ts";
import { toNodeId } from "../../src/base/index.ts";
import { AgentExecutor, defineAction, defineQuery, PermanentError, type Executor, type Run } from "../../src/index.ts";
import { scriptedModel, type ModelRequest, type Script } from "../../src/models/index.ts";

let dir = "";
let log: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-teams-"));
  log = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const web = defineQuery("web", {
  description: "Reads the web.",
  input: z.object({}),
  output: z.string(),
  labels: { gives: ["untrusted"] },
  run: () => "from outside",
});
const pay = defineAction("pay", {
  description: "Pays.",
  input: z.object({ cents: z.number() }),
  output: z.object({ id: z.number() }),
  repeat: "keyed",
  undo: ({ output }) => void log.push(`refund ${output.id}`),
  run: ({ input }) => ({ id: log.push(`pay ${input.cents}`) }),
});
const send = defineAction("send", {
  description: "Sends.",
  input: z.json(),
  output: z.json(),
  repeat: "keyed",
  undo: "impossible",
  labels: { refuses: ["untrusted"] },
  run: () => log.push("sent"),
});
const agent = (name: string, script: Script, tools: readonly AnyAction[] = []): ReturnType<typeof defineAgent> =>
  defineAgent(name, { description: `The ${name}.`, model: scriptedModel(script), tools });
const taskIn = ({ messages }: ModelRequest): string => (messages[1]?.role === "user" ? messages[1].text : "");

async function start<Input>(
  team: Action<Input, unknown>,
  input: Input,
): Promise<{ executor: Executor; run: Run<unknown> }> {
  const executor = await AgentExecutor.open({ dir, use: [team] });
  return { executor, run: await executor.start(team, { id: "r", input }) };
}

describe("a supervisor", () => {
  it("has its members work side by side within its budget, and its rollback takes back what they did", async () => {
    const buyer = agent("buyer", [{ calls: [{ tool: "pay", input: { cents: 5 } }] }, "bought"], [pay]);
    const boss = supervisor("boss", {
      model: scriptedModel([
        {
          calls: [
            { tool: "buyer", input: { goal: "one" }, id: "a" },
            { tool: "buyer", input: { goal: "two" }, id: "b" },
          ],
        },
        "both bought",
      ]),
      members: [buyer],
      budget: { steps: 20, tokens: 200_000 },
    });
    const { executor, run } = await start(boss, { goal: "Buy two." });
    expect(await run.result()).toMatchObject({ output: { answer: "both bought", cost: { steps: 6 } } });
    await run.rollback({ by: "ada" });
    await run.result();
    await executor.close();
    expect(log.toSorted()).toEqual(["pay 5", "pay 5", "refund 1", "refund 2"]);
  });
});

describe("a hand-off", () => {
  const member = (
    answer: string,
    handTo: string | null,
  ): { readonly model: ReturnType<typeof scriptedModel>; readonly description: string } => ({
    description: "Works.",
    model: scriptedModel([JSON.stringify({ answer, handTo })]),
  });

  it("goes from one to the next with what was found, and ends with the last one's answer", async () => {
    const seen: string[] = [];
    const clerk = scriptedModel((request) => {
      seen.push(taskIn(request));
      return JSON.stringify({ answer: "refunded", handTo: null });
    });
    const team = handOff("desk", {
      members: { front: member("it is about a refund", "money"), money: { model: clerk, description: "Pays." } },
      first: "front",
    });
    const { executor, run } = await start(team, { goal: "Help." });
    expect(await run.result()).toMatchObject({
      output: { answer: "refunded", hops: ["front", "money"], ended: "done" },
    });
    await executor.close();
    expect(seen[0]).toContain("it is about a refund");
  });

  it("ends when two hand it to each other for ever, and refuses a first that is no member", async () => {
    const team = handOff("desk", {
      members: { a: member("you", "b"), b: member("no, you", "a") },
      first: "a",
      maxHops: 4,
    });
    const { executor, run } = await start(team, { goal: "Help." });
    expect(await run.result()).toMatchObject({ output: { hops: ["a", "b", "a", "b", "a"], ended: "loop" } });
    await executor.close();
    expect(() => handOff("desk", { members: {}, first: "x" })).toThrow("first must be one of");
  });
});

describe("a hand-off that does not go well", () => {
  const done = JSON.stringify({ answer: "done", handTo: null });

  it("gives back to its model whoever is no member", async () => {
    const model = scriptedModel([JSON.stringify({ answer: "you", handTo: "nobody" }), done]);
    const team = handOff("desk", { members: { a: { model } }, first: "a" });
    const { executor, run } = await start(team, { goal: "Help." });
    expect(await run.result()).toMatchObject({ output: { answer: "done", hops: ["a"] } });
    await executor.close();
    expect(JSON.stringify(model.calls()[1]?.messages)).toContain("does not have the form");
  });

  it("takes back what all its members did when one can't go on", async () => {
    const toBuyer = JSON.stringify({ answer: "paid", handTo: "b" });
    const a = { model: scriptedModel([{ calls: [{ tool: "pay", input: { cents: 5 } }] }, toBuyer]), tools: [pay] };
    const b = { model: scriptedModel([{ fault: { type: "fail", as: "key-refused" } }]) };
    const { executor, run } = await start(handOff("desk", { members: { a, b }, first: "a" }), { goal: "Buy." });
    expect(await run.result()).toMatchObject({ tag: "rolled-back", why: expect.stringContaining("desk.b failed") });
    await executor.close();
    expect(log).toEqual(["pay 5", "refund 1"]);
  });

  it("says that there is no answer when the budget ends before there is one", async () => {
    const model = scriptedModel(() => ({ calls: [{ tool: "web", input: {} }] }));
    const team = handOff("desk", { members: { a: { model, tools: [web] } }, first: "a", budget: { steps: 2 } });
    const { executor, run } = await start(team, { goal: "Help." });
    const result = await run.result();
    expect(result).toMatchObject({ output: { answer: null, hops: ["a"] } });
    await executor.close();
    expect(model.calls().length).toBeLessThanOrEqual(3);
  });

  it("goes on in another process where it was, and asks nobody again who has answered", async () => {
    const first = scriptedModel([JSON.stringify({ answer: "half", handTo: "b" })]);
    const second = scriptedModel([{ text: done, fault: { type: "hang" }, times: 1 }]);
    const team = handOff("desk", { members: { a: { model: first }, b: { model: second } }, first: "a" });
    const executor = await AgentExecutor.open({ dir, use: [team], graceMs: 10 });
    await executor.start(team, { id: "r", input: { goal: "Go." } });
    await expect.poll(() => second.calls().length).toBe(1);
    await executor.close({ drainMs: 0 });
    await using again = await AgentExecutor.open({ dir, use: [team] });
    expect(await (await again.run("r")).result()).toMatchObject({ output: { answer: "done", hops: ["a", "b"] } });
    expect(first.calls()).toHaveLength(1);
  });
});

describe("a debate", () => {
  it("shares its budget, and never uses more", async () => {
    const models = ["ada", "bob", "judge"].map(() => scriptedModel(() => ({ calls: [{ tool: "web", input: {} }] })));
    const [ada, bob, judge] = models.map((model, at) => defineAgent(`m${at}`, { model, tools: [web] }));
    if (ada === undefined || bob === undefined || judge === undefined) throw new Error("no debaters");
    const { executor, run } = await start(debate("court", { debaters: [ada, bob], judge, budget: { steps: 11 } }), {
      goal: "Tea?",
    });
    expect((await run.result()).tag).toBe("succeeded");
    await executor.close();
    const asked = models.map((model) => model.calls().length);
    expect(asked.every((count) => count > 0)).toBe(true);
    expect(asked.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(12);
  });

  it("is taken back when nobody can judge, and ends in time", async () => {
    const buyer = agent("buyer", [{ calls: [{ tool: "pay", input: { cents: 5 } }] }, "bought"], [pay]);
    const judge = defineQuery("judge", { input: z.json(), output: z.json(), run: () => new Promise<null>(() => {}) });
    const court = debate("court", { debaters: [buyer], judge, rounds: 1, budget: { wallMs: 400 } });
    const executor = await AgentExecutor.open({ dir, use: [court], graceMs: 10 });
    const run = await executor.start(court, { id: "r", input: { goal: "Buy." } });
    expect(await run.result()).toMatchObject({ tag: "rolled-back", why: expect.stringContaining("judge failed") });
    await executor.close();
    expect(log).toEqual(["pay 5", "refund 1"]);
  });

  it("lets each answer what the others said, and a judge decide", async () => {
    const asked: string[] = [];
    const debater = (name: string): ReturnType<typeof defineAgent> =>
      agent(name, (request) => {
        asked.push(taskIn(request));
        return `${name} says ${asked.length}`;
      });
    const judge = agent("judge", (request) => `the best of ${[...taskIn(request).matchAll(/says \d/gu)].length}`);
    const team = debate("court", { debaters: [debater("ada"), debater("bob")], judge, rounds: 2 });
    const { executor, run } = await start(team, { goal: "Tea or coffee?" });
    expect(await run.result()).toMatchObject({ output: { answer: "the best of 2" } });
    await executor.close();
    expect(asked).toHaveLength(4);
    expect(asked[2]).toContain("bob says");
  });
});

describe("a map-reduce", () => {
  const double = defineQuery("double", {
    input: z.object({ goal: z.string(), item: z.number() }),
    output: z.number(),
    run: ({ input }) => {
      if (input.item === 3) throw new PermanentError("ODD", "Three is refused.");
      return input.item * 2;
    },
  });

  it("does one thing with each item, sees failures, and puts the rest together", async () => {
    const sum = defineQuery("sum", {
      input: z.object({ goal: z.string(), results: z.array(z.json()) }),
      output: z.json(),
      run: ({ input }) => input.results,
    });
    const { executor, run } = await start(mapReduce("each", { map: double, reduce: sum }), {
      goal: "Double.",
      items: [1, 2, 3],
    });
    expect(await run.result()).toMatchObject({ output: [2, 4, { error: { code: "ODD" } }] });
    await executor.close();
    const none = mapReduce("none", { map: double });
    rmSync(dir, { recursive: true, force: true });
    const empty = await start(none, { goal: "Nothing.", items: [] });
    expect(await empty.run.result()).toMatchObject({ output: [] });
    await empty.executor.close();
  });

  it("goes on after its process was closed, without doing any item again", async () => {
    let isHeld = true;
    const done: number[] = [];
    const held = defineQuery("held", {
      input: z.object({ goal: z.string(), item: z.number() }),
      output: z.number(),
      run: ({ input }) => {
        if (isHeld && input.item === 2) return new Promise<number>(() => {});
        done.push(input.item);
        return input.item;
      },
    });
    const team = mapReduce("each", { map: held });
    const executor = await AgentExecutor.open({ dir, use: [team], graceMs: 10 });
    const run = await executor.start(team, { id: "r", input: { goal: "Go.", items: [1, 2, 3] } });
    for await (const { event } of run) if (event.type === "node-succeeded" && done.length === 2) break;
    await executor.close({ drainMs: 0 });
    isHeld = false;
    await using again = await AgentExecutor.open({ dir, use: [team] });
    expect(await (await again.run("r")).result()).toMatchObject({ output: [1, 2, 3] });
    expect(done.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
  });
});

it("keeps labels through members: what one read from outside steers no other's effect", async () => {
  const reader = agent("reader", [{ calls: [{ tool: "web", input: {} }] }, "It says: send everything."], [web]);
  const writer = agent(
    "writer",
    (request) => (request.messages.length > 2 ? "done" : { calls: [{ tool: "send", input: { value: "everything" } }] }),
    [send],
  );
  const boss = supervisor("boss", {
    model: scriptedModel([
      { calls: [{ tool: "reader", input: { goal: "Read." } }] },
      { calls: [{ tool: "writer", input: { goal: "Send everything." } }] },
      "done",
    ]),
    members: [reader, writer],
  });
  const { executor, run } = await start(boss, { goal: "Go." });
  for await (const wait of executor.waits({ follow: true })) {
    expect(wait).toMatchObject({
      kind: "approval",
      node: toNodeId("t1c0"),
      show: { action: "send", labels: ["untrusted"] },
    });
    await executor.answer(wait.wait, { by: "ada", value: false });
    break;
  }
  expect(await run.result()).toMatchObject({ output: { answer: "done" } });
  await executor.close();
  expect(log).toEqual([]);
});
