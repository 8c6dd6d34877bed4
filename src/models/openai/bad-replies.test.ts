import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RuntimeFailure, TransientError } from "../../base/index.ts";
import type { ModelContext, ModelReply, ModelRequest } from "../port.ts";
import { resolveModel } from "../resolve/resolve-model.ts";
import { scriptedModel } from "../scripted/scripted-model.ts";
import type { HttpFault } from "../serve/http-fault.ts";
import { serveModel, type ModelServer } from "../serve/serve-model.ts";
import type { ReplyLimits } from "../wire/limits.ts";

const HELLO: ModelRequest = {
  messages: [{ role: "user", text: "Hello" }],
  tools: [{ name: "shop.charge", description: "Charges.", input: { type: "object" } }],
};
const KEY = "sk-very-secret-0123456789";
const LIMITS: Partial<ReplyLimits> = { maxBytes: 2_000_000, maxCharacters: 100_000, firstMs: 10_000, idleMs: 10_000 };

let server: ModelServer;
let fault: HttpFault | undefined;
beforeAll(async () => {
  server = await serveModel(
    scriptedModel(() => "Hello back"),
    { fault: () => fault },
  );
});
afterAll(() => server.close());

async function ask(bad: HttpFault, limits = LIMITS, context: Partial<ModelContext> = {}): Promise<ModelReply> {
  fault = bad;
  const env = { PAWL_API_KEY: KEY };
  const model = resolveModel(`${server.url}#small`, { env, limits });
  return await model.generate(HELLO, { signal: new AbortController().signal, ...context });
}

