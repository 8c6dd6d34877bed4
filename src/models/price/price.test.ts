import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelRequest } from "../port.ts";
import { scriptedModel } from "../scripted/scripted-model.ts";
import { estimateMost, estimateMostOfRequest, estimateRequest, estimateTokens } from "./estimate.ts";
import { findPrice } from "./prices.ts";
import { toMicroUsd } from "./to-micro-usd.ts";
import { worstCase, worstCaseCost } from "./worst-case.ts";

describe("a price", () => {
  it("is whole, rounded up, and exact where floating point is not", () => {
    const price = { input: 0.1, output: 0.4 };
    expect(0.1 * 3 * 10).not.toBe(3);
    expect(toMicroUsd({ input: 30, output: 0 }, price)).toBe(3);
    expect(toMicroUsd({ input: 1, output: 0 }, price)).toBe(1);
    expect(toMicroUsd({ input: 0, output: 0 }, price)).toBe(0);
    expect(toMicroUsd({ input: 100, cachedInput: 90, output: 10 }, { input: 1, cachedInput: 0.1, output: 5 })).toBe(69);
    expect(toMicroUsd({ input: 100, cachedInput: 90, output: 10 }, { input: 1, output: 5 })).toBe(150);
    expect(toMicroUsd({ input: 1_000_000, output: 1_000_000 }, { input: 2.5, output: 15 })).toBe(17_500_000);
  });

  it("never adds up to less than the sum of its parts taken together", () => {
    const count = fc.nat(1_000_000);
    const check = fc.property(
      count,
      count,
      fc.nat(10_000).map((cents) => cents / 1_000),
      (input, output, dollars) => {
        const price = { input: dollars, output: dollars };
        const together = toMicroUsd({ input: input + output, output: 0 }, price);
        const apart = toMicroUsd({ input, output: 0 }, price) + toMicroUsd({ input: output, output: 0 }, price);
        expect(together).toBe(toMicroUsd({ input, output }, price));
        expect(apart - together === 0 || apart - together === 1).toBe(true);
      },
    );
    fc.assert(check);
  });

  it("is found by name, by dated name, at home, and one's own comes first", () => {
    expect(findPrice("openai:gpt-4o-2024-08-06")).toMatchObject({ input: 2.5, cachedInput: 1.25, output: 10 });
    expect(findPrice("anthropic:claude-haiku-4-5-20251001")).toMatchObject({ input: 1, output: 5 });
    expect(findPrice("ollama:llama3")).toMatchObject({ input: 0, output: 0 });
    expect(findPrice("openai:gpt-99")).toBe(undefined);
    expect(findPrice("openai:gpt-4o", { "openai:gpt-4o": { input: 1, output: 1 } })).toEqual({ input: 1, output: 1 });
  });
});

describe("an estimate", () => {
  const TEXT = "Pawl runs the work of AI agents as durable plan graphs: finished work never runs again. ".repeat(20);

  it("is about a quarter of plain text, and the bound lies above", () => {
    const share = estimateTokens(TEXT) / TEXT.length;
    expect(share).toBeGreaterThan(0.18);
    expect(share).toBeLessThan(0.33);
    expect(estimateMost(TEXT)).toBeGreaterThan(estimateTokens(TEXT));
    expect(estimateMost("")).toBe(0);
  });

  // Counted with the tokeniser of SmolLM2 (49,152 tokens), by its server's /tokenize.
  it.each([
    ["1234567890", 10],
    ["日本語", 6],
    ["😀", 3],
    ['{"a":[1,2]}', 8],
    ["THE QUICK BROWN FOX JUMPS ".repeat(20), 221],
    ["!?;:--==>>{}[]()".repeat(50), 550],
    ["\n\n  \n\t\t".repeat(50), 100],
    ["Это предложение написано по-русски. ".repeat(20), 541],
    ["Die Straßenbahnhaltestelle wird übermorgen außerplanmäßig geschlossen. ".repeat(20), 581],
    [Array.from({ length: 300 }, (_, at) => (((at * 7919) % 26) + 10).toString(36)).join(""), 173],
  ])("bounds what a tokeniser makes of %j", (text, counted) => {
    expect(estimateMost(text)).toBeGreaterThanOrEqual(counted);
  });

  it("never falls when a request grows", () => {
    const check = fc.property(fc.string(), fc.string(), (one, other) => {
      const ask = (text: string): ModelRequest => ({ messages: [{ role: "user", text }] });
      expect(estimateRequest(ask(one + other))).toBeGreaterThanOrEqual(estimateRequest(ask(one)));
    });
    fc.assert(check);
  });

  it("bounds the worst case by the limit of the reply, else by the context", () => {
    const request: ModelRequest = { messages: [{ role: "user", text: "Hello" }], maxOutputTokens: 100 };
    const { maxOutputTokens: _, ...open } = request;
    const input = estimateMostOfRequest(request);
    const priced = scriptedModel([], { price: { input: 1, output: 2 }, contextTokens: 1_000 });
    expect(worstCase(request, priced)).toEqual({ input, output: 100, microUsd: input + 200 });
    expect(worstCase(open, priced)).toEqual({ input, output: 1_000 - input, microUsd: input + 2 * (1_000 - input) });
    expect(worstCase(open, scriptedModel([]))).toBe(undefined);
    expect(worstCaseCost(request, scriptedModel([]))).toBe(undefined);
    expect(worstCaseCost(request, priced)).toBe(input + 200);
  });
});
