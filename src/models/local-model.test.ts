/** Against a real model, where PAWL_LOCAL_MODEL_URL names its server, such as `http://127.0.0.1:8093/v1`. */
import { describe, expect, it } from "vitest";
import type { Delta, Model, ModelContext, ModelRequest } from "./port.ts";
import { estimateMostOfRequest } from "./price/estimate.ts";
import { listModels } from "./resolve/list-models.ts";
import { resolveModel } from "./resolve/resolve-model.ts";

const url = process.env["PAWL_LOCAL_MODEL_URL"] ?? "";
const name = process.env["PAWL_LOCAL_MODEL"] ?? "smollm2-135m";
const open = (model = name): Model => resolveModel(`${url}#${model}`, { env: {} });
const context = (more: Partial<ModelContext> = {}): ModelContext => ({ signal: new AbortController().signal, ...more });
const HELLO: ModelRequest = { messages: [{ role: "user", text: "Say hello." }], maxOutputTokens: 24, temperature: 0 };
const STOCK: ModelRequest = {
  messages: [{ role: "user", text: "How many of sku A-1 are left? Use the tool." }],
  tools: [
    {
      name: "shop.stock",
      description: "Says how many of a sku are left.",
      input: { type: "object", properties: { sku: { type: "string", maxLength: 20 } }, required: ["sku"] },
    },
  ],
  toolChoice: "required",
  maxOutputTokens: 100,
  temperature: 0,
};

describe.skipIf(url === "")("a real local model", () => {
  it("generates and streams, and says what it used", async () => {
    const pieces: Delta[] = [];
    const reply = await open().generate(HELLO, context({ onDelta: (piece) => pieces.push(piece) }));
    expect(reply.text.length).toBeGreaterThan(0);
    expect(pieces.map((piece) => (piece.type === "text" ? piece.text : "")).join("")).toBe(reply.text);
    expect(pieces.length).toBeGreaterThan(1);
    expect(reply.usage.isEstimated).toBe(undefined);
    expect(reply.usage.output).toBeLessThanOrEqual(24);
    expect(reply.usage.input).toBeLessThanOrEqual(estimateMostOfRequest(HELLO));
  });

  it("calls a tool when it has to, by the name that it was given", async () => {
    const reply = await open().generate(STOCK, context());
    expect(reply.finish).toBe("tool-calls");
    expect(reply.calls[0]).toMatchObject({ tool: "shop.stock", input: { sku: expect.any(String) } });
    expect(reply.usage.input).toBeLessThanOrEqual(estimateMostOfRequest(STOCK));
  });

  it("stays inside a schema", async () => {
    const output = {
      type: "object",
      properties: { ok: { type: "boolean" } },
      required: ["ok"],
      additionalProperties: false,
    };
    const reply = await open().generate({ ...HELLO, output, maxOutputTokens: 200 }, context());
    expect(JSON.parse(reply.text)).toEqual({ ok: expect.any(Boolean) });
  });

  it("is free again after a stop", async () => {
    const controller = new AbortController();
    const long = {
      ...HELLO,
      messages: [{ role: "user" as const, text: "Write a very long story." }],
      maxOutputTokens: 4_000,
    };
    const stopped = open().generate(long, context({ signal: controller.signal, onDelta: () => controller.abort() }));
    await expect(stopped).rejects.toMatchObject({ code: "MODEL_STOPPED" });
    // It has one slot: if the first were still running, this would wait for its 4,000 tokens.
    const next = open().generate(HELLO, context({ signal: AbortSignal.timeout(20_000) }));
    expect((await next).text.length).toBeGreaterThan(0);
  });

  it("refuses a request with its reason, and a path that it doesn't have", async () => {
    const words = Array.from({ length: 9_000 }, (_, at) => `word${at}`).join(" ");
    const tooLong: ModelRequest = { messages: [{ role: "user", text: words }], maxOutputTokens: 5 };
    await expect(open().generate(tooLong, context())).rejects.toMatchObject({ code: "MODEL_CONTEXT_EXCEEDED" });
    const bad: ModelRequest = { ...STOCK, tools: [{ name: "a", description: "b", input: { type: "nonsense" } }] };
    await expect(open().generate(bad, context())).rejects.toMatchObject({ code: "MODEL_REFUSED" });
    const astray = resolveModel(`${url}/nowhere#${name}`, { env: {} });
    await expect(astray.generate(HELLO, context())).rejects.toMatchObject({ code: "MODEL_UNKNOWN" });
  });

  it("is listed", async () => {
    const listed = await listModels({ env: { PAWL_BASE_URL: url }, signal: context().signal });
    expect(listed.find(({ provider }) => provider === "compatible")?.models).toContain(`compatible:${name}`);
  });
});
