import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, type Json } from "./index.ts";

/** A JSON value as it was written, for values that come from JSON.parse or a generator of JSON. */
const json = fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value)));

/** The same value with the members of each object in reverse order. */
function reversed(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe("canonicalJson", () => {
  it("sorts keys by UTF-16 code units, also those that look like numbers", () => {
    expect(canonicalJson({ b: 1, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":1}');
    expect(canonicalJson({ 9: 1, 10: 2, A: 3, "": 4 })).toBe('{"":4,"10":2,"9":1,"A":3}');
    // RFC 8785 section 3.2.3: the pair of surrogates D83D DE02 sorts before FB33.
    expect(
      canonicalJson({ "\ufb33": 1, "\ud83d\ude02": 2, "\u20ac": 3, "\r": 4, "1": 5, "\u0080": 6, "\u00f6": 7 }),
    ).toBe('{"\\r":4,"1":5,"\u0080":6,"\u00f6":7,"\u20ac":3,"\ud83d\ude02":2,"\ufb33":1}');
  });

  it("writes numbers and text as RFC 8785 does", () => {
    expect(canonicalJson([-0, 1e21, 1e-7, 4.5, 0.000001])).toBe("[0,1e+21,1e-7,4.5,0.000001]");
    expect(canonicalJson({ b: '\u000f\n"\\/\u20ac', a: "" })).toBe('{"a":"","b":"\\u000f\\n\\"\\\\/\u20ac"}');
  });

  it("is stable, equal for equal values, and loses nothing", () => {
    const check = fc.property(json, (value) => {
      const text = canonicalJson(value);
      const again: Json = JSON.parse(text);
      expect(canonicalJson(again)).toBe(text);
      expect(canonicalJson(reversed(value))).toBe(text);
      expect(again).toEqual(JSON.parse(JSON.stringify(value)));
    });
    fc.assert(check, { numRuns: 500 });
  });

  it("refuses what is far too deep instead of overflowing", () => {
    let value: Json = [];
    for (let depth = 0; depth < 100_000; depth++) value = [value];
    expect(() => canonicalJson(value)).toThrow("512");
  });
});
