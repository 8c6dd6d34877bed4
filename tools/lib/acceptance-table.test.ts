import { expect, it } from "vitest";
import { parseRows, writeLastSeen } from "./acceptance-table.ts";

const page = String.raw`# Plans

Text with a | in it.

| claim | command | figure to reach | last seen |
| --- | --- | --- | --- |
| A crash repeats nothing | ${"`node a.ts \\| tail -1`"} | 0 repeats | |
| It is fast | not reached: the index is missing | 1 ms | never |

| other | table |
| --- | --- |
| x | y |
`;

it("reads the rows of its own table only", () => {
  expect(parseRows(page)).toEqual([
    { claim: "A crash repeats nothing", command: "node a.ts | tail -1", isNotReached: false },
    { claim: "It is fast", command: undefined, isNotReached: true },
  ]);
});

it("rewrites the last cell of one row and nothing else", () => {
  const [row] = parseRows(page);
  if (row === undefined) throw new Error("no row");
  const once = writeLastSeen(page, row, "ok 2026-11-24: 0 repeats | $& of 9");
  const lines = once.split("\n");
  expect(lines[6]).toBe(
    "| A crash repeats nothing | `node a.ts \\| tail -1` | 0 repeats | ok 2026-11-24: 0 repeats \\| $& of 9 |",
  );
  expect(lines.toSpliced(6, 1)).toEqual(page.split("\n").toSpliced(6, 1));
  expect(writeLastSeen(once, row, "ok")).toContain("| 0 repeats | ok |");
});

it("refuses a page without rows and a row with too many cells", () => {
  expect(() => parseRows("# Nothing")).toThrow("Expected a table");
  expect(() => parseRows(page.replace("0 repeats |", "0 | repeats |"))).toThrow("got 5");
});
