/** Agents on the command line: real processes that ask a scripted model over real HTTP. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../src/base/index.ts";
import {
  scriptedModel,
  serveModel,
  type ModelRequest,
  type ModelServer,
  type ScriptedReply,
} from "../../src/models/index.ts";
import { ROOT } from "../../tools/lib/paths.ts";
import { createBench, readAs, type Bench } from "./pawl.ts";

interface AgentOut {
  readonly run: string;
  readonly tag: string;
  readonly answer: unknown;
  readonly used: { readonly steps: number; readonly calls: number };
  readonly undoable: readonly string[];
  readonly waits: readonly { readonly wait: string; readonly kind: string }[];
}

const CONFIG = `import { appendFileSync } from "node:fs";
import { defineAction, defineConfig, defineQuery, fromJsonSchema } from ${JSON.stringify(join(ROOT, "src", "index.ts"))};
const object = (properties) =>
  fromJsonSchema({ type: "object", properties, required: Object.keys(properties), additionalProperties: false });
const number = { type: "number" };
const add = defineQuery("add", {
  description: "Adds two numbers.",
  input: object({ a: number, b: number }),
  output: fromJsonSchema(number),
  run: ({ input }) => input.a + input.b,
});
const note = defineAction("note", {
  description: "Writes a note.",
  input: object({ text: { type: "string" } }),
  output: object({ id: number }),
  repeat: "keyed",
  undo: () => appendFileSync("notes.txt", "unwritten\\n"),
  run: ({ input }) => (appendFileSync("notes.txt", input.text + "\\n"), { id: 1 }),
});
const pay = defineAction("pay", {
  input: object({ cents: number }),
  output: fromJsonSchema({ type: "boolean" }),
  repeat: "keyed",
  undo: "impossible",
  approve: "always",
  run: () => true,
});
export default defineConfig({ use: [add, note, pay] });
`;

let isHeld = true;
const NEXT: Readonly<Record<string, (results: readonly string[]) => ScriptedReply>> = {
  sum: (results) =>
    results.length === 0
      ? { text: "Adding.\u001B[2J", calls: [{ tool: "add", input: { a: 1, b: 2 } }] }
      : `The sum is ${results[0]}.`,
  note: (results) =>
    results.length === 0 ? { calls: [{ tool: "note", input: { text: "hello" } }] } : `Done: ${results[0]}`,
  held: (results) => {
    if (results.length === 0) return { calls: [{ tool: "note", input: { text: "before" } }] };
    return isHeld ? { text: "Now I have begun to think", pieceMs: 60_000 } : "after";
  },
  file: (results) =>
    results.length === 0 ? { calls: [{ tool: "files.write", input: { path: "a.txt", text: "abc" } }] } : "written",
  slow: (results) =>
    results.length === 0
      ? { text: "one two three", calls: [{ tool: "note", input: { text: "x" } }], pieceMs: 150 }
      : "end",
};

/** The last word of the task says what the model does; anything else it repeats. */
function play({ messages }: ModelRequest): ScriptedReply {
  const task = messages.find(({ role }) => role === "user");
  const text = task?.role === "user" ? task.text : "";
  const results = messages.flatMap((message) => (message.role === "tool" ? [textOf(message.output)] : []));
  const word = /\w+$/u.exec(text)?.[0] ?? "";
  return NEXT[word]?.(results) ?? `You said: ${text}`;
}

function textOf(output: Json): string {
  return typeof output === "string" ? output : JSON.stringify(output);
}

let server: ModelServer;
beforeAll(async () => {
  server = await serveModel(scriptedModel(play, { name: "small" }));
});
afterAll(async () => await server.close());

function bench(env: Readonly<Record<string, string>> = {}): Bench {
  const made = createBench({ PAWL_MODEL: `${server.url}#small`, ...env });
  made.write("pawl.config.ts", CONFIG);
  return made;
}

