import { describe, expect, it } from "vitest";
import { outermost } from "./outermost.ts";
import { isSame } from "./similar.ts";

const worded = (text: string): { text: string; vector: undefined } => ({ text, vector: undefined });

describe("two lessons", () => {
  it.each([
    ["Book the train before the hotel.", "book the  train before the hotel!"],
    ["Book the train before the hotel.", "Always book the train before the hotel"],
    ["Don’t ask for the order's number twice.", "Don't ask for the order's number twice"],
    ["Refunds above 100 euros need Ada's word.", "Refunds above 100 euros need Ada's own word"],
  ])("are one: %s / %s", (one, other) => {
    expect(isSame(worded(one), worded(other))).toBe(true);
  });

  it.each([
    ["Always book the train before the hotel.", "Never book the train before the hotel."],
    ["Book the train before the hotel.", "Book the hotel before the train."],
    ["Book the train before the hotel.", "Book the train after the hotel."],
    ["Refund up to 100 euros without asking.", "Refund up to 500 euros without asking."],
    ["Refund up to 100 euros without asking.", "Refund up to 100 euros, asking."],
    ["Use the new shop's API for orders.", "Ask a person about large orders."],
  ])("are two: %s / %s", (one, other) => {
    expect(isSame(worded(one), worded(other))).toBe(false);
  });

  it("are two where they say the contrary, however close their vectors are", () => {
    const vector = new Float32Array([1]);
    expect(isSame({ text: "Do ask Ada.", vector }, { text: "Never ask Ada.", vector })).toBe(false);
    expect(isSame({ text: "Consult Ada.", vector }, { text: "Ada is to be asked.", vector })).toBe(true);
  });
});

it.each([
  ["a", "a"],
  ["a/s1c0.0.1", "a"],
  ["a/s1c0.0.1/s2c1.3.12", "a"],
  ["orders/42", "orders/42"],
  ["orders/42/l.0.1", "orders/42"],
  ["/l.0.1", "/l.0.1"],
])("the outermost run of %s is %s", (run, root) => {
  expect(outermost(run)).toBe(root);
});
