import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../base/index.ts";
import { compileExpression } from "./compile.ts";
import { parsePlainPath, quoteInputPath, quoteNodePath } from "./plain-path.ts";

describe("plain paths", () => {
  it("are read without the expression parser", () => {
    expect(parsePlainPath("nodes.a.output.b[2]['x y']")).toEqual({
      node: "a",
      field: "output",
      segments: ["b", 2, "x y"],
    });
    expect(parsePlainPath(' input . a [ "b" ] ')).toEqual({ node: undefined, field: "output", segments: ["a", "b"] });
    expect(parsePlainPath("nodes.a.state")).toEqual({ node: "a", field: "state", segments: [] });
    const others = [
      "inputs.a",
      "nodes",
      "nodes.a",
      "nodes.a.state.x",
      "nodes[0].output",
      "input.a + 1",
      "input.in",
      "input.a()",
      'input["a\\n"]',
      "input.",
      "input.1",
      "input..a",
    ];
    expect(others.filter((text) => parsePlainPath(text) !== undefined)).toEqual([]);
  });

  it("mean the same as when the parser reads them", () => {
    const key = fc.oneof(
      fc.constantFrom("a", "in", "null", "x y", "0", "12", "", "a-b", "'", '"', "\\", "é", "if"),
      fc.string(),
    );
    const check = fc.property(key, fc.array(key, { minLength: 1, maxLength: 4 }), (id, path) => {
      const value = path.reduceRight<Json>((inner, name) => Object.fromEntries([[name, inner]]), "found");
      const scope = {
        input: value,
        node: (name: string) => (name === id ? { state: "succeeded" as const, output: value } : undefined),
      };
      for (const text of [
        quoteNodePath(id, path),
        quoteInputPath(path),
        `(${quoteNodePath(id, path)})`,
        `[${quoteInputPath(path)}][0]`,
      ]) {
        const result = compileExpression(text, "p");
        expect(result.tag === "compiled" && result.compiled.evaluate(scope)).toBe("found");
        expect(result.tag === "compiled" && result.compiled.nodes).toEqual(
          text.includes("nodes") && !text.startsWith("[") ? [id] : [],
        );
      }
    });
    fc.assert(check, { numRuns: 500 });
  });

  it("are written as short as they can be", () => {
    expect(quoteNodePath("a", ["output", "b", "0"])).toBe("nodes.a.output.output.b[0]");
    expect(quoteNodePath("a-b", ["x y"])).toBe('nodes["a-b"].output["x y"]');
    expect(quoteNodePath("7", [])).toBe('nodes["7"].output');
    expect(quoteInputPath([])).toBe("input");
    expect(quoteInputPath(["in", "a", "01"])).toBe('input["in"].a["01"]');
  });
});