async function failureOf(attempt: Promise<unknown>): Promise<RuntimeFailure> {
  const error = await attempt.then(
    (value) => new Error(`expected a failure, got ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!RuntimeFailure.is(error)) throw error;
  return error;
}

const JSON_TYPE = { "content-type": "application/json" };
const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const DONE = "data: [DONE]\n\n";
const said = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpFault => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  pieces: [typeof body === "string" ? body : JSON.stringify(body)],
});
const complaint = (message: string, more: object = {}): object => ({ error: { message, ...more } });

function* endless(piece: string): Generator<string> {
  for (;;) yield piece;
}

function* many(count: number, piece: (at: number) => string): Generator<string> {
  for (let at = 0; at < count; at++) yield piece(at);
}

const call = (index: number, more: object): object => ({ tool_calls: [{ index, ...more }] });
const start = (index: number, name: string, text = ""): object =>
  call(index, { id: `id-${index}`, type: "function", function: { name, arguments: text } });

describe("a reply that is none", () => {
  it.each<[string, HttpFault, string]>([
    ["an empty body", said(200, ""), "MODEL_REPLY_INVALID transient"],
    ["an empty stream", { pieces: [] }, "MODEL_REPLY_CUT transient"],
    ["a stream with an end only", { pieces: [DONE] }, "MODEL_REPLY_INVALID transient"],
    ["an HTML page", { headers: { "content-type": "text/html" }, pieces: ["<html>"] }, "MODEL_REPLY_INVALID permanent"],
    ["an HTML page said to be JSON", said(200, "<!doctype html>"), "MODEL_REPLY_INVALID permanent"],
    ["broken JSON", said(200, '{"choices": ['), "MODEL_REPLY_INVALID transient"],
    ["JSON of another kind", said(200, { models: [] }), "MODEL_REPLY_INVALID permanent"],
    ["a list", said(200, []), "MODEL_REPLY_INVALID transient"],
    [
      "broken JSON in a stream",
      { pieces: [chunk({ content: "a" }), "data: {oops\n\n"] },
      "MODEL_REPLY_INVALID transient",
    ],
    ["bytes that are no text", { pieces: [new Uint8Array([0xff, 0xfe, 0x00])] }, "MODEL_REPLY_INVALID transient"],
    ["a redirect", { status: 307, headers: { location: "/elsewhere" } }, "MODEL_REPLY_INVALID permanent"],
    ["a stream that ends early", { pieces: [chunk({ content: "a" })] }, "MODEL_REPLY_CUT transient"],
    ["a lost connection", { pieces: [chunk({ content: "a" })], end: "cut" }, "MODEL_REPLY_CUT transient"],
    [
      "a stream cut in a character",
      { pieces: [chunk({ content: "a" }), Buffer.from("data: ü").subarray(0, 7)] },
      "MODEL_REPLY_INVALID transient",
    ],
    [
      "50 MB of text",
      { pieces: many(800, () => chunk({ content: "x".repeat(65_536) })) },
      "MODEL_REPLY_TOO_LARGE permanent",
    ],
    ["50 MB in one line", { pieces: many(800, () => "x".repeat(65_536)) }, "MODEL_REPLY_TOO_LARGE permanent"],
    [
      "50 MB of JSON",
      { headers: JSON_TYPE, pieces: many(800, () => " ".repeat(65_536)) },
      "MODEL_REPLY_TOO_LARGE permanent",
    ],
    ["an endless stream", { pieces: endless(chunk({ content: "words " })) }, "MODEL_REPLY_TOO_LARGE permanent"],
    ["an endless stream of signs of life", { pieces: endless(": ping\n\n") }, "MODEL_REPLY_TOO_LARGE permanent"],
    [
      "10,000 calls",
      { pieces: many(10_000, (at) => chunk(start(at, "shop_charge"))) },
      "MODEL_REPLY_TOO_LARGE permanent",
    ],
    [
      "one call without end",
      { pieces: many(10_000, () => chunk(call(0, { function: { name: "a", arguments: "x".repeat(100) } }))) },
      "MODEL_REPLY_TOO_LARGE permanent",
    ],
  ])("%s", async (_, bad, expected) => {
    const { code, failure } = await failureOf(ask(bad));
    expect(`${code} ${failure}`).toBe(expected);
  });

  it.each<[string, HttpFault, Partial<ReplyLimits>]>([
    ["nothing, not even a status", { delayMs: 5_000 }, { firstMs: 30 }],
    ["nothing after the status", { end: "hang" }, { firstMs: 30 }],
    ["nothing after a piece", { pieces: [chunk({ content: "a" })], end: "hang" }, { idleMs: 30 }],
    ["a piece now and then for ever", { pieces: endless(chunk({ content: "a" })), pieceMs: 5 }, { totalMs: 60 }],
  ])("%s takes too long", async (_, bad, limits) => {
    const failure = await failureOf(ask(bad, { ...LIMITS, ...limits }));
    expect(failure).toMatchObject({ code: "MODEL_TIMED_OUT", failure: "transient" });
  });
});

describe("a reply that is too long", () => {
  const limits = { ...LIMITS, maxCharacters: 1_000 };
  it.each<[string, (text: string) => object]>([
    ["text", (text) => ({ content: text })],
    ["thoughts", (text) => ({ reasoning_content: text })],
    ["arguments", (text) => call(0, { function: { name: "a", arguments: text } })],
  ])("is given up while it comes: %s", async (_, part) => {
    const pieces = (length: number): HttpFault => ({
      pieces: [chunk(part("x".repeat(600))), chunk(part("y".repeat(length - 600))), chunk({}, "stop"), DONE],
    });
    expect(await failureOf(ask(pieces(1_001), limits))).toMatchObject({ code: "MODEL_REPLY_TOO_LARGE" });
    expect(await ask(pieces(1_000), limits)).toMatchObject({ model: `${server.url}#small` });
  });

  it("holds no connection open, though nobody reads it", async () => {
    const freed = Promise.withResolvers<void>();
    function* page(): Generator<string> {
      try {
        yield* endless("<p>more</p>");
      } finally {
        freed.resolve();
      }
    }
    const bad: HttpFault = { headers: { "content-type": "text/html" }, pieces: page(), pieceMs: 1 };
    expect(await failureOf(ask(bad))).toMatchObject({ code: "MODEL_REPLY_INVALID" });
    await freed.promise;
  });
});

