import { expect, it } from "vitest";
import { createLineCutter } from "./lines.ts";

it("gives the same lines however they are cut, and nothing of a line without end", () => {
  const text = Buffer.from("one\n\r\nzwei 漢字 🦊\r\nthree\n\nrest");
  for (let size = 1; size <= text.length; size += 1) {
    const lines: string[] = [];
    const cutter = createLineCutter(100, (line) => lines.push(line));
    for (let at = 0; at < text.length; at += size) expect(cutter.push(text.subarray(at, at + size))).toBe(true);
    expect(lines).toEqual(["one", "", "zwei 漢字 🦊", "three", ""]);
  }
});

it("refuses a line that is too long, with or without its end", () => {
  const lines: string[] = [];
  const cutter = createLineCutter(3, (line) => lines.push(line));
  expect(cutter.push(Buffer.from("abc\nab"))).toBe(true);
  expect(cutter.push(Buffer.from("cd"))).toBe(false);
  expect(createLineCutter(3, (line) => lines.push(line)).push(Buffer.from("abcd\n"))).toBe(false);
  expect(lines).toEqual(["abc"]);
});
