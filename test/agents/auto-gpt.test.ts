/** The autonomous agent: it looks back, lets a policy choose, recalls and writes down what it learnt. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Policy } from "../../src/action/index.ts";
import { AutoGPT, type AutoGptOptions } from "../../src/agents/index.ts";
import { toNodeId, type Json } from "../../src/base/index.ts";
import { AgentExecutor, defineAction, defineQuery, PermanentError } from "../../src/index.ts";
import { scriptedModel, type ModelRequest, type Script, type ScriptedReply } from "../../src/models/index.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-auto-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const look = defineQuery("look", {
  description: "Looks.",
  input: z.object({ at: z.number() }),
  output: z.number(),
  run: ({ input }) => {
    if (input.at === 0) throw new PermanentError("DARK", "Nothing is seen.");
    return input.at;
  },
});
const acting = (at: number): ScriptedReply => ({ calls: [{ tool: "look", input: { at } }] });
const systemOf = ({ messages: [first] }: ModelRequest): string => (first?.role === "system" ? first.text : "");

interface Seen {
  readonly output: unknown;
  readonly asked: readonly ModelRequest[];
  readonly report: { readonly nodes: ReadonlyMap<string, { readonly output: Json; readonly decisions: unknown }> };
}

async function runOf(script: Script, options: Partial<AutoGptOptions> = {}, id = "r"): Promise<Seen> {
  const model = scriptedModel(script);
  const agent = AutoGPT("scout", { model, tools: [look], ...options });
  await using executor = await AgentExecutor.open({ dir, use: [agent] });
  const run = await executor.start(agent, { id, input: { goal: "Look around." } });
  const result = await run.result();
  if (result.tag !== "succeeded") throw new Error(JSON.stringify(result));
  return { output: result.output, asked: model.calls(), report: await run.report() };
}

describe("the autonomous agent", () => {
  it("looks back after so many steps, and at once when all its calls failed", async () => {
    let step = 0;
    const { asked } = await runOf(
      (request) => {
        if (systemOf(request).includes("Look back")) return "It goes well.";
        step += 1;
        return step > 4 ? "done" : acting(step === 4 ? 0 : step);
      },
      { criticiseEvery: 3 },
    );
    const kinds = asked.map((request) => (systemOf(request).includes("Look back") ? "criticise" : "act"));
    expect(kinds).toEqual(["act", "act", "act", "criticise", "act", "criticise", "act"]);
    expect(asked[4]?.messages.at(-1)).toEqual({ role: "assistant", text: "It goes well." });
  });

  it("lets a policy choose what comes next, and keeps the decision with its propensity", async () => {
    const policy: Policy = {
      name: "bold",
      version: "3",
      distribution: ({ state }) => ({
        probabilities: JSON.stringify(state).includes('"step":2') ? { finish: 1 } : { act: 1 },
      }),
    };
    let step = 0;
    const { output, report } = await runOf(
      (request) => (request.tools === undefined ? "enough" : acting((step += 1))),
      { policy },
    );
    expect(output).toMatchObject({ answer: "enough", ended: "done", cost: { steps: 3 } });
    const decisions = report.nodes.get(toNodeId("n2"))?.decisions;
    expect(decisions).toMatchObject([{ choice: "scout.next", variant: "finish", propensity: 1, policy: "bold@3" }]);
  });

  it("recalls what it learnt and writes down what it learns; a memory that fails costs only the lessons", async () => {
    const learnt: Json[] = [];
    const anything = z.json();
    const recall = defineQuery("recall", { input: anything, output: anything, run: () => ["Mind the dark."] });
    const learn = defineAction("learn", {
      input: anything,
      output: anything,
      repeat: "keyed",
      undo: () => void learnt.pop(),
      run: ({ input }) => learnt.push(input),
    });
    const script: Script = (request) => {
      if (systemOf(request).includes("The work is over")) return '{"lessons": ["Look at ${input} first."]}';
      return request.messages.some(({ role }) => role === "tool") ? "done" : acting(1);
    };
    const { output, asked } = await runOf(script, { memory: { recall, learn }, kind: "scouting" });
    expect(output).toMatchObject({ answer: "done", ended: "done" });
    expect(JSON.stringify(asked[0]?.messages[1])).toContain("Mind the dark.");
    expect(learnt).toEqual([{ kind: "scouting", lessons: ["Look at ${input} first."] }]);

    const broken = defineQuery("recall", {
      input: anything,
      output: anything,
      run: () => Promise.reject(new PermanentError("X", "x")),
    });
    const other = await runOf(script, { memory: { recall: broken, learn } }, "r2");
    expect(other.output).toMatchObject({ answer: "done" });
  });
});
