import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../base/index.ts";
import { compileTemplateLazily } from "./compile-template.ts";
import type { CompileResult, NodeView, Scope } from "./expression/contract.ts";
import { compileTemplate } from "./expression/template.ts";

const word = fc.constantFrom(
  "a",
  "b2",
  "_c",
  "in",
  "true",
  "null",
  "nodes",
  "input",
  "output",
  "state",
  "a-b",
  "0",
  "",
  "über",
);
const path = fc
  .tuple(
    fc.constantFrom("input", "nodes", "nodes.a.output", "nodes.b2.output", "other"),
    fc.array(word, { maxLength: 3 }),
  )
  .map(([root, words]) => [root, ...words].join("."));
const text = fc
  .tuple(
    fc.constantFrom("${", "${ ", "$${", "$", "", "x ${"),
    path,
    fc.constantFrom("}", " }", "", "} ${input}", "} x"),
  )
  .map((parts) => parts.join(""));
const { template } = fc.letrec<{ template: Json }>((tie) => ({
  template: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie("template"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "a b", "constructor"), tie("template"), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
}));

const view: NodeView = { state: "succeeded", output: { a: { a: 1 }, b2: [2], _c: null } };
const scope: Scope = { input: { a: { b2: "x" }, b2: 4 }, node: () => view };

function outcome(result: CompileResult): unknown {
  if (result.tag === "refused") return result.problems;
  const { nodes, evaluate } = result.compiled;
  try {
    return { nodes, value: evaluate(scope) };
  } catch (error) {
    return { nodes, error: String(error) };
  }
}

describe("compileTemplateLazily", () => {
  it("agrees with compileTemplate about problems, nodes, values and failures", () => {
    const check = fc.property(template, (given) => {
      expect(outcome(compileTemplateLazily(given, "a", { before: "nodes.", after: ".with" }))).toEqual(
        outcome(compileTemplate(given, "nodes.a.with")),
      );
    });
    fc.assert(check, { numRuns: 3000 });
  });

  it("names each node once, in the order of first use", () => {
    const result = compileTemplateLazily(["${nodes.b.output}", "${nodes.a.output.x}", "${nodes.b.output.y}"], "a", {
      before: "",
      after: "",
    });
    expect(result).toMatchObject({ compiled: { nodes: ["b", "a"] } });
  });

  it("takes templates that name many nodes", () => {
    const many = Array.from({ length: 5000 }, (_, index) => `\${nodes.n${index}.output}`);
    const result = compileTemplateLazily(many, "a", { before: "", after: "" });
    expect(result.tag === "compiled" && result.compiled.nodes.length).toBe(5000);
  });
});
