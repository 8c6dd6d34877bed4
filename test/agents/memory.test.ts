/** What an agent learns from run to run: two runs of a kind teach the third, and a rollback takes the lesson back. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AutoGPT } from "../../src/agents/index.ts";
import { AgentExecutor } from "../../src/index.ts";
import { lessonTools, memoryTools, openMemory } from "../../src/memory/index.ts";
import { scriptedModel, type ModelRequest, type Script } from "../../src/models/index.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-learning-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const LESSON = "Ask for the order's number before anything else.";
const reflecting: Script = ({ messages: [first] }) =>
  first?.role === "system" && first.text.includes("The work is over") ? JSON.stringify({ lessons: [LESSON] }) : "done";

/** Runs one task with a memory that is opened anew, as a new process would. */
async function task(id: string, { kind = "orders", rollBack = false } = {}): Promise<string> {
  const memory = openMemory({ file: join(dir, "memory.db") });
  const asked: ModelRequest[] = [];
  const model = scriptedModel((request) => {
    asked.push(request);
    return typeof reflecting === "function" ? reflecting(request) : undefined;
  });
  const agent = AutoGPT("clerk", { model, tools: memoryTools(memory), memory: lessonTools(memory), kind });
  await using executor = await AgentExecutor.open({ dir: join(dir, "state"), use: [agent] });
  const run = await executor.start(agent, { id, input: { goal: "Where is my order?" } });
  expect(await run.result()).toMatchObject({ output: { answer: "done" } });
  if (rollBack) await run.rollback({ by: "ada" });
  await run.result();
  await executor.close();
  memory.close();
  return JSON.stringify(asked[0]?.messages);
}

it("takes two runs of one kind to teach the third; other kinds learn nothing of it", async () => {
  expect(await task("a")).not.toContain(LESSON);
  expect(await task("b")).not.toContain(LESSON);
  expect(await task("c")).toContain(LESSON);
  expect(await task("d", { kind: "cakes" })).not.toContain(LESSON);
});

it("takes a lesson back with the run that it came from", async () => {
  await task("a");
  await task("b", { rollBack: true });
  expect(await task("c")).not.toContain(LESSON);
});
