import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scriptedModel } from "../scripted/scripted-model.ts";
import { serveModel } from "../serve/serve-model.ts";
import { listModels } from "./list-models.ts";
import type { Environment } from "./providers.ts";
import { resolveModel } from "./resolve-model.ts";
import { findAddress, toTarget } from "./to-endpoint.ts";

const HELLO = { messages: [{ role: "user", text: "Hello" }] } as const;
const context = { signal: new AbortController().signal };

describe("an address", () => {
  it.each<[string, Environment, [url: string, authorization?: string]]>([
    ["openai:gpt-5", { OPENAI_API_KEY: " sk " }, ["https://api.openai.com/v1", "Bearer sk"]],
    ["openai:gpt-5", { OPENAI_BASE_URL: "http://proxy:1/v1/" }, ["http://proxy:1/v1"]],
    ["ollama:qwen3:8b", {}, ["http://127.0.0.1:11434/v1"]],
    ["ollama:a", { OLLAMA_HOST: "0.0.0.0" }, ["http://127.0.0.1:11434/v1"]],
    ["ollama:a", { OLLAMA_HOST: ":1234" }, ["http://127.0.0.1:1234/v1"]],
    ["ollama:a", { OLLAMA_HOST: "gpu.lan:1234" }, ["http://gpu.lan:1234/v1"]],
    ["ollama:a", { OLLAMA_HOST: "https://gpu.lan/v1" }, ["https://gpu.lan/v1"]],
    [
      "compatible:a",
      { PAWL_BASE_URL: "http://h:1/v1", PAWL_API_KEY: "p", OPENAI_API_KEY: "o" },
      ["http://h:1/v1", "Bearer p"],
    ],
    [
      "compatible:a",
      { OPENAI_BASE_URL: "http://h:1/v1", PAWL_API_KEY: "p", OPENAI_API_KEY: "o" },
      ["http://h:1/v1", "Bearer o"],
    ],
    ["http://h:1/v1#org/model%20a", { PAWL_API_KEY: "p", OPENAI_API_KEY: "o" }, ["http://h:1/v1", "Bearer p"]],
  ])("%s is found", (address, env, [url, authorization]) => {
    const { endpoint } = toTarget(address, env);
    expect(endpoint).toMatchObject({ name: address, baseUrl: url });
    expect(endpoint.headers["authorization"]).toBe(authorization);
  });

  it("keeps the name of the model as it is written", () => {
    expect(toTarget("ollama:qwen3:8b", {}).endpoint.model).toBe("qwen3:8b");
    expect(toTarget("http://h:1/v1#org/model%20a", {}).endpoint.model).toBe("org/model a");
    expect(findAddress("nobody", {})).toBe(undefined);
  });

  it.each<[string, Environment, [code: string, part: string]]>([
    ["openai:gpt-5", {}, ["MODEL_KEY_MISSING", "OPENAI_API_KEY"]],
    ["anthropic:claude", { OPENAI_API_KEY: "sk" }, ["MODEL_KEY_MISSING", "ANTHROPIC_API_KEY"]],
    ["openai:gpt-5", { OPENAI_API_KEY: "sk\nx" }, ["MODEL_KEY_MISSING", "visible ASCII"]],
    ["gpt-5", {}, ["MODEL_BAD_ADDRESS", "openai:MODEL"]],
    ["openai:", { OPENAI_API_KEY: "sk" }, ["MODEL_BAD_ADDRESS", "openai:MODEL"]],
    ["constructor:x", {}, ["MODEL_BAD_ADDRESS", "openai:MODEL"]],
    ["compatible:a", {}, ["MODEL_BAD_ADDRESS", "PAWL_BASE_URL"]],
    ["compatible:a", { PAWL_BASE_URL: "ftp://h" }, ["MODEL_BAD_ADDRESS", "ftp"]],
    ["http://h:1/v1", {}, ["MODEL_BAD_ADDRESS", "#MODEL"]],
    ["http://user:pass@h:1/v1#m", {}, ["MODEL_BAD_ADDRESS", "PAWL_API_KEY"]],
    ["recorded:", {}, ["MODEL_BAD_ADDRESS", "recorded:FILE"]],
  ])("%s is refused with a remedy", (address, env, [code, part]) => {
    const problem = expect.objectContaining({ code, failure: "input", message: expect.stringContaining(part) });
    expect(() => resolveModel(address, { env })).toThrow(problem);
  });

  it("may be an alias of an alias, but not of itself", () => {
    const aliases = { fast: "small", small: "ollama:qwen3", a: "b", b: "a" };
    expect(resolveModel("fast", { env: {}, aliases }).name).toBe("ollama:qwen3");
    expect(() => resolveModel("a", { env: {}, aliases })).toThrow("a -> b -> a");
  });

  it("may record what another one answers, without keys of the environment", async () => {
    await using server = await serveModel(scriptedModel(() => "the key is sk-very-secret"));
    const file = join(mkdtempSync(join(tmpdir(), "pawl-resolve-")), "c.jsonl");
    const env = { PAWL_API_KEY: "sk-very-secret" };
    const live = resolveModel(`recorded:${file}#${server.url}#m`, { env });
    expect(await live.generate(HELLO, context)).toMatchObject({ text: "the key is [PAWL_API_KEY]" });
    const replay = resolveModel(`recorded:${file}`, { env: {} });
    expect(await replay.generate(HELLO, context)).toMatchObject({ text: "the key is [PAWL_API_KEY]" });
    expect(server.calls()).toHaveLength(1);
  });
});

describe("a list of models", () => {
  it("says what is configured, what is missing, and what servers offer", async () => {
    await using server = await serveModel(scriptedModel([], { name: "small" }));
    const gone = await serveModel(scriptedModel([]));
    await gone.close();
    const env = { PAWL_BASE_URL: server.url, OLLAMA_HOST: gone.url };
    const listed = await listModels({ env, signal: context.signal });
    expect(listed).toMatchObject([
      { provider: "openai", isConfigured: false, needs: ["OPENAI_API_KEY"], problem: { code: "MODEL_KEY_MISSING" } },
      { provider: "anthropic", isConfigured: false, needs: ["ANTHROPIC_API_KEY"] },
      { provider: "ollama", isConfigured: true, problem: { code: "MODEL_UNREACHABLE" } },
      { provider: "compatible", isConfigured: true, address: server.url, models: ["compatible:small"] },
    ]);
    await expect(listModels({ env, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "MODEL_STOPPED" });
  });
});
