import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const examples = readdirSync("examples").filter((name) => name.endsWith(".ts"));
const sources = examples.map((name) => readFileSync(join("examples", name), "utf8"));

/** Blocks of TypeScript in a page; those marked `no-run` are sketches. */
function blocksOf(page: string): readonly string[] {
  return [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code);
}

function normal(code: string): string {
  return code
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}

const pages = [
  "README.md",
  ...readdirSync("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
const blocks = pages.flatMap((page) => blocksOf(readFileSync(page, "utf8")).map((code) => [page, code] as const));

describe("code in the documents", () => {
  it("is there", () => expect(blocks.length).toBeGreaterThan(2));

  it.each(blocks)("%s shows what an example that is run says", (_page, code) => {
    expect(sources.some((source) => normal(source).includes(normal(code)))).toBe(true);
  });
});

describe("the examples", () => {
  it.each(examples)("%s runs to its end", async (name) => {
    const { stderr } = await run(process.execPath, [join("examples", name)]);
    expect(stderr).toBe("");
  });
});
