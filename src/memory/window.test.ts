import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Message } from "../models/index.ts";
import { fitWindow } from "./index.ts";

const textOf = (message: Message): string => (message.role === "tool" ? JSON.stringify(message.output) : message.text);
const estimate = (message: Message): number => Math.ceil(textOf(message).length / 4);
const sum = (messages: readonly Message[]): number => messages.reduce((total, message) => total + estimate(message), 0);
const CUT = "longer than the whole window";

const text = fc.string({ maxLength: 900, unit: "grapheme" });
const turn = fc.oneof(
  text.map((words): readonly Message[] => [{ role: "user", text: words }]),
  fc
    .tuple(text, fc.array(text, { minLength: 1, maxLength: 3 }))
    .map(([words, outputs]): readonly Message[] => [
      { role: "assistant", text: words, calls: outputs.map((_, at) => ({ id: `${at}`, tool: "t", input: {} })) },
      ...outputs.map((output, at): Message => ({ role: "tool", call: `${at}`, tool: "t", output })),
    ]),
);
const system: Message = { role: "system", text: "You are." };

it("loses no message, keeps their order, and touches neither the system's words nor what is short", () => {
  const check = fc.property(fc.array(turn, { maxLength: 12 }), fc.integer({ min: 1, max: 400 }), (turns, maxTokens) => {
    const messages = [system, ...turns.flat()];
    const { summarise, keep } = fitWindow(messages, { maxTokens, estimate });
    expect(keep[0]).toBe(system);
    const after = [...summarise, ...keep.slice(1)];
    expect(after.map(({ role }) => role)).toEqual(turns.flat().map(({ role }) => role));
    const changed = after.filter((message, at) => message !== turns.flat()[at]);
    expect(changed.every((message) => textOf(message).includes(CUT) && textOf(message).isWellFormed())).toBe(true);
  });
  fc.assert(check);
});

it("never parts a call from its results, and keeps the last of what was said", () => {
  const check = fc.property(
    fc.array(turn, { minLength: 1, maxLength: 12 }),
    fc.integer({ min: 1, max: 400 }),
    (turns, maxTokens) => {
      const { summarise, keep } = fitWindow([system, ...turns.flat()], { maxTokens, estimate });
      expect([keep[1]?.role, summarise[0]?.role]).not.toContain("tool");
      expect(keep.length).toBeGreaterThan(turns.at(-1)?.length ?? 0);
    },
  );
  fc.assert(check);
});

it("keeps what fits: all if it may, else only what can't be cut any further is too large", () => {
  const check = fc.property(fc.array(turn, { maxLength: 12 }), fc.integer({ min: 1, max: 400 }), (turns, maxTokens) => {
    const messages = [system, ...turns.flat()];
    const { keep } = fitWindow(messages, { maxTokens, estimate });
    const isTiny = (message: Message): boolean => textOf(message).length <= 110;
    expect(sum(keep) <= maxTokens || keep.every(isTiny)).toBe(true);
    const all = fitWindow(messages, { maxTokens: sum(messages) + 3, estimate, keepLast: messages.length });
    expect(all).toEqual({ summarise: [], keep: messages });
  });
  fc.assert(check);
});

it("keeps the last messages that were asked for, and more while half the window is free", () => {
  const said = Array.from({ length: 20 }, (_, at): Message => ({ role: "user", text: `${at}`.padEnd(40) }));
  const kept = (keepLast: number, maxTokens: number): number =>
    fitWindow(said, { maxTokens, estimate, keepLast }).keep.length;
  expect([kept(4, 60), kept(4, 200), kept(15, 200), kept(1, 10)]).toEqual([4, 10, 15, 1]);
});

it.each([
  ["a text", { role: "user", text: "x".repeat(100_000) }],
  ["a result", { role: "tool", call: "1", tool: "t", output: { rows: Array(20_000).fill("x") } }],
] satisfies [string, Message][])(
  "cuts %s that is longer than the whole window, also where it is summarised",
  (_, long) => {
    const { keep, summarise } = fitWindow([long, { role: "user", text: "And?" }], {
      maxTokens: 100,
      estimate,
      keepLast: 1,
    });
    const parts = [...summarise, ...keep];
    expect(parts.filter((message) => textOf(message).includes(CUT))).toHaveLength(1);
    expect(parts.every((message) => estimate(message) <= 100)).toBe(true);
  },
);

it("cuts between characters", () => {
  const long: Message = { role: "user", text: `a${"\u{1F600}".repeat(2_000)}` };
  for (const maxTokens of [50, 51, 100, 700]) {
    const { keep } = fitWindow([long], { maxTokens, estimate });
    expect(keep.map((message) => textOf(message).isWellFormed())).toEqual([true]);
  }
});
