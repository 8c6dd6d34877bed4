import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../base/index.ts";
import type { Delta, Model, ModelReply, ModelRequest, ToolSpec } from "../port.ts";
import { resolveModel } from "../resolve/resolve-model.ts";
import { scriptedModel, type ScriptedReply } from "../scripted/scripted-model.ts";
import { serveModel, type ModelServer } from "../serve/serve-model.ts";
import { isStrictSchema } from "./is-strict-schema.ts";

let next: ScriptedReply = "";
let server: ModelServer;
let model: Model;
beforeAll(async () => {
  server = await serveModel(scriptedModel(() => next));
  const prices = { [`${server.url}#small`]: { input: 2, output: 10, contextTokens: 4_096 } };
  model = resolveModel(`${server.url}#small`, { env: {}, prices });
});
afterAll(() => server.close());

const tool = (name: string): ToolSpec => ({ name, description: "Does it.", input: { type: "object" } });
const ask = (request: ModelRequest, onDelta?: (delta: Delta) => void): Promise<ModelReply> =>
  model.generate(request, { signal: new AbortController().signal, key: "key-1", ...(onDelta && { onDelta }) });
const lastRequest = (): ModelRequest | undefined => server.calls().at(-1)?.request;

describe("a request over the wire", () => {
  it("arrives as it was asked, with its key, and its reply comes in pieces", async () => {
    next = {
      reasoning: "hm",
      text: "I will charge.",
      calls: [{ tool: "shop_charge", input: { cents: 500, note: "ü😀" } }],
    };
    const request: ModelRequest = {
      messages: [
        { role: "system", text: "Be brief." },
        { role: "user", text: "Charge" },
        { role: "assistant", text: "", calls: [{ id: "a", tool: "shop.charge", input: { cents: 1 } }] },
        { role: "tool", call: "a", tool: "shop.charge", output: { error: "no" }, isError: true },
        { role: "assistant", text: "Again", calls: [{ id: "b", tool: "shop.charge", input: null, invalid: "{oops" }] },
        { role: "tool", call: "b", tool: "shop.charge", output: "not JSON" },
      ],
      tools: [tool("shop.charge"), tool("shop.refund")],
      toolChoice: { tool: "shop.charge" },
      output: { type: "object", properties: {}, additionalProperties: false },
      maxOutputTokens: 50,
      temperature: 0,
      seed: 7,
      stop: ["END"],
    };
    const pieces: Delta[] = [];
    const reply = await ask(request, (delta) => pieces.push(delta));

    expect(reply).toMatchObject({
      text: "I will charge.",
      calls: [{ tool: "shop.charge", input: { cents: 500, note: "ü😀" } }],
      finish: "tool-calls",
      model: `${server.url}#small`,
    });
    expect(reply.usage.isEstimated).toBe(undefined);
    expect(reply.microUsd).toBe(reply.usage.input * 2 + reply.usage.output * 10);
    expect(pieces).toEqual([
      { type: "reasoning", text: "hm" },
      { type: "text", text: "I " },
      { type: "text", text: "will " },
      { type: "text", text: "charge." },
      { type: "call", tool: "shop.charge" },
    ]);

    const wire = (name: string): string => name.replace(".", "_");
    const messages = request.messages.map((message) => {
      if (message.role === "tool") return { ...message, tool: wire(message.tool) };
      if (message.role !== "assistant") return message;
      // What was no JSON is not said again: servers fail on it.
      const calls = (message.calls ?? []).map(({ id, input }) => ({ id, tool: "shop_charge", input: input ?? {} }));
      return { ...message, calls };
    });
    expect(lastRequest()).toEqual({
      ...request,
      messages,
      tools: request.tools?.map((spec) => ({ ...spec, name: wire(spec.name) })),
      toolChoice: { tool: "shop_charge" },
    });
    expect(server.calls().at(-1)).toMatchObject({ key: "key-1", end: "answered" });
  });

  it.each<[string, Partial<ModelRequest>]>([
    ["tools that would have one name", { tools: [tool("a.b"), tool("a/b")] }],
    ["the same tool twice", { tools: [tool("a"), tool("a")] }],
    ["a choice of a tool that isn't there", { tools: [tool("a")], toolChoice: { tool: "b" } }],
    ["a required call without tools", { toolChoice: "required" }],
    ["no messages", { messages: [] }],
    ["an answer to no call", { messages: [{ role: "tool", call: "x", tool: "a", output: 1 }] }],
    ["half a token", { maxOutputTokens: 0.5 }],
  ])("is never sent with %s", async (_, part) => {
    const before = server.calls().length;
    const request: ModelRequest = { messages: [{ role: "user", text: "Hi" }], ...part };
    await expect(ask(request)).rejects.toMatchObject({ code: "MODEL_REQUEST_INVALID", failure: "input" });
    expect(server.calls()).toHaveLength(before);
  });

  it("names tools that are too long or have no letters so that they can be told apart", async () => {
    const names = ["x".repeat(200), `${"x".repeat(199)}y`, "。", "é"];
    next = "ok";
    await ask({ messages: [{ role: "user", text: "Hi" }], tools: names.slice(0, 3).map(tool) });
    const sent = lastRequest()?.tools?.map(({ name }) => name) ?? [];
    expect(new Set(sent).size).toBe(3);
    expect(sent.every((name) => /^[\w-]{1,64}$/u.test(name))).toBe(true);
  });
});

