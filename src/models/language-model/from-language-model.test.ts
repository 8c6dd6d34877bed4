import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV3, LanguageModelV4StreamPart, LanguageModelV4Usage } from "@ai-sdk/provider";
import { simulateReadableStream } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { describe, expect, it } from "vitest";
import type { Delta, ModelContext, ModelRequest } from "../port.ts";
import { scriptedModel } from "../scripted/scripted-model.ts";
import { serveModel } from "../serve/serve-model.ts";
import { fromLanguageModel } from "./from-language-model.ts";

const USAGE: LanguageModelV4Usage = {
  inputTokens: { total: 10, noCache: 8, cacheRead: 2, cacheWrite: 0 },
  outputTokens: { total: 5, text: 4, reasoning: 1 },
};
const REQUEST: ModelRequest = {
  messages: [
    { role: "system", text: "Be brief." },
    { role: "user", text: "Charge" },
    { role: "assistant", text: "", calls: [{ id: "a", tool: "shop.charge", input: { cents: 1 } }] },
    { role: "tool", call: "a", tool: "shop.charge", output: { ok: false }, isError: true },
  ],
  tools: [{ name: "shop.charge", description: "Charges.", input: { type: "object" } }],
  toolChoice: "required",
  output: { type: "object" },
  maxOutputTokens: 9,
};
const quiet = (more: Partial<ModelContext> = {}): ModelContext => ({ signal: new AbortController().signal, ...more });
const stream = (
  ...chunks: readonly LanguageModelV4StreamPart[]
): { stream: ReadableStream<LanguageModelV4StreamPart> } => ({
  stream: simulateReadableStream({ chunks: [...chunks], initialDelayInMs: null, chunkDelayInMs: null }),
});

describe("a model of the AI SDK, version 4", () => {
  it("is asked for the whole, with names that it may have, where nobody watches", async () => {
    const mock = new MockLanguageModelV4({
      provider: "openai.chat",
      modelId: "gpt-5-mini",
      doGenerate: {
        content: [
          { type: "reasoning", text: "hm" },
          { type: "text", text: "Done" },
          { type: "tool-call", toolCallId: "b", toolName: "shop_charge", input: '{"cents":5}' },
          { type: "tool-call", toolCallId: "c", toolName: "web_search", input: "{}", providerExecuted: true },
        ],
        finishReason: { unified: "tool-calls", raw: "tool_calls" },
        usage: USAGE,
        warnings: [],
      },
    });
    const model = fromLanguageModel(mock);
    expect(model).toMatchObject({ name: "openai:gpt-5-mini", contextTokens: 400_000 });
    expect(await model.generate(REQUEST, quiet({ key: "k" }))).toEqual({
      text: "Done",
      calls: [{ id: "b", tool: "shop.charge", input: { cents: 5 } }],
      finish: "tool-calls",
      usage: { input: 10, cachedInput: 2, output: 5, reasoning: 1 },
      model: "openai:gpt-5-mini",
      // 8 at 0.25, 2 at 0.025, 5 at 2, rounded up.
      microUsd: 13,
    });
    expect(mock.doGenerateCalls[0]).toMatchObject({
      prompt: [
        { role: "system", content: "Be brief." },
        { role: "user", content: [{ type: "text", text: "Charge" }] },
        {
          role: "assistant",
          content: [{ type: "tool-call", toolCallId: "a", toolName: "shop_charge", input: { cents: 1 } }],
        },
        {
          role: "tool",
          content: [{ type: "tool-result", toolCallId: "a", output: { type: "error-json", value: { ok: false } } }],
        },
      ],
      tools: [{ type: "function", name: "shop_charge", inputSchema: { type: "object" } }],
      toolChoice: { type: "required" },
      responseFormat: { type: "json", schema: { type: "object" } },
      maxOutputTokens: 9,
      headers: { "idempotency-key": "k" },
    });
  });

  it("is streamed where someone watches", async () => {
    const mock = new MockLanguageModelV4({
      doStream: stream(
        { type: "stream-start", warnings: [] },
        { type: "reasoning-delta", id: "0", delta: "hm" },
        { type: "text-delta", id: "1", delta: "Do" },
        { type: "text-delta", id: "1", delta: "ne" },
        { type: "tool-input-start", id: "b", toolName: "shop_charge" },
        { type: "tool-input-delta", id: "b", delta: '{"cents"' },
        { type: "tool-input-delta", id: "b", delta: ":5}" },
        { type: "tool-call", toolCallId: "b", toolName: "shop_charge", input: '{"cents":5}' },
        { type: "tool-call", toolCallId: "c", toolName: "shop_charge", input: "{oops" },
        { type: "finish", finishReason: { unified: "tool-calls", raw: undefined }, usage: USAGE },
      ),
    });
    const pieces: Delta[] = [];
    const reply = await fromLanguageModel(mock).generate(REQUEST, quiet({ onDelta: (piece) => pieces.push(piece) }));
    expect(reply).toMatchObject({
      text: "Done",
      calls: [
        { id: "b", tool: "shop.charge", input: { cents: 5 } },
        { id: "c", tool: "shop.charge", input: null, invalid: "{oops" },
      ],
    });
    expect(pieces.map(({ type }) => type)).toEqual(["reasoning", "text", "text", "call", "call"]);
  });

  it.each<[string, unknown, string]>([
    [
      "an error of the API",
      Object.assign(new Error("no"), {
        name: "AI_APICallError",
        statusCode: 429,
        responseHeaders: { "retry-after": "2" },
        responseBody: "{}",
      }),
      "MODEL_RATE_LIMITED",
    ],
    [
      "an error of the network",
      Object.assign(new Error("Cannot connect"), { name: "AI_APICallError" }),
      "MODEL_UNREACHABLE",
    ],
    ["a missing key", Object.assign(new Error("no key"), { name: "AI_LoadAPIKeyError" }), "MODEL_KEY_MISSING"],
    ["a reply that is none", Object.assign(new Error("x"), { name: "AI_TypeValidationError" }), "MODEL_REPLY_INVALID"],
    ["anything", "text", "MODEL_UNAVAILABLE"],
  ])("fails with %s as with one of ours", async (_, error, code) => {
    const failing = new MockLanguageModelV4({
      doGenerate: () => Promise.reject(error),
      doStream: stream({ type: "text-delta", id: "1", delta: "a" }, { type: "error", error }),
    });
    const model = fromLanguageModel(failing);
    await expect(model.generate(REQUEST, quiet())).rejects.toMatchObject({ code });
    await expect(model.generate(REQUEST, quiet({ onDelta: () => undefined }))).rejects.toMatchObject({ code });
  });

  it("is given up when its stream ends early, and when it doesn't listen to a stop", async () => {
    const early = new MockLanguageModelV4({ doStream: stream({ type: "text-delta", id: "1", delta: "a" }) });
    const watched = quiet({ onDelta: () => undefined });
    await expect(fromLanguageModel(early).generate(REQUEST, watched)).rejects.toMatchObject({
      code: "MODEL_REPLY_CUT",
    });

    const deaf = new MockLanguageModelV4({ doGenerate: () => Promise.withResolvers<never>().promise });
    const controller = new AbortController();
    const attempt = fromLanguageModel(deaf).generate(REQUEST, quiet({ signal: controller.signal }));
    controller.abort();
    await expect(attempt).rejects.toMatchObject({ code: "MODEL_STOPPED", failure: "cancelled" });
  });
});

