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

  it("lets nothing through that matches a text in exponentially many ways", () => {
    const property = fc.property(pattern, ({ text, ways }) => {
      fc.pre(isAccepted(text));
      expect(growth(ways())).toBeLessThan(EXPONENTIAL);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("judges by a measure that knows exponential from polynomial", () => {
    const star = repeat(LETTER, { least: 0, most: Infinity });
    const choice = add(LETTER, LETTER);
    expect(growth(join(star, join(star, star)))).toBeLessThan(EXPONENTIAL);
    expect(growth(repeat(star, { least: 1, most: Infinity }))).toBeGreaterThan(EXPONENTIAL);
    expect(growth(repeat(choice, { least: 0, most: Infinity }))).toBeGreaterThan(EXPONENTIAL);
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

/** In how many ways a pattern matches a text of n letters "a", for n from 0 to 60: what backtracking may try. */
type Ways = readonly number[];

const LONGEST = 60;
const LETTER: Ways = Array.from({ length: LONGEST + 1 }, (_, n) => (n === 1 ? 1 : 0));
const EMPTY: Ways = Array.from({ length: LONGEST + 1 }, (_, n) => (n === 0 ? 1 : 0));
/** Doubling the text multiplies a polynomial by 2 to its degree, and the slowest exponential, 1.6^n, by a million. */
const EXPONENTIAL = 2 ** 18;

const growth = (ways: Ways): number => (ways[LONGEST] ?? 0) / Math.max(1, ways[LONGEST / 2] ?? 0);
const add = (one: Ways, other: Ways): Ways => one.map((count, n) => count + (other[n] ?? 0));
const join = (one: Ways, other: Ways): Ways =>
  one.map((_, n) => one.slice(0, n + 1).reduce((sum, count, m) => sum + count * (other[n - m] ?? 0), 0));

function repeat(ways: Ways, { least, most }: { readonly least: number; readonly most: number }): Ways {
  const more = ways.map((count, n) => (n === 0 ? 0 : count)); // an empty turn ends a loop
  let all = EMPTY;
  for (let turn = 0; turn < least; turn++) all = join(all, ways);
  if (most === Infinity) return join(all, repeatForever(more));
  for (let turn = least, last = all; turn < most; turn++) {
    last = join(last, more);
    all = add(all, last);
  }
  return all;
}

function repeatForever(turn: Ways): Ways {
  const all: number[] = [1];
  for (let n = 1; n <= LONGEST; n++) all[n] = all.reduce((sum, count, m) => sum + count * (turn[n - m] ?? 0), 0);
  return all;
}

interface Sample {
  readonly text: string;
  /** Worked out only for what is let through. */
  readonly ways: () => Ways;
}

const quantifiers = [
  { text: "", least: 1, most: 1 },
  { text: "*", least: 0, most: Infinity },
  { text: "+", least: 1, most: Infinity },
  { text: "?", least: 0, most: 1 },
  { text: "{1,3}", least: 1, most: 3 },
  { text: "{2,}", least: 2, most: Infinity },
];
const quantifier = fc.constantFrom(...quantifiers);
const atom = fc.constantFrom("a", ".", "[ab]", "\\w");

const { pattern } = fc.letrec<{ pattern: Sample }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(atom, quantifier).map(([text, times]) => ({ text: text + times.text, ways: () => repeat(LETTER, times) })),
    fc
      .tuple(tie("pattern"), quantifier)
      .map(([inner, times]) => ({ text: `(${inner.text})${times.text}`, ways: () => repeat(inner.ways(), times) })),
    fc
      .tuple(tie("pattern"), tie("pattern"))
      .map(([one, other]) => ({ text: `(?:${one.text}|${other.text})`, ways: () => add(one.ways(), other.ways()) })),
    fc
      .tuple(tie("pattern"), tie("pattern"))
      .map(([one, other]) => ({ text: one.text + other.text, ways: () => join(one.ways(), other.ways()) })),
  ),
}));