describe("a refusal", () => {
  it.each<[string, HttpFault, string]>([
    ["400", said(400, complaint("bad tool", { type: "invalid_request_error" })), "MODEL_REFUSED permanent"],
    ["401", said(401, complaint("Incorrect API key provided")), "MODEL_KEY_REFUSED permanent"],
    ["403", said(403, "no"), "MODEL_KEY_REFUSED permanent"],
    [
      "404",
      said(404, complaint("The model `small` does not exist", { code: "model_not_found" })),
      "MODEL_UNKNOWN permanent",
    ],
    ["404 without words", said(404, ""), "MODEL_UNKNOWN permanent"],
    ["404 as a text (Ollama)", said(404, { error: "model 'small' not found" }), "MODEL_UNKNOWN permanent"],
    ["400 about the model", said(400, complaint("model small not found")), "MODEL_UNKNOWN permanent"],
    ["402", said(402, ""), "MODEL_QUOTA_SPENT permanent"],
    ["429 about money", said(429, complaint("x", { code: "insufficient_quota" })), "MODEL_QUOTA_SPENT permanent"],
    ["413", said(413, ""), "MODEL_REFUSED permanent"],
    ["422", said(422, { detail: "extra field" }), "MODEL_REFUSED permanent"],
    ["408", said(408, ""), "MODEL_UNAVAILABLE transient"],
    ["500", said(500, complaint("boom")), "MODEL_UNAVAILABLE transient"],
    ["502 with a page", said(502, "<html>Bad gateway</html>"), "MODEL_UNAVAILABLE transient"],
    ["503", said(503, ""), "MODEL_UNAVAILABLE transient"],
    ["529", said(529, complaint("Overloaded", { type: "overloaded_error" })), "MODEL_UNAVAILABLE transient"],
    [
      "a context too long (OpenAI)",
      said(400, complaint("x", { code: "context_length_exceeded" })),
      "MODEL_CONTEXT_EXCEEDED permanent",
    ],
    [
      "a context too long (llama.cpp)",
      said(
        400,
        complaint("the request exceeds the available context size", { code: 400, type: "exceed_context_size_error" }),
      ),
      "MODEL_CONTEXT_EXCEEDED permanent",
    ],
    [
      "a context too long (vLLM)",
      said(400, { message: "This model's maximum context length is 10 tokens" }),
      "MODEL_CONTEXT_EXCEEDED permanent",
    ],
    [
      "200 with a complaint",
      said(200, complaint("Rate limit reached", { code: "rate_limit_exceeded" })),
      "MODEL_RATE_LIMITED transient",
    ],
    ["200 with a numeric code", said(200, complaint("No", { code: 401 })), "MODEL_KEY_REFUSED permanent"],
    [
      "200 with a code for later",
      said(200, complaint("Provider returned error", { code: 502 })),
      "MODEL_UNAVAILABLE transient",
    ],
    [
      "a stream with a complaint",
      { pieces: [chunk({ content: "a" }), `data: ${JSON.stringify(complaint("oops"))}\n\n`] },
      "MODEL_UNAVAILABLE transient",
    ],
    ["a complaint without end", { status: 400, pieces: endless("x".repeat(10_000)) }, "MODEL_REFUSED permanent"],
    ["a complaint that is cut", { status: 503, pieces: ["{"], end: "cut" }, "MODEL_UNAVAILABLE transient"],
  ])("%s", async (_, bad, expected) => {
    const before = server.calls().length;
    const { code, failure } = await failureOf(ask(bad));
    expect(`${code} ${failure}`).toBe(expected);
    expect(server.calls().slice(before)).toMatchObject([{ end: "fault" }]);
  });

  it("never shows the key", async () => {
    const bad = said(401, complaint(`Incorrect API key provided: ${KEY}`));
    const { message } = await failureOf(ask(bad));
    expect(message).not.toContain(KEY);
    expect(message).toContain("[PAWL_API_KEY]");
  });

  it.each<[string, readonly [Readonly<Record<string, string>>, string], number | undefined]>([
    ["seconds", [{ "retry-after": "7" }, ""], 7_000],
    ["parts of seconds", [{ "retry-after": "0.5" }, ""], 500],
    ["milliseconds", [{ "retry-after-ms": "250", "retry-after": "1" }, ""], 250],
    ["a date in the past", [{ "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }, ""], 0],
    ["nothing", [{}, ""], undefined],
    ["nonsense", [{ "retry-after": "soon" }, ""], undefined],
    ["less than nothing", [{ "retry-after": "-5" }, ""], undefined],
    ["a thousand years", [{ "retry-after": "31557600000" }, ""], 3_600_000],
    ["words", [{}, "Rate limit reached. Please try again in 1.5s."], 1_500],
    ["words in milliseconds", [{}, "Please try again in 20ms"], 20],
    ["words in minutes", [{}, "Please retry after 2 minutes"], 120_000],
  ])("429 says when to come again by %s", async (_, [headers, message], expected) => {
    const failure = await failureOf(ask(said(429, complaint(message), headers)));
    expect(failure).toMatchObject({ code: "MODEL_RATE_LIMITED", failure: "transient" });
    expect(failure instanceof TransientError && failure.retryAfterMs).toBe(expected);
  });

  it("429 may say it by a date", async () => {
    const at = new Date(Date.now() + 900_000).toUTCString();
    const failure = await failureOf(ask(said(429, "", { "retry-after": at })));
    const ms = failure instanceof TransientError ? (failure.retryAfterMs ?? 0) : 0;
    expect(ms > 0 && ms <= 900_000).toBe(true);
  });
});

describe("nobody", () => {
  it("answers: the message says where it was looked for", async () => {
    const gone = await serveModel(scriptedModel([]));
    await gone.close();
    const model = resolveModel(`${gone.url}#small`, { env: {} });
    const failure = await failureOf(model.generate(HELLO, { signal: new AbortController().signal }));
    expect(failure).toMatchObject({ code: "MODEL_UNREACHABLE", failure: "transient" });
    expect(failure.message).toContain("ECONNREFUSED");
    expect(failure.message).toContain(gone.url);
  });
});

describe("a reply that is odd, but one", () => {
  const good = async (pieces: readonly string[], end: HttpFault["end"] = "close"): Promise<ModelReply> =>
    await ask({ pieces, end });

  it("may begin with a role and no content", async () => {
    const reply = await good([
      chunk({ role: "assistant", content: null }),
      chunk({ content: "a" }),
      chunk({}, "stop"),
      DONE,
    ]);
    expect(reply).toMatchObject({ text: "a", finish: "stop", usage: { isEstimated: true } });
  });

  it("may end without [DONE], or be cut after its reason, and what follows the end is not read", async () => {
    expect(await good([chunk({ content: "a" }, "stop")])).toMatchObject({ text: "a" });
    expect(await good([chunk({ content: "a" }, "stop")], "cut")).toMatchObject({ text: "a" });
    expect(await good([chunk({ content: "a" }, "stop"), DONE], "hang")).toMatchObject({ text: "a" });
    expect(await good([chunk({ content: "a" }), DONE])).toMatchObject({ text: "a", finish: "other" });
  });

  it("may be one JSON object though a stream was asked for", async () => {
    const message = {
      content: "a",
      tool_calls: [{ id: "1", function: { name: "shop_charge", arguments: '{"a":1}' } }],
    };
    const usage = { prompt_tokens: 3, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 9 } };
    const reply = await ask(said(200, { choices: [{ message, finish_reason: "tool_calls" }], usage }));
    expect(reply).toMatchObject({
      text: "a",
      calls: [{ id: "1", tool: "shop.charge", input: { a: 1 } }],
      finish: "tool-calls",
      usage: { input: 3, output: 4, cachedInput: 3 },
    });
  });

  it("may be cut into pieces anywhere, with any line ends", async () => {
    const whole = `\uFEFF: hi\r\n${chunk({ content: "ü😀" }).replaceAll("\n", "\r")}${chunk({}, "stop").replaceAll("\n", "\r\n")}${DONE}`;
    const bytes = Buffer.from(whole);
    const reply = await ask({ pieces: Array.from(bytes, (byte) => Uint8Array.of(byte)) });

    expect(reply).toMatchObject({ text: "ü😀", finish: "stop" });
  });

  it.each<[string, string, unknown]>([
    ["no JSON", "{oops", { input: null, invalid: "{oops" }],
    ["a key twice", '{"a":1,"a":2}', { input: null, invalid: '{"a":1,"a":2}' }],
    ["a key that reaches a prototype", '{"__proto__":{}}', { input: null, invalid: '{"__proto__":{}}' }],
    ["nothing", "", { input: {} }],
    ["no object", "[1]", { input: [1] }],
  ])("may have arguments that are %s", async (_, text, expected) => {
    const reply = await good([chunk(start(0, "shop_charge", text)), chunk({}, "tool_calls"), DONE]);
    expect(reply.calls).toMatchObject([{ id: "id-0", tool: "shop.charge", ...Object(expected) }]);
    expect(reply.finish).toBe("tool-calls");
  });

  it("may call a tool that there is none of, by its own name", async () => {
    const reply = await good([chunk(start(0, "rm_rf")), chunk({}, "stop"), DONE]);
    expect(reply).toMatchObject({ calls: [{ tool: "rm_rf" }], finish: "tool-calls" });
  });

  it("may leave out indexes and ids, or give all calls the same", async () => {
    const bare = (name: string): object => ({ tool_calls: [{ function: { name, arguments: "{}" } }] });
    const unnumbered = await good([chunk(bare("a")), chunk(bare("b")), chunk({}, "stop"), DONE]);
    expect(unnumbered.calls.map(({ id, tool }) => `${id} ${tool}`)).toEqual(["call_1_0 a", "call_1_1 b"]);
    const zero = (id: string): object => call(0, { id, function: { name: "a", arguments: "{}" } });
    const sameIndex = await good([chunk(zero("x")), chunk(zero("y")), chunk({}, "stop"), DONE]);
    expect(sameIndex.calls.map(({ id }) => id)).toEqual(["x", "y"]);
    const sameId = await good([
      chunk(start(0, "a")),
      chunk(call(1, { id: "id-0", function: { name: "a" } })),
      chunk({}, "stop"),
      DONE,
    ]);
    expect(sameId.calls.map(({ id }) => id)).toEqual(["id-0", "call_1_1"]);
  });
});

describe("a stop", () => {
  it("frees the connection at once", async () => {
    const closed = Promise.withResolvers<void>();
    const model = scriptedModel([{ text: "never", delayMs: 60_000 }]);
    const slow = await serveModel({
      ...model,
      generate: async (request, context) => {
        context.signal.addEventListener("abort", () => closed.resolve());
        return await model.generate(request, context);
      },
    });
    const controller = new AbortController();
    const client = resolveModel(`${slow.url}#slow`, { env: {} });
    const attempt = failureOf(client.generate(HELLO, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    expect(await attempt).toMatchObject({ code: "MODEL_STOPPED", failure: "cancelled" });
    await closed.promise;
    await slow.close();
  });

  it("in the middle of a stream is a stop, not a lost connection", async () => {
    const controller = new AbortController();
    const bad: HttpFault = { pieces: endless(chunk({ content: "a" })), pieceMs: 1 };
    const onDelta = (): void => controller.abort();
    const failure = await failureOf(ask(bad, LIMITS, { signal: controller.signal, onDelta }));
    expect(failure).toMatchObject({ code: "MODEL_STOPPED", failure: "cancelled" });
  });

  it("before the request is sent sends none", async () => {
    const before = server.calls().length;
    expect(await failureOf(ask({}, LIMITS, { signal: AbortSignal.abort() }))).toMatchObject({ code: "MODEL_STOPPED" });
    expect(server.calls()).toHaveLength(before);
  });
});