describe("a schema", () => {
  const closed = {
    type: "object",
    properties: { a: { type: "string" } },
    required: ["a"],
    additionalProperties: false,
  };
  it.each<[boolean, string, Json]>([
    [true, "closed, all required", closed],
    [
      true,
      "nested in lists and choices",
      { ...closed, properties: { a: { type: "array", items: { anyOf: [closed] } } } },
    ],
    [false, "open", { ...closed, additionalProperties: true }],
    [false, "open where nothing is said", { type: "object", properties: {} }],
    [false, "with an optional part", { ...closed, required: [] }],
    [false, "open further in", { ...closed, properties: { a: { type: "array", items: { type: "object" } } } }],
    [false, "open in a definition", { ...closed, $defs: { b: { type: "object" } } }],
    [false, "with what strict mode refuses", { ...closed, properties: { a: { allOf: [closed] } } }],
    [false, "that is no object", { type: "string" }],
    [false, "of anything", true],
  ])("may be strict (%s): %s", (isStrict, _, schema) => {
    expect(isStrictSchema(schema)).toBe(isStrict);
  });
});

describe("the test server", () => {
  it("writes down what it answered before the client knows", async () => {
    const log = join(mkdtempSync(join(tmpdir(), "pawl-serve-")), "calls.jsonl");
    await using own = await serveModel(scriptedModel(["hi"], { price: { input: 1, output: 1 } }), { log });
    const client = resolveModel(`${own.url}#m`, { env: {} });
    const hello: ModelRequest = { messages: [{ role: "user", text: "Hello" }] };
    await client.generate(hello, { signal: new AbortController().signal, key: "k-1" });
    expect(JSON.parse(readFileSync(log, "utf8"))).toMatchObject({
      number: 1,
      key: "k-1",
      request: hello,
      end: "answered",
    });
  });

  it("tells other processes what it was asked", async () => {
    next = "ok";
    await ask({ messages: [{ role: "user", text: "Remember me" }] });
    const calls: unknown = await (await fetch(new URL("/calls", server.url))).json();
    expect(JSON.stringify(calls)).toContain("Remember me");
  });

  it("says a model's failure as a real server would", async () => {
    const failing = scriptedModel(({ messages }) => {
      const [first] = messages;
      const name = first?.role === "user" ? first.text : "";
      if (name === "cut") return { text: "one two three", fault: { type: "cut", afterPieces: 2 } };
      if (name === "rate") return { fault: { type: "fail", as: "rate-limited", retryAfterMs: 1_500 } };
      return { fault: { type: "fail", as: name === "context" ? "context-exceeded" : "unknown-model" } };
    });
    await using own = await serveModel(failing);
    const client = resolveModel(`${own.url}#m`, { env: {} });
    const fail = (text: string): Promise<ModelReply> =>
      client.generate({ messages: [{ role: "user", text }] }, { signal: new AbortController().signal });
    await expect(fail("cut")).rejects.toMatchObject({ code: "MODEL_REPLY_CUT" });
    await expect(fail("rate")).rejects.toMatchObject({ code: "MODEL_RATE_LIMITED", retryAfterMs: 1_500 });
    await expect(fail("context")).rejects.toMatchObject({ code: "MODEL_CONTEXT_EXCEEDED" });
    await expect(fail("unknown")).rejects.toMatchObject({ code: "MODEL_UNKNOWN" });
    expect(own.calls().map(({ end }) => end)).toEqual(["failed", "failed", "failed", "failed"]);
  });
});
