import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkStrictJson, InputError, parseStrictJson, type Problem } from "./index.ts";

function problemOf(value: unknown, limits = {}): Problem {
  try {
    checkStrictJson(value, limits);
  } catch (error) {
    if (error instanceof InputError && error.problems[0] !== undefined) return error.problems[0];
    throw error;
  }
  throw new Error("accepted");
}

/** What it gives, or the code it is refused with. */
function outcomeOf(value: unknown): { readonly value: unknown } | { readonly code: string } {
  try {
    return { value: checkStrictJson(value) };
  } catch (error) {
    if (error instanceof InputError) return { code: error.code };
    throw error;
  }
}

class Money {
  readonly cents = 5;
}

describe("checkStrictJson", () => {
  it("gives back the very same value when nothing had to change", () => {
    const check = fc.property(fc.jsonValue(), (value) => {
      const outcome = outcomeOf(value);
      const isSame = "value" in outcome ? outcome.value === value : /UNSAFE_NUMBER|FORBIDDEN_KEY/.test(outcome.code);
      expect(isSame).toBe(true);
    });
    fc.assert(check);
    const bare = Object.assign(Object.create(null), { a: 1 });
    expect(checkStrictJson(bare)).toBe(bare);
  });

  it("leaves out properties that are undefined, as JSON.stringify does, and changes nothing itself", () => {
    const value = { a: undefined, b: [{ c: undefined, d: 1 }] };
    expect(checkStrictJson(value)).toStrictEqual({ b: [{ d: 1 }] });
    expect("a" in value).toBe(true);
  });

  it("doesn't mistake a deep value with something undefined at its end for a large one", () => {
    let value: unknown = { text: "x".repeat(1000), last: undefined };
    for (let depth = 0; depth < 60; depth++) value = { value };
    expect(JSON.stringify(checkStrictJson(value, { maxBytes: 2_000 }))).toBe(JSON.stringify(value));
  });

  it.each([
    ["undefined", undefined, "NOT_JSON", ""],
    ["undefined in a list", { a: [1, undefined] }, "NOT_JSON", "a[1]"],
    ["a hole", Array.from({ length: 1 }), "NOT_JSON", "[0]"],
    ["NaN", { a: { b: Number.NaN } }, "NOT_JSON", "a.b"],
    ["Infinity", [Infinity], "NOT_JSON", "[0]"],
    ["a BigInt", 10n, "NOT_JSON", ""],
    ["a function", { f: () => 1 }, "NOT_JSON", "f"],
    ["a symbol", Symbol("s"), "NOT_JSON", ""],
    ["a Date", { at: new Date(0) }, "NOT_JSON", "at"],
    [
      "an instance of a kind of array",
      [Object.setPrototypeOf([1, 2], Object.create(Array.prototype))],
      "NOT_JSON",
      "[0]",
    ],
    ["a Map", new Map(), "NOT_JSON", ""],
    ["a class instance", [new Money()], "NOT_JSON", "[0]"],
    ["a large integer", { a: 2 ** 53 }, "JSON_UNSAFE_NUMBER", "a"],
    ["a forbidden key", { a: { prototype: 1 } }, "JSON_FORBIDDEN_KEY", "a.prototype"],
    ["a __proto__ of its own", JSON.parse('{"__proto__":1}'), "JSON_FORBIDDEN_KEY", "__proto__"],
  ])("refuses %s", (...[, value, code, path]) => {
    expect(problemOf(value)).toMatchObject({ code, path });
  });

  it("names the class of what it refuses", () => {
    expect(problemOf([new Money()]).got).toContain("Money");
  });

  it("refuses cycles, depth, size and shared parts that would be huge as text", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(problemOf(cycle).code).toBe("JSON_TOO_DEEP");
    let deep: unknown = 1;
    for (let depth = 0; depth < 65; depth++) deep = [deep];
    expect(problemOf(deep).code).toBe("JSON_TOO_DEEP");
    expect(problemOf("x".repeat(100), { maxBytes: 99 }).code).toBe("JSON_TOO_LARGE");
    let shared: unknown = "x";
    for (let depth = 0; depth < 60; depth++) shared = [shared, shared];
    expect(problemOf(shared, { maxBytes: 10_000 }).code).toBe("JSON_TOO_LARGE");
  });

  it("accepts what comes back from its own text", () => {
    const check = fc.property(fc.anything(), (value) => {
      const outcome = outcomeOf(value);
      fc.pre("value" in outcome);
      expect(parseStrictJson(JSON.stringify(outcome.value))).toEqual(JSON.parse(JSON.stringify(value)));
    });
    fc.assert(check, { numRuns: 500 });
  });
});
