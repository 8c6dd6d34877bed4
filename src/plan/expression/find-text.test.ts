import * as fc from "fast-check";
import { expect, it } from "vitest";
import { findText } from "./find-text.ts";

it("finds what the native search finds, also in long texts that repeat themselves", () => {
  const unit = fc.constantFrom("a", "b");
  const part = fc.string({ unit, minLength: 0, maxLength: 40 });
  const check = fc.property(part, part, fc.nat(4_000), (piece, wanted, times) => {
    const text = `${piece.repeat(times)}ab${wanted.slice(1)}${piece}`;
    for (const sought of [wanted, piece + wanted, wanted + wanted]) {
      expect(findText(text, sought)).toBe(text.indexOf(sought));
    }
  });
  fc.assert(check, { numRuns: 300 });
});
