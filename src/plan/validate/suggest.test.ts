import { describe, expect, it } from "vitest";
import { createSuggester } from "./suggest.ts";

describe("createSuggester", () => {
  const suggest = createSuggester(["charge", "ship", "reserve", "refund"]);

  it.each([
    ["chrage", "charge"],
    ["Charge", "charge"],
    ["shp", "ship"],
    ["reserv", "reserve"],
    ["refnud", "refund"],
    ["sip", "ship"],
    ["mail", undefined],
    ["", undefined],
    ["x".repeat(65), undefined],
  ])("for %j says %s", (name, meant) => {
    expect(suggest(name)).toBe(meant);
  });

  it("gives the nearest of several", () => {
    expect(createSuggester(["retries", "retry", "rery"])("retr")).toBe("retry");
  });

  it("bounds the work over all names", () => {
    let looked = 0;
    const candidates = {
      *[Symbol.iterator](): Generator<string> {
        for (let index = 0; index < 1000; index++) {
          looked++;
          yield `node${index}`;
        }
      },
    };
    const slow = createSuggester(candidates);
    for (let index = 0; index < 1000; index++) slow(`mode${index}`);
    expect(looked).toBeLessThan(52_000);
  });
});
