import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oneLine, toJsonText } from "./text.ts";

const anyText = fc.string({ unit: "binary" });

describe("text for terminals", () => {
  it("is one line without control and direction characters", () => {
    const check = fc.property(anyText, (text) => {
      expect(oneLine(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
    });
    fc.assert(check);
    expect(oneLine("a\n\tb\u001B[31m\u202Ec")).toBe("a bc");
  });

  it("is JSON that means the same, with all that is invisible escaped", () => {
    const check = fc.property(fc.jsonValue(), anyText, (value, text) => {
      const json = { value, text, bidi: "\u202E\u009B\u{E0001}" };
      expect(JSON.parse(toJsonText(json))).toEqual(JSON.parse(JSON.stringify(json)));
      expect(toJsonText(json)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    });
    fc.assert(check);
  });
});
