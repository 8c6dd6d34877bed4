import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearest } from "./suggest.ts";

describe("nearest", () => {
  it("finds a word through any one slip", () => {
    const check = fc.property(fc.nat(5), fc.constantFrom("drop", "double", "swap"), (at, slip) => {
      const word = "cancel";
      const [a, b] = [word.slice(0, at), word.slice(at)];
      const slips = {
        drop: a + b.slice(1),
        double: a + b.slice(0, 1) + b,
        swap: a + b.slice(1, 2) + b.slice(0, 1) + b.slice(2),
      };
      expect(nearest(slips[slip], ["run", "retry", word, "verify"])).toBe(word);
    });
    fc.assert(check);
  });

  it("suggests nothing for what is far from everything", () => {
    expect(nearest("launch", ["run", "retry"])).toBeUndefined();
    expect(nearest("x".repeat(10_000), ["run"])).toBeUndefined();
  });
});
