import { describe, expect, it } from "vitest";
import type { Embedder } from "../port.ts";
import { scriptedModel } from "../scripted/scripted-model.ts";
import { serveModel, type ModelServer } from "../serve/serve-model.ts";
import { resolveEmbedder } from "./resolve-embedder.ts";

const context = { signal: new AbortController().signal };
const serve = (embed: (texts: readonly string[]) => readonly Float32Array[]): Promise<ModelServer> => {
  const embedder: Embedder = { name: "x:e", dimensions: 2, embed: (texts) => Promise.resolve(embed(texts)) };
  return serveModel(scriptedModel([]), { embedder });
};

describe("an embedder", () => {
  it("gives unit vectors in the order of the texts, in batches", async () => {
    const batches: (readonly string[])[] = [];
    await using server = await serve((texts) => {
      batches.push(texts);
      return texts.map((text) => Float32Array.of(text.length, 0.5));
    });
    const embedder = resolveEmbedder(`${server.url}#e`, { env: {}, dimensions: 2, batchSize: 2 });
    const vectors = await embedder.embed(["a", "bb", "", "cccc", "d"], context);
    expect(batches).toEqual([["a", "bb"], [" ", "cccc"], ["d"]]);
    expect(vectors).toHaveLength(5);
    for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    expect(vectors[3]?.[0]).toBeCloseTo(4 / Math.hypot(4, 0.5), 6);
    expect(await embedder.embed([], context)).toEqual([]);
  });

  it.each<[string, (texts: readonly string[]) => readonly Float32Array[], string]>([
    ["too few vectors", () => [], "permanent|transient"],
    ["vectors of another length", (texts) => texts.map(() => Float32Array.of(1)), "permanent"],
    ["vectors of zeros", (texts) => texts.map(() => Float32Array.of(0, 0)), "transient"],
    ["vectors that are not finite", (texts) => texts.map(() => Float32Array.of(Number.NaN, 1)), "transient"],
  ])("refuses %s", async (_, embed, failure) => {
    await using server = await serve(embed);
    const embedder = resolveEmbedder(`${server.url}#e`, { env: {}, dimensions: 2 });
    await expect(embedder.embed(["a"], context)).rejects.toMatchObject({
      code: "MODEL_REPLY_INVALID",
      failure: expect.stringMatching(failure),
    });
  });

  it("knows the length of well-known ones, and asks for that of others", () => {
    const env = { OPENAI_API_KEY: "sk-1" };
    expect(resolveEmbedder("openai:text-embedding-3-small", { env }).dimensions).toBe(1_536);
    expect(resolveEmbedder("e", { env, aliases: { e: "ollama:nomic-embed-text:v1.5" } }).dimensions).toBe(768);
    expect(() => resolveEmbedder("openai:new", { env })).toThrow("dimensions");
    expect(() => resolveEmbedder("anthropic:x", { env: { ANTHROPIC_API_KEY: "k" } })).toThrow("embeddings");
  });
});
