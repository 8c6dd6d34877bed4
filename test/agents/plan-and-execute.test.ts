/** The planner that carries out its plans: it plans, corrects, asks, executes, replans and gives up. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { AnyAction } from "../../src/action/index.ts";
import { PlanAndExecute, type PlanAndExecuteOptions } from "../../src/agents/index.ts";
import { toNodeId } from "../../src/base/index.ts";
import { AgentExecutor, defineAction, defineQuery, PermanentError, type Executor, type Run } from "../../src/index.ts";
import { scriptedModel, type ModelRequest, type Script } from "../../src/models/index.ts";

let dir = "";
let log: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-planner-"));
  log = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const stock = defineQuery("stock", {
  description: "How many are left.",
  input: z.object({ sku: z.string() }),
  output: z.object({ left: z.number() }),
  labels: { gives: ["untrusted"] },
  run: ({ input }) => ({ left: input.sku === "x" ? 0 : 3 }),
});
const book = defineAction("book", {
  description: "Books some.",
  input: z.object({ sku: z.string() }),
  output: z.object({ id: z.string() }),
  repeat: "keyed",
  undo: ({ output }) => void log.push(`unbook ${output.id}`),
  run: ({ input }) => {
    if (input.sku === "gone") throw new PermanentError("SOLD_OUT", "Sold out.");
    log.push(`book ${input.sku}`);
    return { id: `B-${input.sku}` };
  },
});
const tools: readonly AnyAction[] = [stock, book];
const isChange = ({ messages: [first] }: ModelRequest): boolean =>
  first?.role === "system" && first.text.includes("being carried out");
const json = (value: unknown): string => JSON.stringify(value);

async function run(
  script: Script,
  options: Partial<PlanAndExecuteOptions> = {},
): Promise<{ executor: Executor; run: Run<unknown>; asked: () => readonly ModelRequest[] }> {
  const model = scriptedModel(script);
  const planner = PlanAndExecute("clerk", { model, tools, ...options });
  const executor = await AgentExecutor.open({ dir, use: [planner] });
  const started: Run<unknown> = await executor.start(planner, { id: "r", input: { goal: "Book it." } });
  return { executor, run: started, asked: model.calls };
}

const good = {
  name: "p",
  nodes: { s: { uses: "stock", with: { sku: "a" } }, b: { uses: "book", with: { sku: "a" }, after: ["s"] } },
  output: { booked: "${nodes.b.output.id}" },
};

describe("the planner", () => {
  it("corrects a plan with the checker's own words, then carries it out", async () => {
    const bad = { name: "p", nodes: { b: { uses: "boook", with: { sku: "${nodes.q.output}" } } } };
    const {
      executor,
      run: started,
      asked,
    } = await run((request) => (request.messages.length > 2 ? json(good) : json(bad)));
    expect(await started.result()).toMatchObject({
      tag: "succeeded",
      output: { answer: { booked: "B-a" }, ended: "done", revisions: 0, effects: { undoable: ["b book"] } },
    });
    await executor.close();
    expect(json(asked()[1]?.messages.at(-1))).toMatch(/nodes\.b\.uses: .*Did you mean book/u);
    expect(log).toEqual(["book a"]);
  });

  it("gives up after so many tries, having done nothing", async () => {
    const { executor, run: started, asked } = await run(() => "I would rather not.", { repairs: 1 });
    expect(await started.result()).toMatchObject({
      tag: "rolled-back",
      why: expect.stringMatching(/no plan.*2 tries/u),
    });
    await executor.close();
    expect(asked()).toHaveLength(2);
  });

  it("shows the plan with its cost and waits, if it is told to", async () => {
    const { executor, run: started } = await run(() => json(good), { approve: "plan" });
    for await (const wait of executor.waits({ follow: true })) {
      expect(wait).toMatchObject({
        kind: "ask",
        show: { plan: expect.stringContaining("book"), estimate: { nodes: 2 } },
      });
      expect(log).toEqual([]);
      await executor.answer(wait.wait, { by: "ada", value: false });
      break;
    }
    expect(await started.result()).toMatchObject({ tag: "rolled-back", why: expect.stringContaining("not allowed") });
    await executor.close();
    expect(log).toEqual([]);
  });

  it("changes the rest of the plan where a step failed, and does nothing twice", async () => {
    const first = {
      name: "p",
      nodes: {
        a: { uses: "book", with: { sku: "a" } },
        b: { uses: "book", with: { sku: "gone" }, after: ["a"] },
        c: { uses: "book", with: { sku: "${nodes.b.output.id}" } },
      },
      output: "${nodes.c.output.id}",
    };
    const change = {
      patch: [
        { op: "give-up-node", id: "b" },
        { op: "add-node", id: "d", node: { uses: "book", with: { sku: "d" } } },
        { op: "replace-node", id: "c", node: { uses: "book", with: { sku: "${nodes.d.output.id}" } } },
      ],
    };
    const { executor, run: started, asked } = await run((request) => json(isChange(request) ? change : first));
    expect(await started.result()).toMatchObject({ tag: "succeeded", output: { answer: "B-B-d", revisions: 1 } });
    await executor.close();
    expect(log).toEqual(["book a", "book d", "book B-d"]);
    expect(json(asked()[1]?.messages)).toContain("SOLD_OUT");
  });

  it("takes all back when the model gives up, or after so many changes", async () => {
    const first = {
      name: "p",
      nodes: { a: { uses: "book", with: { sku: "a" } }, b: { uses: "book", with: { sku: "gone" }, after: ["a"] } },
    };
    const { executor, run: started } = await run((request) =>
      json(isChange(request) ? { giveUp: "It is sold out." } : first),
    );
    expect(await started.result()).toMatchObject({ tag: "rolled-back", why: "It is sold out.", undone: ["a"] });
    await executor.close();
    rmSync(dir, { recursive: true, force: true });

    let tries = 0;
    const again = await run(
      (request) => {
        if (!isChange(request)) return json(first);
        const failed = tries === 0 ? "b" : `x${tries}`;
        tries += 1;
        return json({
          patch: [
            { op: "give-up-node", id: failed },
            { op: "add-node", id: `x${tries}`, node: { uses: "book", with: { sku: "gone" } } },
          ],
        });
      },
      { revisions: 2 },
    );
    expect(await again.run.result()).toMatchObject({
      tag: "rolled-back",
      why: expect.stringContaining("changed 2 times"),
    });
    await again.executor.close();
    expect(tries).toBe(2);
  });

  it("looks at the rest of the plan again when there are new facts", async () => {
    const first = {
      name: "p",
      nodes: {
        s: { uses: "stock", with: { sku: "x" } },
        w: { uses: "wait", with: { ms: 1_500 } },
        b: { uses: "book", with: { sku: "x" }, after: ["s", "w"] },
      },
    };
    const change = {
      patch: [{ op: "replace-node", id: "b", node: { uses: "book", with: { sku: "y" }, after: ["w"] } }],
    };
    const {
      executor,
      run: started,
      asked,
    } = await run((request) => json(isChange(request) ? change : first), { reviewAfter: ["stock"] });
    expect(await started.result()).toMatchObject({
      tag: "succeeded",
      output: { answer: { b: { id: "B-y" } }, revisions: 1 },
    });
    await executor.close();
    expect(log).toEqual(["book y"]);
    expect(json(asked()[1]?.messages)).toContain("New facts came from s");
  });

  it("keeps the labels of what a plan or a change was made of", async () => {
    const refusing = defineAction("send", {
      description: "Sends.",
      input: z.json(),
      output: z.json(),
      repeat: "keyed",
      undo: "impossible",
      labels: { refuses: ["untrusted"] },
      run: () => log.push("sent"),
    });
    const first = {
      name: "p",
      nodes: {
        s: { uses: "stock", with: { sku: "x" } },
        w: { uses: "wait", with: { ms: 1_500 } },
        b: { uses: "send", after: ["w"] },
      },
    };
    const change = {
      patch: [{ op: "replace-node", id: "b", node: { uses: "send", with: "what I read", after: ["w"] } }],
    };
    const { executor, run: started } = await run((request) => json(isChange(request) ? change : first), {
      reviewAfter: ["stock"],
      tools: [stock, refusing],
    });
    for await (const wait of executor.waits({ follow: true })) {
      if (wait.kind !== "approval") continue;
      expect(wait).toMatchObject({ node: toNodeId("b"), show: { labels: ["untrusted"] } });
      break;
    }
    expect(log).toEqual([]);
    await started.cancel();
    await executor.close();
  });
});