/** Waits for something; the test's own limit ends the wait. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10));
}

function askedFor(goal: string): number {
  return server.calls().filter(({ request }) => JSON.stringify(request.messages[1]).includes(goal)).length;
}

describe("pawl agent", () => {
  it("answers on stdout, and tells on stderr what it said, called and used", async () => {
    const { pawl } = bench();
    const { code, stdout, stderr } = await pawl("agent", "Give me the sum", "--id", "a1", "--tools", "add");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "The sum is 3.\n" });
    expect(stderr).toMatch(
      /Adding\.\n» add \{"a":1,"b":2\}\n {2}add: 3\nThe sum is 3\.\n2 steps, 1 call, [\d,]+ tokens, /,
    );
    const before = server.calls().length;
    const again = await pawl("agent", "Give me the sum", "--id", "a1", "--tools", "add", "--json");
    expect(readAs<AgentOut>("agent", again.stdout)).toMatchObject({
      tag: "succeeded",
      answer: "The sum is 3.",
      ended: "done",
      used: { steps: 2, calls: 1 },
    });
    expect(server.calls()).toHaveLength(before);
    const show = readAs<{ planName: string }>("runs-show", (await pawl("runs", "show", "a1", "--json")).stdout);
    expect(show.planName).toBe("agent");
    expect(JSON.parse((await pawl("verify", "--json")).stdout)).toMatchObject({ ok: true });
  });

  it("says what it did that can be undone, and is rolled back by another process", async () => {
    const { pawl, dir } = bench();
    const { stderr } = await pawl("agent", "Write a note", "--id", "n1");
    expect(stderr).toContain("can be undone: t1c0 note; with: pawl rollback n1");
    const undone = await pawl("rollback", "n1", "--json");
    expect(undone.code).toBe(0);
    expect(readAs("run", undone.stdout)).toMatchObject({ tag: "rolled-back", undone: ["t1c0"] });
    expect(readFileSync(join(dir, "notes.txt"), "utf8")).toBe("hello\nunwritten\n");
  });

  it("shows words as they come", async () => {
    const { start, dir } = bench();
    const { done, said } = start("agent", "Be slow");
    await until(() => said().includes("one "));
    expect(said()).not.toContain("three");
    expect(existsSync(join(dir, "notes.txt"))).toBe(false);
    expect(await done).toMatchObject({ code: 0, stdout: "end\n" });
  });

  it.each([
    ["yes", "hello\n", "Done: "],
    ["no", undefined, "Done: "],
  ])("waits for a person's word before an effect, and another process says %s", async (word, notes, answer) => {
    const { pawl, dir } = bench();
    const asked = await pawl("agent", "Write a note", "--id", "w1", "--approve", "effects", "--json");
    expect(asked.code).toBe(3);
    const { waits, used } = readAs<AgentOut>("agent", asked.stdout);
    expect({ waits, used }).toMatchObject({ waits: [{ kind: "approval" }], used: { steps: 1 } });
    const answered = await pawl("answer", waits[0]?.wait ?? "", word, "--json");
    expect(readAs("run", answered.stdout)).toMatchObject({
      tag: "succeeded",
      output: { answer: expect.stringContaining(answer) },
    });
    const path = join(dir, "notes.txt");
    expect(existsSync(path) ? readFileSync(path, "utf8") : undefined).toBe(notes);
  });

  it("goes on after kill -9, without asking again for what was answered and without doing again what was done", async () => {
    const { pawl, start, dir } = bench();
    isHeld = true;
    const { child, done, said } = start("agent", "Be killed while held", "--id", "k1");
    await until(() => said().includes("Now"));
    child.kill("SIGKILL");
    await done;
    expect(askedFor("Be killed")).toBe(2);
    isHeld = false;
    const resumed = await pawl("resume", "k1", "--json");
    expect(readAs("run", resumed.stdout)).toMatchObject({ tag: "succeeded", output: { answer: "after" } });
    expect(askedFor("Be killed")).toBe(3);
    expect(readFileSync(join(dir, "notes.txt"), "utf8")).toBe("before\n");
    expect(JSON.parse((await pawl("verify", "--json")).stdout)).toMatchObject({ ok: true });
  });

  it("stops gently at Ctrl-C and says how to go on", async () => {
    const { pawl, start, dir } = bench();
    const { child, done, said } = start("agent", "Be very slow", "--id", "c1");
    await until(() => said().includes("one "));
    child.kill("SIGINT");
    const stopped = await done;
    expect(stopped).toMatchObject({ code: 130, stdout: "" });
    expect(stopped.stderr).toContain("three");
    expect(stopped.stderr).toContain("pawl resume c1");
    expect(existsSync(join(dir, "notes.txt"))).toBe(false);
    expect(await pawl("resume", "c1")).toMatchObject({ code: 0 });
    expect(askedFor("Be very slow")).toBe(2);
  });

  it("is started beside a process that owns the folder for an agent with other settings", async () => {
    const { pawl, start } = bench();
    const { done, said } = start("agent", "Write a note", "--id", "o1", "--approve", "all", "--wait");
    await until(() => said().includes("waits for someone"));
    const other = await pawl("agent", "Give me the sum", "--id", "o2", "--tools", "add", "--json");
    expect(readAs<AgentOut>("agent", other.stdout)).toMatchObject({ answer: "The sum is 3." });
    const [wait] = JSON.parse((await pawl("inbox", "--json")).stdout).waits;
    await pawl("answer", wait.wait, "yes");
    expect(await done).toMatchObject({ code: 0 });
  });

  it("works in the folder that its run names, and another process takes that back", async () => {
    const { pawl, dir } = bench();
    mkdirSync(join(dir, "notes"));
    const listed = await pawl("tools", "ls", "--tools", "files:notes:ro", "--json");
    expect(readAs<{ tools: readonly object[] }>("tools-ls", listed.stdout).tools).toHaveLength(3);
    expect((await pawl("tools", "call", "files:notes", "{}")).stderr).toContain("files.write:notes");
    const written = await pawl("agent", "Make a file", "--tools", "files:notes", "--id", "f1", "--json");
    expect(readAs<AgentOut>("agent", written.stdout)).toMatchObject({ undoable: ["t1c0 files.write"] });
    const read = await pawl("tools", "call", "files.read:notes", '{"path":"a.txt"}');
    expect(read).toMatchObject({ code: 0, stdout: expect.stringContaining('"text":"abc"') });
    expect(await pawl("rollback", "f1", "--dir", join(dir, ".pawl"))).toMatchObject({ code: 0 });
    expect(existsSync(join(dir, "notes", "a.txt"))).toBe(false);
  });

  it("exits 2 and says what to do without a model, its key, its server, a known name, a known tool", async () => {
    const { pawl } = bench();
    const none = await bench({ PAWL_MODEL: "" }).pawl("agent", "x");
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(/127\.0\.0\.1[^]*OPENAI_API_KEY[^]*recorded:/);
    const key = await bench({ OPENAI_API_KEY: "" }).pawl("agent", "x", "--model", "openai:gpt-5");
    expect(key).toMatchObject({ code: 2, stderr: expect.stringContaining("MODEL_KEY_MISSING") });
    const gone = await serveModel(scriptedModel([]));
    await gone.close();
    const dead = await pawl("agent", "x", "--model", `${gone.url}#small`, "--json");
    expect(dead.code).toBe(2);
    expect(readAs("error", dead.stderr)).toMatchObject({ error: { code: "MODEL_UNREACHABLE" } });
    const name = await pawl("agent", "x", "--model", `${server.url}#smal`);
    expect(name.code).toBe(2);
    expect(name.stderr).toContain(`Did you mean ${server.url}#small?`);
    const tool = await pawl("agent", "x", "--tools", "ad");
    expect(tool).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean add?") });
    const budget = await pawl("agent", "x", "--budget", "step=3");
    expect(budget).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean steps?") });
    const secret = await pawl("agent", "x", "--model", `${server.url}?key=s3cret#small`);
    expect(secret).toMatchObject({ code: 2, stderr: expect.stringContaining("PAWL_API_KEY") });
    expect(secret.stderr).not.toContain("s3cret");
    expect(JSON.parse((await pawl("--json")).stdout)).toMatchObject({ runs: {} });
  });

  it("keeps no key anywhere, and says when it is refused", async () => {
    const key = "sk-very-secret-key";
    await using strict = await serveModel(scriptedModel(["never"], { name: "small" }), {
      fault: () => ({ status: 401, pieces: ['{"error":{"message":"no such key"}}'] }),
    });
    const { pawl, dir } = bench({ PAWL_MODEL: `${strict.url}#small`, PAWL_API_KEY: key });
    const refused = await pawl("agent", "Say hello", "--id", "r1");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("MODEL_KEY_REFUSED");
    const all = refused.stderr + (await pawl("runs", "events", "r1", "--json")).stdout;
    expect(all + readFileSync(join(dir, ".pawl", "pawl.db"), "latin1")).not.toContain(key);
  });
});

describe("pawl chat", () => {
  it("remembers what was said, tells what it cost, and takes a turn back", async () => {
    const { feed, pawl, dir } = bench();
    const first = await feed("I am Ann\n\nWrite a note\n/undo\n/cost\n/nope\n", "chat", "--id", "t");
    expect(first.code).toBe(0);
    expect(first.stdout).toBe('You said: I am Ann\nDone: {"id":1}\n');
    expect(first.stderr).toMatch(/rolled-back {2}Write a note\n3 steps, 1 call, [^]*there is no \/nope[^]*chat --id t/);
    expect(readFileSync(join(dir, "notes.txt"), "utf8")).toBe("hello\nunwritten\n");
    const second = await feed("and now?\n/quit\nnever", "chat", "--id", "t", "--json");
    const { answer, run } = readAs<AgentOut>("agent", second.stdout);
    expect({ run, answer }).toMatchObject({
      run: "t-3",
      answer: expect.stringMatching(/Person: I am Ann[^]*and now\?$/),
    });
    expect(answer).not.toContain("note");
    const runs = JSON.parse((await pawl("runs", "ls", "--tag", "chat:t", "--json")).stdout).runs;
    expect(runs).toHaveLength(3);
  });

  it("stops where a person is needed, and goes on there the next time", async () => {
    const { feed, pawl } = bench();
    const asked = await feed("Write a note\nhello\n", "chat", "--id", "q", "--approve", "effects");
    expect(asked).toMatchObject({ code: 3, stdout: "" });
    const [wait] = JSON.parse((await pawl("inbox", "--json")).stdout).waits;
    await pawl("answer", wait.wait, "yes");
    const next = await feed("thanks\n", "chat", "--id", "q");
    expect(next).toMatchObject({ code: 0, stdout: expect.stringContaining('You: Done: {"id":1}') });
  });
});

describe("pawl tools and models", () => {
  it("lists tools with their natures, and calls one as a run", async () => {
    const { pawl } = bench();
    const { tools } = readAs<{ tools: readonly object[] }>("tools-ls", (await pawl("tools", "ls", "--json")).stdout);
    expect(tools).toContainEqual(expect.objectContaining({ name: "note", kind: "action", undo: "possible" }));
    expect(tools).toContainEqual(expect.objectContaining({ name: "fetch", kind: "query", gives: ["untrusted"] }));
    const called = await pawl("tools", "call", "add", '{"a":2,"b":3}', "--id", "c1", "--json");
    expect(called.code).toBe(0);
    expect(readAs("run", called.stdout)).toMatchObject({ run: "c1", tag: "succeeded", output: 5 });
    expect(await pawl("tools", "call", "add", '{"a":"2"}')).toMatchObject({ code: 2 });
    expect((await pawl("tools", "call", "addd", "{}")).stderr).toContain("Did you mean add?");
    const paid = await pawl("tools", "call", "pay", '{"cents":5}', "--json");
    expect(paid.code).toBe(3);
  });

  it("lists what the chosen server has, by names that work", async () => {
    const { stdout, code } = await bench().pawl("models", "ls", "--json");
    expect(code).toBe(0);
    const { providers } = readAs<{ providers: readonly object[] }>("models-ls", stdout);
    expect(providers).toContainEqual(
      expect.objectContaining({ provider: "compatible", models: [`${server.url}#small`] }),
    );
  });
});

describe("pawl plan", () => {
  it("is not taken for the verbs about plan files", async () => {
    const { pawl } = bench();
    expect((await pawl("plan", "check")).stderr).toContain("FILE");
    const failed = await pawl("plan", "Make a plan", "--json");
    expect(failed.code).toBe(1);
    expect(readAs<AgentOut>("agent", failed.stdout)).toMatchObject({ answer: null });
    expect((await pawl("runs", "ls", "--plan", "planner", "--json")).stdout).toContain("planner");
  });
});

describe("pawl mcp serve", () => {
  it("makes each call a run, and says how to answer one that waits", async () => {
    const { pawl, dir } = bench();
    const command = { command: process.execPath, args: [join(ROOT, "bin", "pawl.cjs"), "mcp", "serve"], cwd: dir };
    const client = new Client({ name: "test", version: "1" });
    await client.connect(new StdioClientTransport({ ...command, stderr: "ignore" }));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["add", "note", "pay"]);
    const keyed = { name: "add", arguments: { a: 1, b: 2 }, _meta: { "pawl/key": "key-1" } };
    expect(await client.callTool(keyed)).toMatchObject({ structuredContent: { output: 3 } });
    const asked = await client.callTool({ name: "pay", arguments: { cents: 1 } });
    const [content] = asked.content;
    const text = content?.type === "text" ? content.text : "";
    expect(asked.isError ?? false).toBe(false);
    const [, wait = ""] = /pawl answer (\S+) yes\|no/u.exec(text) ?? [];
    expect(await pawl("answer", wait, "no")).toMatchObject({ code: 0 });
    expect(await client.callTool({ name: "add", arguments: { a: 1 } })).toMatchObject({ isError: true });
    await client.close();
    const { runs } = JSON.parse((await pawl("runs", "ls", "--tag", "mcp", "--json")).stdout);
    expect(runs.map(({ run }: { run: string }) => run)).toContain("key-1");
  });
});
