import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hideSecrets, toExcerpt, toPrintable } from "./printable.ts";

const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom("\u001B", "[", "]", "\u009B", "3", "m", "\u0007", "\\", "\u202E", "\u2066", "\r", "\n", "\u2028"),
    fc.string(),
  ),
});

describe("text that is shown", () => {
  it("has no control or direction character left, however they were mixed", () => {
    const check = fc.property(nasty, (text) => {
      const left = toPrintable(text).match(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu) ?? [];
      expect(left.filter((character) => !"\n\t".includes(character))).toEqual([]);
    });
    fc.assert(check);
  });

  it("keeps what people wrote, and loses whole terminal sequences", () => {
    expect(toPrintable("ü 漢 🦊\n\tx\r\n")).toBe("ü 漢 🦊\n\tx\n");
    expect(toPrintable("\u001B[1;31mred\u001B[0m \u001B]0;title\u0007x\u001B]8;;http://a\u001B\\y\u0007")).toBe(
      "red xy",
    );
  });

  it("is cut at its length, with a mark", () => {
    const check = fc.property(nasty, fc.integer({ min: 1, max: 20 }), (text, length) => {
      expect(toExcerpt(text, length).length).toBeLessThanOrEqual(length + 1);
    });
    fc.assert(check);
    expect(toExcerpt("abcdef", 3)).toBe("abc…");
    expect(toExcerpt("abc", 3)).toBe("abc");
  });

  it("names a secret instead of showing it, the longest first", () => {
    expect(hideSecrets("a secret-long secret b", { SHORT: "secret", LONG: "secret-long" })).toBe("a [LONG] [SHORT] b");
    expect(hideSecrets("yes or no", { A: "yes", B: "" })).toBe("yes or no");
  });
});