it("takes a model of version 3", async () => {
  const old: LanguageModelV3 = {
    specificationVersion: "v3",
    provider: "old",
    modelId: "one",
    supportedUrls: {},
    doGenerate: () =>
      Promise.resolve({
        content: [{ type: "text", text: "Hi" }],
        finishReason: { unified: "stop", raw: undefined },
        usage: { ...USAGE, inputTokens: { ...USAGE.inputTokens, total: undefined } },
        warnings: [],
      }),
    doStream: () => Promise.reject(new Error("not here")),
  };
  const reply = await fromLanguageModel(old).generate(REQUEST, quiet());
  expect(reply).toMatchObject({ text: "Hi", finish: "stop", model: "old:one", usage: { isEstimated: true } });
});

it("takes a provider of the AI SDK over a real connection", async () => {
  const script = scriptedModel([{ text: "a b", calls: [{ tool: "shop_charge", input: { cents: 7 } }] }, "done"]);
  await using server = await serveModel(script, {
    fault: ({ request }) =>
      request.messages.length > 2 ? { status: 503, headers: { "retry-after": "3" } } : undefined,
  });
  const provider = createOpenAICompatible({ name: "own", baseURL: server.url, includeUsage: true });
  const model = fromLanguageModel(provider("small"));
  const request = { ...REQUEST, messages: REQUEST.messages.slice(0, 2), output: false };
  const { output: _, ...plain } = request;
  const expected = { text: "a b", calls: [{ tool: "shop.charge", input: { cents: 7 } }], model: "own:small" };
  expect(await model.generate(plain, quiet())).toMatchObject(expected);
  expect(await model.generate(plain, quiet({ onDelta: () => undefined }))).toMatchObject(expected);
  await expect(model.generate(REQUEST, quiet())).rejects.toMatchObject({
    code: "MODEL_UNAVAILABLE",
    retryAfterMs: 3_000,
  });
});
