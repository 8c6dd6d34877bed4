import { describe, expect, it } from "vitest";
import { badName, checkSize, isName, parseRunId, STORE_LIMITS } from "./limits.ts";

function nested(depth: number): unknown {
  return depth === 0 ? 1 : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };
}

describe("names", () => {
  it.each(["a", "order-42", "a b", "ünïcode ☂", "👍🏽", "a".repeat(200), "../x", "'; DROP TABLE runs"])(
    "takes %j",
    (name) => {
      expect(parseRunId(name)).toBe(name);
    },
  );
  it.each(["", "a".repeat(201), "a\u0000", "a\n", "\u001b[31m", "\u202eabc", "a\u2028", "\ud800", "\u200b", "\ufeff"])(
    "refuses %j and says what to do",
    (name) => {
      expect(() => parseRunId(name)).toThrow(expect.objectContaining({ code: "BAD_RUN_ID", failure: "input" }));
      expect(() => parseRunId(name)).toThrow(
        /Expected a run id of 1 to 200 printable characters, got .*Choose another/s,
      );
    },
  );
  it("refuses what is no text", () => {
    expect(isName(5)).toBe(false);
    expect(badName("tag", 5).message).toContain("got number");
  });
});

describe("sizes", () => {
  const refused =
    (value: unknown): (() => void) =>
    () =>
      checkSize("a value", value);
  const tooLarge = expect.objectContaining({ code: "VALUE_TOO_LARGE", failure: "input" });

  it("takes 64 levels inside an event's field, and refuses 70", () => {
    expect(refused({ output: nested(STORE_LIMITS.valueDepth) })).not.toThrow();
    expect(refused({ output: nested(70) })).toThrow(tooLarge);
    expect(refused(nested(100_000 / 20))).toThrow(/nests deeper than 64 levels/);
  });

  it("counts texts, keys and all else", () => {
    const half = "x".repeat(STORE_LIMITS.valueSize / 2);
    expect(refused([half])).not.toThrow();
    expect(refused([half, half])).toThrow(/at most 64 MB and 64 levels, got one of about 65 MB/);
    expect(refused({ [half]: half })).toThrow(tooLarge);
    expect(refused(Array.from({ length: STORE_LIMITS.valueSize / 8 }, () => 0))).toThrow(tooLarge);
  });
});
