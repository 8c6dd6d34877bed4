import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkStrictJson, InputError, type Json } from "../../base/index.ts";
import type { Scope } from "./contract.ts";
import { compileTemplate } from "./template.ts";

const scope: Scope = {
  input: { n: 1, t: "text", l: [1, 2], none: null, big: Array.from({ length: 40_000 }, (_, id) => ({ id })) },
  node: (id) => (id === "gone" ? { state: "skipped", output: null } : { state: "succeeded", output: { id } }),
};

function fill(template: Json): Json {
  const result = compileTemplate(template, "nodes.n.with");
  if (result.tag === "refused")
    throw new Error(result.problems.map((problem) => `${problem.code} ${problem.path}`).join("; "));
  return result.compiled.evaluate(scope);
}

function outcomeOf(template: Json): string {
  const result = compileTemplate(template, "p");
  if (result.tag === "refused") return "refused";
  try {
    return checkStrictJson(result.compiled.evaluate(scope)) === undefined ? "nothing" : "value";
  } catch (error) {
    return error instanceof InputError ? error.code : String(error);
  }
}

describe("compileTemplate", () => {
  it("gives the very same object when there is nothing to fill in, also in parts", () => {
    const part = { deep: [{ a: "$5 {x}" }] };
    const result = compileTemplate(part, "p");
    expect(result.tag === "compiled" && result.compiled.evaluate(scope)).toBe(part);
    expect(fill({ part, n: "${input.n}" })).toEqual({ part, n: 1 });
    const filled = fill([part, "${input.l}"]);
    expect(Array.isArray(filled) && filled[0]).toBe(part);
  });

  it("gives a value with its type when the expression is the whole text", () => {
    expect(fill("${input.l}")).toEqual([1, 2]);
    expect(fill("${ input.n + 1 }")).toBe(2);
    expect(fill(" ${input.n}")).toBe(" 1");
    expect(fill("${input.n}${input.t}")).toBe("1text");
    expect(fill("${nodes.gone.output.x}")).toBeNull();
  });

  it("ends an expression at its own brace, not at one in text, a comment or a map", () => {
    expect(fill("${ {'a}': \"}\"}['a}'] }")).toBe("}");
    expect(fill("${'\\'}'}!")).toBe("'}!");
    expect(fill("${ '''a'}''' }")).toBe("a'}");
    expect(fill("${ 1 // }\n }")).toBe(1);
    expect(fill("${ {'a': {'b': 1}}.a.b }}")).toBe("1}");
  });

  it("keeps escaped signs", () => {
    expect(fill("$${input.n} and ${input.n}")).toBe("${input.n} and 1");
    expect(fill("$$${x} $")).toBe("$${x} $");
  });

  it("collects nodes and every problem, with their places", () => {
    const result = compileTemplate({ a: "${nodes.x.output} ${nodes.y.state}", b: ["${nodes.x.output}"] }, "p");
    expect(result).toMatchObject({ tag: "compiled", compiled: { nodes: ["x", "y"] } });
    const bad = { a: "${foo}", "b c": ["ok", "${input.x.matches('a')} ${1 +}"], d: "${open" };
    expect(() => fill(bad)).toThrow(
      'EXPRESSION_UNKNOWN_NAME nodes.n.with.a; EXPRESSION_REFUSED nodes.n.with["b c"][1]; ' +
        'EXPRESSION_SYNTAX nodes.n.with["b c"][1]; EXPRESSION_SYNTAX nodes.n.with.d',
    );
  });

  it("says which of several expressions failed", () => {
    expect(() => fill({ a: "${input.n}", b: { c: "${input.q}" } })).toThrow(/nodes\.n\.with\.b\.c: expected input/);
    expect(() => fill({ a: "x ${input.none}" })).toThrow(/nodes\.n\.with\.a: .*got null/);
    expect(() => fill("x ${input.l}")).toThrow("a list of 2");
  });

  it("refuses results that repeat large values, and templates that are too deep", () => {
    const many = Array.from({ length: 80 }, () => "${input.big}");
    expect(() => fill(many)).toThrow("16 MB");
    expect(fill("${input.big}")).toHaveLength(40_000);
    let deep: Json = "${input.n}";
    for (let depth = 0; depth < 65; depth++) deep = [deep];
    expect(() => fill(deep)).toThrow("JSON_TOO_DEEP");
    let almost: Json = "${[[input.n]]}";
    for (let depth = 0; depth < 63; depth++) almost = [almost];
    expect(() => fill(almost)).toThrow("64");
  });

  it("refuses keys that could change what objects inherit", () => {
    expect(() => fill(JSON.parse('{"__proto__": "${input.n}"}'))).toThrow("JSON_FORBIDDEN_KEY");
  });

  it("gives JSON or an InputError, whatever the template", () => {
    const text = fc.array(fc.constantFrom("${", "}", "$", "{", "input.n", "'", '"', " ", "a", "$${", "//", "\n"), {
      maxLength: 12,
    });
    const check = fc.property(fc.jsonValue({ stringUnit: "grapheme" }), text, (value, parts) => {
      const json: Json = JSON.parse(JSON.stringify({ value, list: [parts.join("")] }));
      fc.pre(!/\d{16}|e\+|__proto__/.test(JSON.stringify(json)));
      expect(outcomeOf(json)).toMatch(/^(refused|value|EXPRESSION_FAILED)$/);
    });
    fc.assert(check, { numRuns: 2_000 });
  });
});
