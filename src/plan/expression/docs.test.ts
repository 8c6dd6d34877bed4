import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InputError, parseStrictJson } from "../../base/index.ts";
import { compileExpression } from "./compile.ts";
import type { CompileResult, NodeView, Scope } from "./contract.ts";
import { compileTemplate } from "./template.ts";

const page = readFileSync(new URL("../../../docs/expressions.md", import.meta.url), "utf8");
const nodes: Readonly<Record<string, NodeView>> = {
  pay: { state: "succeeded", output: { cents: 500, lines: [1, 2] } },
  "a-b": { state: "succeeded", output: 7 },
  gift: { state: "skipped", output: null },
  mail: { state: "failed", output: null },
};
const given = parseStrictJson(/evaluated with `(.*)`/.exec(page)?.[1] ?? "");
const scope: Scope = {
  input: typeof given === "object" && given !== null && "input" in given ? given.input : null,
  node: (id) => nodes[id],
};

/** The rows of the table whose first column has this heading; pipes inside code are escaped there. */
function rows(first: string, second: string): string[][] {
  const table = page.split(`| ${first} | ${second}`)[1]?.split("\n\n")[0] ?? "";
  const lines = table.split("\n").slice(2);
  return lines.map((line) => {
    const cells = line.replaceAll("\\|", "\0").split("|").slice(1, -1);
    return cells.map((cell) =>
      cell
        .trim()
        .replaceAll("\0", "|")
        .replace(/^`(.*)`$/, "$1"),
    );
  });
}

function codeOf(result: CompileResult): string {
  if (result.tag === "refused") return result.problems[0]?.code ?? "no problem";
  try {
    return `the value ${JSON.stringify(result.compiled.evaluate(scope))}`;
  } catch (error) {
    return error instanceof InputError ? error.code : String(error);
  }
}

function valueOf(result: CompileResult): unknown {
  return result.tag === "compiled" ? result.compiled.evaluate(scope) : result.problems;
}

describe("docs/expressions.md", () => {
  it("has its tables", () => {
    expect(rows("expression", "value").length).toBeGreaterThan(40);
    expect(rows("template", "value").length).toBeGreaterThan(5);
    expect(rows("expression", "code").length).toBeGreaterThan(20);
  });
  it.each(rows("expression", "value"))("%s is %s", (text, value) => {
    expect(valueOf(compileExpression(text ?? "", "when"))).toEqual(parseStrictJson(value ?? ""));
  });
  it.each(rows("template", "value"))("template %s is %s", (text, value) => {
    expect(valueOf(compileTemplate(parseStrictJson(text ?? ""), "with"))).toEqual(parseStrictJson(value ?? ""));
  });
  it.each(rows("expression", "code"))("%s is refused with %s", (text, code) => {
    expect(codeOf(compileExpression(text ?? "", "when"))).toBe(code);
  });
});
