import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Delta, ModelReply, ModelRequest } from "../port.ts";
import { resolveModel } from "../resolve/resolve-model.ts";

/** Says what it is told to say, and keeps what it was asked. */
let server: Server;
let url = "";
let answer: { readonly status: number; readonly type: string; readonly body: string };
let asked: { readonly headers: IncomingHttpHeaders; readonly body: unknown; readonly path: string | undefined };
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      asked = { headers: request.headers, body, path: request.url };
      response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const events = (...parts: readonly object[]): typeof answer => ({
  status: 200,
  type: "text/event-stream",
  body: parts.map((part) => `event: ${Object(part).type}\ndata: ${JSON.stringify(part)}\n\n`).join(""),
});

async function ask(request: ModelRequest, onDelta?: (delta: Delta) => void): Promise<ModelReply> {
  const env = { ANTHROPIC_BASE_URL: `${url}/v1`, ANTHROPIC_API_KEY: "sk-ant-1" };
  const model = resolveModel("anthropic:claude-haiku-4-5", { env });
  return await model.generate(request, { signal: new AbortController().signal, ...(onDelta && { onDelta }) });
}

const HELLO: ModelRequest = { messages: [{ role: "user", text: "Hello" }] };
const START = {
  type: "message_start",
  message: { usage: { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 1 } },
};
const stop = (reason: string): object => ({
  type: "message_delta",
  delta: { stop_reason: reason },
  usage: { output_tokens: 20 },
});
const END = { type: "message_stop" };
const delta = (index: number, part: object): object => ({ type: "content_block_delta", index, delta: part });
const block = (index: number, part: object): object => ({ type: "content_block_start", index, content_block: part });

describe("Anthropic's messages", () => {
  it("come in pieces, with calls and what they cost", async () => {
    answer = events(
      START,
      { type: "ping" },
      block(0, { type: "thinking", thinking: "" }),
      delta(0, { type: "thinking_delta", thinking: "hm" }),
      block(1, { type: "text", text: "" }),
      delta(1, { type: "text_delta", text: "I " }),
      delta(1, { type: "text_delta", text: "will." }),
      block(2, { type: "tool_use", id: "t1", name: "shop_charge", input: {} }),
      delta(2, { type: "input_json_delta", partial_json: '{"cen' }),
      delta(2, { type: "input_json_delta", partial_json: 'ts":5}' }),
      block(3, { type: "tool_use", id: "t2", name: "now", input: {} }),
      stop("tool_use"),
      END,
    );
    const pieces: Delta[] = [];
    const reply = await ask({ ...HELLO, tools: [{ name: "shop.charge", description: "x", input: {} }] }, (piece) =>
      pieces.push(piece),
    );
    expect(reply).toEqual({
      text: "I will.",
      calls: [
        { id: "t1", tool: "shop.charge", input: { cents: 5 } },
        { id: "t2", tool: "now", input: {} },
      ],
      finish: "tool-calls",
      usage: { input: 15, cachedInput: 5, output: 20 },
      model: "anthropic:claude-haiku-4-5",
      // 10 at 1, 5 at 0.1, 20 at 5, rounded up.
      microUsd: 111,
    });
    expect(pieces.map(({ type }) => type)).toEqual(["reasoning", "text", "text", "call", "call"]);
  });

  it("are asked in turns, with the system apart and results said by the user", async () => {
    answer = events(START, stop("end_turn"), END);
    await ask({
      messages: [
        { role: "system", text: "One" },
        { role: "user", text: "Hello" },
        {
          role: "assistant",
          text: "",
          calls: [
            { id: "a", tool: "x.y", input: { n: 1 } },
            { id: "b", tool: "x.y", input: [] },
          ],
        },
        { role: "tool", call: "a", tool: "x.y", output: { ok: true } },
        { role: "tool", call: "b", tool: "x.y", output: "bad", isError: true },
        { role: "user", text: "And?" },
      ],
      tools: [{ name: "x.y", description: "d", input: { type: "object" } }],
      toolChoice: "required",
      output: { type: "object" },
      temperature: 1.5,
      stop: ["END"],
    });
    expect(asked.path).toBe("/v1/messages");
    expect(asked.headers).toMatchObject({ "x-api-key": "sk-ant-1", "anthropic-version": "2023-06-01" });
    expect(asked.body).toEqual({
      model: "claude-haiku-4-5",
      max_tokens: 8_192,
      system: "One",
      messages: [
        { role: "user", content: [{ type: "text", text: "Hello" }] },
        {
          role: "assistant",
          content: [
            { type: "tool_use", id: "a", name: "x_y", input: { n: 1 } },
            { type: "tool_use", id: "b", name: "x_y", input: {} },
          ],
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "a", content: '{"ok":true}' },
            { type: "tool_result", tool_use_id: "b", content: "bad", is_error: true },
            { type: "text", text: "And?" },
          ],
        },
      ],
      tools: [{ name: "x_y", description: "d", input_schema: { type: "object" } }],
      tool_choice: { type: "any" },
      output_config: { format: { type: "json_schema", schema: { type: "object" } } },
      temperature: 1,
      stop_sequences: ["END"],
      stream: true,
    });
  });

  it("may come whole", async () => {
    const content = [
      { type: "text", text: "Hi" },
      { type: "tool_use", id: "t", name: "now", input: { a: 1 } },
    ];
    const usage = { input_tokens: 1, output_tokens: 2 };
    answer = {
      status: 200,
      type: "application/json",
      body: JSON.stringify({ content, stop_reason: "max_tokens", usage }),
    };
    expect(await ask(HELLO)).toMatchObject({
      text: "Hi",
      calls: [{ input: { a: 1 } }],
      finish: "length",
      usage: { input: 1, output: 2 },
    });
  });

  it.each<[string, typeof answer | (() => typeof answer), string]>([
    ["an end without a reason", () => events(START, END), "MODEL_REPLY_INVALID"],
    ["no end", () => events(START, delta(0, { type: "text_delta", text: "a" })), "MODEL_REPLY_CUT"],
    ["a reason but no end", () => events(START, stop("end_turn")), "MODEL_REPLY_CUT"],
    [
      "an error on the way",
      () => events(START, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
      "MODEL_UNAVAILABLE",
    ],
    [
      "a wrong key",
      { status: 401, type: "application/json", body: '{"error":{"type":"authentication_error"}}' },
      "MODEL_KEY_REFUSED",
    ],
    [
      "no money",
      { status: 400, type: "application/json", body: '{"error":{"message":"Your credit balance is too low"}}' },
      "MODEL_QUOTA_SPENT",
    ],
    [
      "a long prompt",
      {
        status: 400,
        type: "application/json",
        body: '{"error":{"message":"prompt is too long: 9 tokens > 8 maximum"}}',
      },
      "MODEL_CONTEXT_EXCEEDED",
    ],
    [
      "an unknown model",
      { status: 404, type: "application/json", body: '{"error":{"type":"not_found_error","message":"model: x"}}' },
      "MODEL_UNKNOWN",
    ],
    ["overload", { status: 529, type: "application/json", body: "{}" }, "MODEL_UNAVAILABLE"],
  ])("%s has its code", async (_, bad, code) => {
    answer = typeof bad === "function" ? bad() : bad;
    await expect(ask(HELLO)).rejects.toMatchObject({ code });
  });
});
