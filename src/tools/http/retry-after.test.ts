import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readRetryAfter } from "./retry-after.ts";

const now = Date.UTC(2030, 0, 2, 3, 4, 5);

it("reads seconds and dates, and is never negative or more than an hour", () => {
  const seconds = fc.property(fc.nat(), (value) => {
    expect(readRetryAfter(String(value), now)).toBe(Math.min(value * 1_000, 3_600_000));
  });
  fc.assert(seconds);
  const dates = fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), (value) => {
    const expected = Math.min(Math.max(value * 1_000, 0), 3_600_000);
    expect(readRetryAfter(new Date(now + value * 1_000).toUTCString(), now)).toBe(expected);
  });
  fc.assert(dates);
});

it("makes nothing of anything else", () => {
  for (const text of [null, "", " ", "1.5", "-1", "1e3", "2030-01-01", "tomorrow", "Wed, 99 Foo 2030 00:00:00 GMT"]) {
    expect(readRetryAfter(text, now)).toBe(undefined);
  }
});
