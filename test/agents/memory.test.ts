/**
 * What an agent learns from run to run: two runs of a kind teach the third, whatever process they ran in; other kinds and
 * tenants learn nothing of it, and a rollback takes the lesson back.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { AutoGPT } from "../../src/agents/index.ts";
import type { Json } from "../../src/base/index.ts";
import { AgentExecutor, type Result } from "../../src/index.ts";
import { lessonTools, memoryTools, openMemory, type Entry, type MemoryOptions } from "../../src/memory/index.ts";
import { scriptedModel, type ModelRequest, type Script, type ScriptedReply } from "../../src/models/index.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-learning-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const LESSON = "Ask for the order's number before anything else.";
const isReflecting = ({ messages: [first] }: ModelRequest): boolean =>
  first?.role === "system" && first.text.includes("The work is over");
const learning: Script = (request) => (isReflecting(request) ? JSON.stringify({ lessons: [LESSON] }) : "done");

interface Task {
  readonly kind?: string;
  readonly goal?: string;
  readonly rollBack?: boolean;
  readonly script?: Script;
  readonly memory?: Partial<MemoryOptions>;
}

interface Seen {
  /** What the model was asked first, as JSON. */
  readonly first: string;
  readonly asked: readonly ModelRequest[];
  readonly result: Result<unknown>;
  readonly remembered: readonly Entry[];
}

/** Runs one task with a memory that is opened anew, as a new process would. */
async function task(id: string, options: Task = {}): Promise<Seen> {
  const { kind = "orders", goal = "Where is my order?", rollBack = false, script = learning } = options;
  const memory = openMemory({ file: join(dir, "state", "memory.db"), ...options.memory });
  const model = scriptedModel(script);
  const agent = AutoGPT("clerk", { model, tools: memoryTools(memory), memory: lessonTools(memory), kind });
  await using executor = await AgentExecutor.open({ dir: join(dir, "state"), use: [agent] });
  const run = await executor.start(agent, { id, input: { goal } });
  await run.result();
  if (rollBack) await run.rollback({ by: "ada" });
  const result = await run.result();
  await executor.close();
  const remembered = memory.all();
  memory.close();
  const asked = model.calls();
  return { first: JSON.stringify(asked[0]?.messages), asked, result, remembered };
}

it("takes two runs of one kind to teach the third; other kinds and tenants learn nothing of it", async () => {
  expect((await task("a")).first).not.toContain(LESSON);
  expect((await task("b")).first).not.toContain(LESSON);
  expect((await task("c")).first).toContain(LESSON);
  expect((await task("d", { kind: "cakes" })).first).not.toContain(LESSON);
  expect((await task("e", { memory: { tenant: "other" } })).first).not.toContain(LESSON);
  expect((await task("f", { goal: "Something without a word in common" })).first).toContain(LESSON);
});

it("asks for as many runs as it is told to", async () => {
  const memory = { observations: 3 };
  for (const id of ["a", "b", "c"]) expect((await task(id, { memory })).first).not.toContain(LESSON);
  expect((await task("d", { memory })).first).toContain(LESSON);
});

it("takes a lesson back with the run that it came from", async () => {
  await task("a");
  expect((await task("b", { rollBack: true })).result).toMatchObject({ tag: "rolled-back" });
  const third = await task("c");
  expect(third.first).not.toContain(LESSON);
  expect(third.remembered).toMatchObject([{ text: LESSON, weight: 2 }]);
  expect((await task("d")).first).toContain(LESSON);
});

/** Makes one call, then is done. */
function calling(tool: string, input: Json): Script {
  let isMade = false;
  return (request): ScriptedReply => {
    if (isMade || isReflecting(request)) return { text: "done" };
    isMade = true;
    return { calls: [{ tool, input }] };
  };
}

it("lets an agent remember a fact, another look it up, and a rollback forget it", async () => {
  const fact = { text: "Ada's parcels go to the back door.", kind: "note" };
  const { remembered } = await task("a", { script: calling("memory.remember", fact) });
  expect(remembered).toMatchObject([{ ...fact, type: "fact", run: "a" }]);
  const second = await task("b", { script: calling("memory.recall", { query: "parcel door", k: 1 }) });
  expect(JSON.stringify(second.asked[1])).toContain(fact.text);
  const third = await task("c", { script: calling("memory.remember", fact), rollBack: true });
  expect(third.result).toMatchObject({ tag: "rolled-back" });
  expect(third.remembered).toEqual(remembered);
});
