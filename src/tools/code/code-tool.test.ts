import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { QUIET, type EffectDefinition } from "../../action/index.ts";
import { RuntimeFailure, type Json } from "../../base/index.ts";
import { codeTool } from "./code-tool.ts";
import { runInWorker } from "./in-worker.ts";
import { readCodeOptions, type CodeOptions } from "./options.ts";

function effectOf(options: CodeOptions): EffectDefinition {
  const { definition } = codeTool(options);
  if (definition.tag !== "effect") throw new Error("expected an effect");
  return definition;
}

async function run(code: string, options: CodeOptions & { input?: Json; signal?: AbortSignal } = {}): Promise<unknown> {
  const { input = null, signal = new AbortController().signal, ...rest } = options;
  const attempt = { key: "k", token: 1, run: "run-1", node: "node-1", attempt: 1 };
  return await effectOf(rest).run({ ...QUIET, ...attempt, input: { code, input }, signal });
}

async function failureOf(attempt: Promise<unknown>): Promise<RuntimeFailure> {
  const error: unknown = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!RuntimeFailure.is(error)) throw new Error("expected a failure of Pawl's", { cause: error });
  return error;
}

const SHORT = { timeoutMs: 200 };

describe("code", () => {
  it("is a query with a description", () => {
    expect(codeTool()).toMatchObject({ name: "code", description: expect.stringContaining("JavaScript") });
    expect(effectOf({})).toMatchObject({ isQuery: true, repeat: "safe", undo: "not-needed", gives: [], refuses: [] });
  });

  it.each<[string, Json]>([
    ["input.list.map((n) => n * 2)", [2, 4]],
    ["{ a: 1, gone: undefined }", { a: 1 }],
    ["const x = await Promise.resolve(4); return x", 4],
    ["let x = 1;", null],
    ["", null],
    ["[new Date(0).getHours(), new Date(0).getTimezoneOffset()]", [0, 0]],
    ["JSON.stringify = Object.keys = Promise.prototype.then = String = null; return { a: [1] }", { a: [1] }],
  ])("gives the value of %j", async (code, value) => {
    expect(await run(code, { input: { list: [1, 2] } })).toEqual({ value, log: [] });
  });

  it("gives what was logged, up to its limit", async () => {
    const code = `console.log("a", 1, { b: [2] }, new Error("c"), undefined); console.error(new Proxy({}, { get() { throw 1 } })); return 1`;
    const log = ['a 1 {"b":[2]} Error: c undefined', "{}"];
    expect(await run(code)).toEqual({ value: 1, log });
    const many = await run("for (let i = 0; i < 1e4; i += 1) console.log('12345678'); return 1", { maxLogBytes: 25 });
    expect(many).toEqual({ value: 1, log: ["12345678", "12345678", expect.stringContaining("left out")] });
  });
});

describe("code that fails", () => {
  it.each<[string, string, string]>([
    ["let a;\nnull.x", "CODE_FAILED", "in line 2: TypeError: cannot read property 'x' of null"],
    ["let a;\n\nlet b = ;", "CODE_FAILED", "in line 3: SyntaxError"],
    ["throw 'why'", "CODE_FAILED", "why"],
    ["throw new Proxy({}, { getPrototypeOf() { throw 1 } })", "CODE_FAILED", "cannot be shown"],
    ["(function f() { f() })()", "CODE_FAILED", "stack overflow"],
    ["await new Promise(() => {})", "CODE_FAILED", "nothing will ever settle"],
    ["import('node:fs')", "CODE_FAILED", "could not load"],
    ["while (true);", "CODE_TIMEOUT", "200 ms"],
    ["/(a+)+$/.test('a'.repeat(40) + 'b')", "CODE_TIMEOUT", "200 ms"],
    ["({ get a() { while (true); } })", "CODE_TIMEOUT", "200 ms"],
    ["const a = []; while (true) a.push(new Array(10000).fill(1))", "CODE_TOO_MUCH_MEMORY", "8388608"],
    ["new Uint8Array(30e6).length", "CODE_TOO_MUCH_MEMORY", "8388608"],
    ["10n", "CODE_BAD_OUTPUT", "bigint"],
    ["[undefined]", "CODE_BAD_OUTPUT", "undefined"],
    ["NaN", "CODE_BAD_OUTPUT", "NaN"],
    ["new Date(0)", "CODE_BAD_OUTPUT", "a class"],
    ["JSON.parse('{\"__proto__\":1}')", "CODE_BAD_OUTPUT", "JSON_FORBIDDEN_KEY"],
    ["const a = []; a[0] = a; return a", "CODE_BAD_OUTPUT", "a cycle"],
    ["'x'.repeat(200)", "CODE_BAD_OUTPUT", "more than 100 characters"],
  ])("%j: %s", async (code, failure, text) => {
    const options = {
      timeoutMs: failure === "CODE_TIMEOUT" ? 200 : 5_000,
      memoryBytes: 8_388_608,
      maxOutputBytes: 100,
    };
    const error = await failureOf(run(code, options));
    expect(error).toMatchObject({ code: failure, failure: "permanent" });
    expect(error.message).toContain(text);
  });

  it("is stopped in the midst, and not even begun when it is too late", async () => {
    const controller = new AbortController();
    const attempt = failureOf(run("while (true);", { signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    expect(await attempt).toMatchObject({ code: "CODE_STOPPED", failure: "cancelled" });
    expect(await failureOf(run("1", { signal: controller.signal }))).toMatchObject({ code: "CODE_STOPPED" });
  });

  it("says what to install where the interpreter is not", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pawl-code-"));
    try {
      await cp(import.meta.dirname, folder, { recursive: true });
      const request = { ...readCodeOptions(SHORT), code: "1", input: "null" };
      const ending = await runInWorker(request, new AbortController().signal, join(folder, "worker.ts"));
      expect(ending).toMatchObject({ tag: "missing", why: expect.stringContaining("quickjs-emscripten-core") });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("refuses options that make no sense", () => {
    expect(() => codeTool({ timeoutMs: 0 })).toThrow(/codeTool\.timeoutMs/u);
  });
});
