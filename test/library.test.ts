import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  AgentExecutor,
  cel,
  defineAction,
  defineChoice,
  definePlan,
  defineQuery,
  PermanentError,
  type Executor,
} from "../src/index.ts";

const Text = z.object({ text: z.string() });
let dir = "";
let log: string[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-library-"));
  log = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const say = defineAction("say", {
  input: Text,
  output: Text,
  repeat: "keyed",
  undo: ({ output }) => void log.push(`unsay ${output.text}`),
  run: ({ input }) => {
    log.push(`say ${input.text}`);
    return input;
  },
});
const boom = defineQuery("boom", {
  input: z.object({}),
  output: z.object({}),
  run: () => {
    log.push("boom");
    throw new PermanentError("BOOM", "It went boom.");
  },
});
const open = (more: Partial<Parameters<typeof AgentExecutor.open>[0]> = {}): Promise<Executor> =>
  AgentExecutor.open({ dir, use: [say, boom], ...more });

const two = definePlan("two", { input: Text }, (p, input) => {
  const first = p.step("first", say, { text: input.text });
  const second = p.step("second", say, { text: first.text });
  return { text: second.text };
});

describe("a run", () => {
  it("is the same run when it is started again with the same id, plan and input", async () => {
    await using executor = await open();
    const start = (text: string): Promise<unknown> => executor.start(two, { id: "r", input: { text } });
    await Promise.all([start("a"), start("a")]);
    await expect((await executor.run("r")).result()).resolves.toEqual({ tag: "succeeded", output: { text: "a" } });
    await start("a");
    expect(log).toEqual(["say a", "say a"]);
    await expect(start("b")).rejects.toMatchObject({ code: "RUN_ID_TAKEN" });
  });

  it("refuses an input that its plan does not take, and starts nothing", async () => {
    await using executor = await open();
    const plan = {
      name: "p",
      input: { type: "object", required: ["n"] },
      nodes: { a: { uses: "wait", with: { ms: 1 } } },
    };
    await expect(executor.start(plan, { id: "r", input: {} })).rejects.toMatchObject({ code: "INPUT_INVALID" });
    await expect(executor.runs()).resolves.toEqual([]);
  });

  it("refuses resources that can never be had", async () => {
    await using executor = await open();
    const inner = { name: "inner", nodes: { a: { uses: "wait", with: { ms: 1 } } } };
    const outer = {
      name: "outer",
      plans: { inner },
      nodes: {
        b: { uses: "plan", with: { plan: "inner" }, resources: [{ name: "r", units: 1 }] },
        c: { uses: "say", with: { text: "c" }, resources: [{ name: "r", units: 2 }] },
      },
    };
    await expect(executor.start(outer, { id: "r", input: null })).rejects.toMatchObject({
      problems: [{ code: "RESOURCE_ON_PLAN" }, { code: "RESOURCE_TOO_SMALL" }],
    });
  });

  it("can be rolled back after it has succeeded, last first, and not twice", async () => {
    await using executor = await open();
    const run = await executor.start(two, { id: "r", input: { text: "a" } });
    await run.result();
    await run.rollback({ by: "ada" });
    await expect(run.result()).resolves.toMatchObject({ tag: "rolled-back", undone: ["first", "second"] });
    expect(log).toEqual(["say a", "say a", "unsay a", "unsay a"]);
    await expect(run.rollback()).rejects.toMatchObject({ code: "NOT_POSSIBLE" });
  });

  it("that failed without a rollback can be retried, without repeating what is done", async () => {
    let isBroken = true;
    const flaky = defineQuery("flaky", {
      input: z.object({}),
      output: z.object({}),
      run: () => {
        if (isBroken) throw new PermanentError("BROKEN", "Not yet.");
        return {};
      },
    });
    const plan = definePlan("flaky-plan", { input: Text }, (p, input) => {
      const first = p.step("first", say, { text: input.text });
      p.step("second", flaky, {}, { after: [first], onFailure: "fail" });
      return { text: first.text };
    });
    await using executor = await open({ use: [say, flaky] });
    const run = await executor.start(plan, { id: "r", input: { text: "a" } });
    await expect(run.result()).resolves.toMatchObject({ tag: "failed", notUndone: [{ node: "first" }] });
    isBroken = false;
    await run.retry();
    await expect(run.result()).resolves.toEqual({ tag: "succeeded", output: { text: "a" } });
    expect(log).toEqual(["say a"]);
  });

  it("tells its journal from any record on", async () => {
    await using executor = await open();
    const run = await executor.start(two, { id: "r", input: { text: "a" } });
    const types: string[] = [];
    for await (const { event } of run.events({ from: 3 })) types.push(event.type);
    expect(types).toEqual(["node-succeeded", "node-started", "node-succeeded", "run-finished"]);
  });
});

describe("a question", () => {
  const asks = definePlan("asks", { input: Text }, (p, input) => {
    const first = p.step("first", say, { text: input.text });
    const ok = p.ask("ok", { show: { text: first.text } });
    const last = p.step("last", say, { text: "last" }, { after: [ok] });
    return { text: last.text };
  });

  it("is answered once, from another connection; what stands before it does not run again", async () => {
    await using executor = await open();
    const run = await executor.start(asks, { id: "r", input: { text: "a" } });
    await using client = await AgentExecutor.connect({ dir });
    for await (const wait of client.waits({ follow: true })) {
      await client.answer(wait.wait, { by: "ada", value: true });
      await expect(client.answer(wait.wait, { by: "bob", value: true })).rejects.toMatchObject({
        code: "WAIT_NOT_OPEN",
      });
      break;
    }
    await expect(run.result()).resolves.toMatchObject({ tag: "succeeded" });
    expect(log).toEqual(["say a", "say last"]);
  });

  it("that is answered with no fails its node, and what was done is undone", async () => {
    await using executor = await open();
    const run = await executor.start(asks, { id: "r", input: { text: "a" } });
    for await (const wait of executor.waits({ follow: true })) {
      await expect(executor.answer(wait.wait, { by: "ada", value: "perhaps" })).rejects.toMatchObject({
        code: "ANSWER_INVALID",
      });
      await executor.answer(wait.wait, { by: "ada", value: false });
      break;
    }
    await expect(run.result()).resolves.toMatchObject({ tag: "rolled-back", undone: ["first"] });
  });

  it("can be answered while no owner lives; the next owner goes on", async () => {
    const first = await open();
    await first.start(asks, { id: "r", input: { text: "a" } });
    for await (const _ of first.waits({ follow: true })) break;
    await first.close();
    {
      await using client = await AgentExecutor.connect({ dir });
      for await (const wait of client.waits()) await client.answer(wait.wait, { by: "ada", value: true });
    }
    await using executor = await open();
    expect(executor.recovered).toEqual(["r"]);
    await expect((await executor.run("r")).result()).resolves.toMatchObject({ tag: "succeeded" });
    expect(log).toEqual(["say a", "say last"]);
  });
});

describe("an effect with an identity", () => {
  const charge = defineAction("charge", {
    input: Text,
    output: Text,
    repeat: "keyed",
    identity: (input) => input.text,
    undo: ({ undoes }) => void log.push(`refund ${undoes.slice(0, 4)}`),
    run: ({ input, key }) => {
      log.push(`charge ${key.slice(0, 4)}`);
      return input;
    },
  });
  const pays = definePlan("pays", { input: Text }, (p, input) => ({
    text: p.step("pay", charge, { text: input.text }).text,
  }));

  it("is made once in two runs, and its undo belongs to the run that made it", async () => {
    await using executor = await open({ use: [charge] });
    const runs = await Promise.all(["a", "b"].map((id) => executor.start(pays, { id, input: { text: "o1" } })));
    for (const run of runs) await expect(run.result()).resolves.toMatchObject({ tag: "succeeded" });
    expect(log).toHaveLength(1);
    const reports = await Promise.all(runs.map((run) => run.report()));
    const attached = reports.find((report) => report.nodes.get("pay")?.by === "ledger");
    const maker = reports.find((report) => report !== attached);
    await (await executor.run(attached?.run ?? "")).rollback();
    await expect((await executor.run(attached?.run ?? "")).result()).resolves.toMatchObject({
      notUndone: [{ node: "pay" }],
    });
    expect(log).toHaveLength(1);
    await (await executor.run(maker?.run ?? "")).rollback();
    await (await executor.run(maker?.run ?? "")).result();
    expect(log[1]).toBe(log[0]?.replace("charge", "refund"));
    const again = await executor.start(pays, { id: "c", input: { text: "o1" } });
    await again.result();
    expect(log[2]).not.toBe(log[0]); // after an undo the generation rises, and with it the key
  });
});

describe("a choice", () => {
  it("is decided once: its record stands before the attempt, and a retry keeps it", async () => {
    let asked = 0;
    const coin = { name: "coin", version: "1", distribution: () => (asked++, { probabilities: { a: 0.5, b: 0.5 } }) };
    let failures = 0;
    const variant = (name: string): ReturnType<typeof defineQuery<typeof Text, typeof Text>> =>
      defineQuery(name, {
        input: Text,
        output: Text,
        run: () => {
          if (failures++ === 0) throw new Error("once");
          return { text: name };
        },
      });
    const pick = defineChoice("pick", { variants: { a: variant("a"), b: variant("b") }, first: "a", policy: coin });
    const plan = definePlan("chooses", { input: Text }, (p, input) => ({
      text: p.step("pick", pick, { text: input.text }, { retry: { attempts: 2, backoffMs: 1 } }).text,
    }));
    await using executor = await open({ use: [plan] });
    const run = await executor.start(plan, { id: "r", input: { text: "x" } });
    const types: string[] = [];
    for await (const { event } of run) types.push(event.type);
    expect(types).toEqual([
      "run-created",
      "node-decided",
      "node-started",
      "node-failed",
      "node-started",
      "node-succeeded",
      "run-finished",
    ]);
    expect(asked).toBe(1);
    const [decision] = (await run.report()).nodes.get("pick")?.decisions ?? [];
    expect(decision).toMatchObject({ propensity: 0.5, policy: "coin@1" });
    await expect(run.result()).resolves.toMatchObject({ output: { text: decision?.variant } });
  });
});

describe("a change while it runs", () => {
  it("takes nodes that have not started, and refuses those that have", async () => {
    const plan = definePlan("grows", { input: Text }, (p, input) => {
      const first = p.step("first", say, { text: input.text });
      p.ask("ok", { show: null, after: [first] });
      return { text: first.text };
    });
    await using executor = await open();
    const run = await executor.start(plan, { id: "r", input: { text: "a" } });
    for await (const wait of executor.waits({ follow: true })) {
      const node = { uses: "say", with: { text: "${nodes.first.output.text}!" }, after: ["ok"] };
      await expect(run.patch([{ op: "replace-node", id: "first", node }])).rejects.toMatchObject({
        code: "PATCH_REFUSED",
      });
      await run.patch([
        { op: "add-node", id: "more", node },
        { op: "set-output", output: "${nodes.more.output.text}" },
      ]);
      await executor.answer(wait.wait, { by: "ada", value: true });
      break;
    }
    await expect(run.result()).resolves.toEqual({ tag: "succeeded", output: "a!" });
    expect((await run.report()).revision).not.toBe(plan.hash);
  });

  it("forks: a new run goes on from a node, with what the other has done", async () => {
    await using executor = await open();
    await (await executor.start(two, { id: "r", input: { text: "a" } })).result();
    const fork = await executor.fork("r", { from: "second", id: "f" });
    await expect(fork.result()).resolves.toMatchObject({ tag: "succeeded" });
    expect(log).toEqual(["say a", "say a", "say a"]);
    await fork.rollback();
    await expect(fork.result()).resolves.toMatchObject({
      undone: ["second"],
      notUndone: [{ node: "first", why: "made by run r" }],
    });
  });
});

describe("a new version of an action", () => {
  it("suspends a run whose node has not started, and an operator lets it go on", async () => {
    const plan = definePlan("versions", { input: Text }, (p, input) => {
      const ok = p.ask("ok", { show: { text: input.text } });
      return { text: p.step("say", say, { text: input.text }, { after: [ok] }).text };
    });
    const first = await open();
    await first.start(plan, { id: "r", input: { text: "a" } });
    for await (const _ of first.waits({ follow: true })) break;
    await first.close();
    await using executor = await open({ use: [{ ...say, version: 2 }] });
    const run = await executor.run("r");
    expect((await run.report()).suspended).toContain("say");
    await run.resume({ by: "ada" });
    for await (const wait of executor.waits({ follow: true })) {
      await executor.answer(wait.wait, { by: "ada", value: true });
      break;
    }
    await expect(run.result()).resolves.toMatchObject({ tag: "succeeded" });
  });
});

describe("a folder", () => {
  it("has one owner, also within one process", async () => {
    await using executor = await open();
    await expect(open()).rejects.toMatchObject({ code: "FOLDER_OWNED" });
    await executor.close();
    await using second = await open();
    expect(second.recovered).toEqual([]);
  });

  it("takes up a run that was closed in the middle", async () => {
    let isHeld = true;
    const slow = defineAction("slow", {
      input: z.object({}),
      output: z.object({}),
      repeat: "safe",
      undo: "not-needed",
      run: async ({ signal }) => {
        log.push("slow");
        if (isHeld) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        return {};
      },
    });
    const plan = definePlan("slow-plan", { input: Text }, (p, input) => {
      const first = p.step("first", say, { text: input.text });
      p.step("slow", slow, {}, { after: [first] });
      return { text: first.text };
    });
    const first = await open({ use: [say, slow] });
    await first.start(plan, { id: "r", input: { text: "a" } });
    while (!log.includes("slow")) await new Promise((resolve) => setTimeout(resolve, 5));
    await first.close({ drainMs: 10 });
    isHeld = false;
    await using executor = await open({ use: [say, slow] });
    await expect((await executor.run("r")).result()).resolves.toMatchObject({ tag: "succeeded" });
    expect(log).toEqual(["say a", "slow", "slow"]);
  });
});

describe("plans", () => {
  it("nest: a plan is an action, with its own rollback", async () => {
    const outer = definePlan("outer", { input: Text }, (p, input) => {
      const inner = p.step("inner", two, { text: input.text });
      p.step("boom", boom, {}, { after: [inner] });
      return { text: inner.text };
    });
    await using executor = await open({ use: [outer] });
    const run = await executor.start(outer, { id: "r", input: { text: "a" } });
    await expect(run.result()).resolves.toMatchObject({ tag: "rolled-back", undone: ["inner"] });
    expect(log).toEqual(["say a", "say a", "boom", "unsay a", "unsay a"]);
    const runs = await executor.runs();
    expect(runs.map(({ run: id, tag }) => `${id} ${tag}`).toSorted()).toEqual([
      "r rolled-back",
      "r/inner.0.1 rolled-back",
    ]);
  });

  it("skip what a condition turns off, and observe failures where they say so", async () => {
    const plan = definePlan("branches", { input: Text }, (p, input) => {
      const seen = p.step("seen", boom, {}, { onFailure: "observe" });
      const off = p.step("off", say, { text: input.text }, { when: cel`${input.text} == "never"` });
      p.step("after-off", say, { text: off.text });
      return { seen: cel`has(${seen}.error)` };
    });
    await using executor = await open({ use: [plan] });
    const run = await executor.start(plan, { id: "r", input: { text: "a" } });
    await expect(run.result()).resolves.toEqual({ tag: "succeeded", output: { seen: true } });
    const { nodes } = await run.report();
    expect([...nodes.values()].map(({ id, status }) => `${id} ${status}`)).toEqual([
      "seen failed",
      "off skipped",
      "after-off skipped",
    ]);
    expect(log).toEqual(["boom"]);
  });
});
