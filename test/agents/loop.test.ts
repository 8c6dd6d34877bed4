/** The tool loop of agents on the real store, with scripted models: what it does, where it stops, what it reports. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { AnyAction } from "../../src/action/index.ts";
import { askPerson, defineAgent, type AgentOptions } from "../../src/agents/index.ts";
import { toNodeId } from "../../src/base/index.ts";
import { AgentExecutor, defineAction, defineQuery, PermanentError, type Executor, type Run } from "../../src/index.ts";
import { scriptedModel, type ModelRequest, type Script } from "../../src/models/index.ts";

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

const call = (tool: string, input: object, id = `${tool}-1`): object => ({ id, tool, input });
const agentOf = (script: Script, options: Partial<AgentOptions> = {}): ReturnType<typeof defineAgent> =>
  defineAgent("clerk", { model: scriptedModel(script), tools, ...options });

async function run(agent: ReturnType<typeof defineAgent>, goal = "Do it."): Promise<{ executor: Executor; run: Run<unknown> }> {
  const executor = await AgentExecutor.open({ dir, use: [agent] });
  return { executor, run: await executor.start(agent, { id: "r", input: { goal } }) };
}

describe("an agent", () => {
  it("calls its tools side by side, sees what they gave, and answers", async () => {
    const seen: ModelRequest[] = [];
    const agent = agentOf((request: ModelRequest) => {
      seen.push(request);
      if (seen.length === 1) return { calls: [call("add", { a: 1, b: 2 }, "x"), call("add", { a: 3, b: 4 }, "y")] };
      return { text: "3 and 7" };
    });
    const { executor, run: started } = await run(agent);
    const result = await started.result();
    await executor.close();
    expect(result).toMatchObject({ tag: "succeeded", output: { answer: "3 and 7", ended: "done", cost: { calls: 2, steps: 2 } } });
    expect(seen[1]?.messages.slice(2)).toEqual([
      { role: "assistant", text: "", calls: [{ id: "x", tool: "add", input: { a: 1, b: 2 } }, { id: "y", tool: "add", input: { a: 3, b: 4 } }] },
      { role: "tool", call: "x", tool: "add", output: 3 },
      { role: "tool", call: "y", tool: "add", output: 7 },
    ]);
  });
});
