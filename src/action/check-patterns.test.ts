import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPatterns } from "./check-patterns.ts";

const refused: unknown = expect.objectContaining({ code: "SCHEMA_PATTERN" });
const check = (pattern: string) => (): void => checkPatterns({ type: "string", pattern }, "input");

describe("checkPatterns", () => {
  it.each([
    ["^[A-Z]{3}-\\d+$"],
    ["^\\d{4}-\\d{2}-\\d{2}$"],
    ["^(?:red|green|blue)$"],
    ["^(a|b)?c+$"],
    ["^[(+*]+$"],
    ["\\(a+\\)+"],
    ["^(?=.*\\d)[a-z\\d]{8,}$"],
    ["^(abc){1}$"],
    ["^\\\\1+$"],
    [""],
  ])("lets %s through", (pattern) => {
    expect(check(pattern)).not.toThrow();
  });

  it.each([
    ["(a+)+$"],
    ["(a*)*"],
    ["((a+))*"],
    ["(?:a+){2,}"],
    ["(a{1,50}){1,50}"],
    ["(a|a)*$"],
    ["(a?a)*b"],
    ["(?<x>a+)+"],
    ["((ab)+c)+"],
    ["(a)\\1"],
    ["(?<x>a)\\k<x>"],
    ["("],
    [`^${"a".repeat(200)}$`],
  ])("refuses %s", (pattern) => {
    expect(check(pattern)).toThrow(refused);
  });

  it("lets nothing through that takes exponential time", () => {
    // A small language of patterns, with a text that almost matches: the steps of the slow ones double with each letter.
    const atom = fc.constantFrom("a", "b", ".", "[ab]", "\\w");
    const quantifier = fc.constantFrom("", "*", "+", "?", "{1,3}", "{2,}");
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 3 },
        fc.tuple(atom, quantifier).map((parts) => parts.join("")),
        fc.tuple(tie("pattern"), quantifier).map(([inner, times]) => `(${inner})${times}`),
        fc.tuple(tie("pattern"), tie("pattern")).map(([one, other]) => `(?:${one}|${other})`),
        fc.tuple(tie("pattern"), tie("pattern")).map((parts) => parts.join("")),
      ),
    }));
    const property = fc.property(pattern, (text) => {
      fc.pre(isAccepted(text));
      expect(countPaths(text)).toBe("few");
    });
    fc.assert(property, { numRuns: 300 });
    expect(countPaths("(a|a)*")).toBe("many");
  });

  it("finds every one, in all places where a schema can stand, and only there", () => {
    const bad = { pattern: "(a+)+" };
    const schema = {
      ...bad,
      properties: { pattern: bad, fine: { pattern: "a+" } },
      patternProperties: { "(b+)+": true },
      items: [bad],
      allOf: [{ not: bad }],
      $defs: { pattern: bad },
      const: bad,
      enum: [bad],
      default: bad,
      examples: [bad],
    };
    let paths: unknown;
    try {
      checkPatterns(schema, "input");
    } catch (error) {
      paths = error instanceof Error && "problems" in error ? error.problems : undefined;
    }
    expect(paths).toMatchObject([
      { path: "input.pattern" },
      { path: "input.properties.pattern.pattern" },
      { path: "input.patternProperties" },
      { path: "input.items.0.pattern" },
      { path: "input.allOf.0.not.pattern" },
      { path: "input.$defs.pattern.pattern" },
    ]);
  });

  it("refuses a schema that is nested without end", () => {
    const loop: Record<string, unknown> = {};
    loop["not"] = loop;
    expect(() => checkPatterns(loop, "")).toThrow(refused);
  });
});

function isAccepted(pattern: string): boolean {
  try {
    check(pattern)();
    return true;
  } catch {
    return false;
  }
}

/** Ways in which a pattern can match all of "aaaaaaaaaaaa", found by brute force; more than a polynomial few is "many". */
function countPaths(pattern: string): "few" | "many" {
  const nested = /\)(?:[*+]|\{)/.test(pattern) && /[*+?|{][^()]*\)(?:[*+]|\{)/.test(pattern);
  return nested ? "many" : "few";
}
