import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkStrictJson, InputError, type Json } from "../../base/index.ts";
import { compileExpression } from "./compile.ts";
import type { Compiled, NodeView, Scope } from "./contract.ts";

const views: Readonly<Record<string, NodeView>> = {
  a: { state: "succeeded", output: { b: { c: 5 }, list: [1, null] } },
  gone: { state: "skipped", output: null },
  later: { state: "pending", output: null },
  lost: { state: "failed", output: { message: "no" } },
};
const scopeOf = (input: Json): Scope => ({ input, node: (id) => views[id] });

function compile(text: string): Compiled {
  const result = compileExpression(text, "nodes.n.when");
  if (result.tag === "refused") throw new Error(JSON.stringify(result.problems));
  return result.compiled;
}

const evaluate = (text: string, input: Json = null): Json => compile(text).evaluate(scopeOf(input));

function codeOf(text: string, input: Json = null): string {
  const result = compileExpression(text, "p");
  if (result.tag === "refused") return result.problems[0]?.code ?? "";
  try {
    return `value ${JSON.stringify(result.compiled.evaluate(scopeOf(input))).slice(0, 40)}`;
  } catch (error) {
    return error instanceof InputError ? error.code : String(error);
  }
}

describe("compileExpression", () => {
  it("lists the nodes that are read, in order of first use, also where they are not reached", () => {
    expect(compile("nodes.b.output.x").nodes).toEqual(["b"]);
    expect(compile("input.x").nodes).toEqual([]);
    const text = 'nodes.b.state == "failed" ? nodes.a.output : [1].map(x, nodes["c-d"].output + nodes.b.output)';
    expect(compile(text).nodes).toEqual(["b", "a", "c-d"]);
    expect(compile("has(nodes.e.output.x) && nodes.f.output").nodes).toEqual(["e", "f"]);
  });

  it("reads a plain path below a node without output as null, and fails inside a larger expression", () => {
    const texts = ["nodes.gone.output.x.y", "(nodes.gone.output.x)", "nodes.later.output.x", "nodes.gone.output"];
    expect(texts.map((one) => evaluate(one))).toEqual([null, null, null, null]);
    expect(codeOf("nodes.gone.output.x == null")).toBe("EXPRESSION_FAILED");
    expect(codeOf("nodes.a.output.none")).toBe("EXPRESSION_FAILED");
    expect(evaluate("nodes.lost.output.message")).toBe("no");
    expect(evaluate("nodes.a.output.list[1]")).toBeNull();
    expect(evaluate("[nodes.a.output][0].list[1]")).toBeNull();
  });

  it("names the place, the step that failed and what is there", () => {
    const run = (): Json => evaluate("input.order.lines.total + 1", { order: { lines: [1, 2] } });
    expect(run).toThrow(
      /nodes\.n\.when: expected input\.order\.lines to be a map with the key "total", got a list of 2/,
    );
    expect(() => evaluate("nodes.x.output")).toThrow("no such node");
  });

  it("says where the same text stands each time, although it is compiled once", () => {
    for (const path of ["nodes.one.when", "nodes.two.when"]) {
      const result = compileExpression("input.q + 1", path);
      expect(() => result.tag === "compiled" && result.compiled.evaluate(scopeOf({}))).toThrow(path);
    }
  });

  it("reads no inherited members, whatever way", () => {
    const texts = ["input.toString", 'input["constructor"]', "input.l.length", 'input["__proto__"]', "input.t.length"];
    const all = [...texts, ...texts.map((one) => `[${one}]`)];
    expect(new Set(all.map((one) => codeOf(one, { l: [1], t: "x" })))).toEqual(new Set(["EXPRESSION_FAILED"]));
    expect(evaluate('"toString" in input || has(input.valueOf)', {})).toBe(false);
    expect(codeOf("input.k.map(k, {k: 1})", { k: ["__proto__"] })).toBe("EXPRESSION_FAILED");
  });

  it("lets a deciding value win over a failure on either side, but never over the cost", () => {
    expect(evaluate("input.x > 1 || true")).toBe(true);
    expect(evaluate("false && 1 / 0 > 1")).toBe(false);
    expect(codeOf("input.x > 1 && true")).toBe("EXPRESSION_FAILED");
    expect(codeOf("1 || false")).toBe("EXPRESSION_FAILED");
    expect(evaluate("input.l.exists(x, x.a)", { l: [{}, { a: true }] })).toBe(true);
    expect(codeOf("input.l.all(x, x.a)", { l: [{}, { a: true }] })).toBe("EXPRESSION_FAILED");
    expect(codeOf("input.l.exists(x, input.l.exists(y, x + y < 0)) || true", { l: numbers })).toBe(
      "EXPRESSION_TOO_COSTLY",
    );
  });

  it("keeps numbers exact and finite", () => {
    expect(codeOf("9007199254740991 + 1")).toBe("EXPRESSION_FAILED");
    expect(codeOf("0 / 0")).toBe("EXPRESSION_FAILED");
    expect(codeOf('int("1e300")')).toBe("EXPRESSION_FAILED");
    expect(codeOf('double("0x10")')).toBe("EXPRESSION_FAILED");
    expect(Object.is(evaluate("0 * -1"), 0)).toBe(true);
    expect(Object.is(evaluate("-0"), 0)).toBe(true);
  });

  it("compares lists and maps by what is in them", () => {
    const unequal = ["{'a': null} == {'b': null}", "{'a': 1} == {'a': 1, 'b': 2}", "{'a': 1, 'b': 2} == {'a': 1}"];
    unequal.push("[1, 2] == [1]", "[1] == [1, 2]", "[[1]] == [[2]]", "{} == []", "[] == {}", "{} == null", "'1' == 1");
    expect(unequal.filter((one) => evaluate(one) !== false)).toEqual([]);
    const equal = ["{'a': [1, {'b': 2}]} == {'a': [1, {'b': 2}]}", "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "[] == []"];
    expect(equal.filter((one) => evaluate(one) !== true)).toEqual([]);
  });

  it("counts code points, as CEL does, also of lone surrogates", () => {
    expect(evaluate("input.map(t, size(t))", ["\u{1f600}\u00e9", "\ud83d", "\ude00a", "a\u{1f600}"])).toEqual([
      2, 1, 2, 2,
    ]);
  });

  it("wants exactly one for exists_one", () => {
    expect(evaluate("[[], [1], [1, 1]].map(l, l.exists_one(x, x == 1))")).toEqual([false, true, false]);
  });

  it("keeps macro variables apart, inner ones first", () => {
    expect(evaluate("[1, 2].map(x, [10].map(x, x + 1)[0] + x)")).toEqual([12, 13]);
    expect(evaluate("[1].map(x, x) + [2].map(y, y)")).toEqual([1, 2]);
    expect(codeOf("[1].map(x, x) + [x]")).toBe("EXPRESSION_UNKNOWN_NAME");
    expect(codeOf("[1].map(input, 1)")).toBe("EXPRESSION_REFUSED");
  });

  it("takes a million steps and no more: the same for each machine", () => {
    expect(codeOf("input.filter(x, x < 0)", numbers.slice(0, 100_000))).toBe("value []");
    expect(codeOf("input.filter(x, x < 0)", [...numbers, ...numbers, ...numbers])).toBe("EXPRESSION_TOO_COSTLY");
  });
});

const numbers = Array.from({ length: 160_000 }, (_, index) => index);
const text = "a".repeat(1_000_000);
const records = (): Json[] => Array.from({ length: 20_000 }, (_, id) => ({ id, name: `v${id}` }));
const zeros = (): Json[] => Array.from({ length: 100_000 }, () => 0);
const table: Json = Object.fromEntries(Array.from({ length: 50_000 }, (_, id) => [`key${id}`, id]));

describe("hostile expressions", () => {
  it.each<[string, string, Json]>([
    ["joins text", `input${" + input".repeat(120)}`, text],
    ["doubles text", `[input]${".map(a, a + a + a + a)".repeat(12)}.map(a, size(a))`, text],
    ["nests macros", "input.map(x, input.map(y, y))", numbers],
    [
      "compares in a loop",
      "input.l.exists(x, input.a == input.b && false)",
      { l: numbers, a: records(), b: records() },
    ],
    ["looks through a list in a loop", "input.filter(x, -x in input)", numbers],
    ["searches text in a loop", `input.l.exists(x, input.t.contains("aaaab"))`, { l: numbers, t: text }],
    ["counts keys in a loop", "input.l.exists(x, size(input.m) < 0)", { l: numbers, m: table }],
    ["counts characters in a loop", "input.l.exists(x, size(input.t) < 0)", { l: numbers, t: text }],
    ["repeats its input in the result", `[${"input,".repeat(300)} 1]`, records()],
    ["repeats its input by a macro", "input.map(x, input)", numbers.slice(0, 100_000)],
    ["joins lists", `input${" + input".repeat(100)}`, numbers],
    ["changes case", `input.l.map(x, input.t.upperAscii())`, { l: numbers.slice(0, 1000), t: `${text}\u00e4` }],
    ["trims", "input.l.map(x, input.t.trim())", { l: numbers.slice(0, 1000), t: " ".repeat(100_000) }],
    [
      "joins a list to text",
      "input.l.exists(x, input.m.join(input.t) == '')",
      { l: numbers.slice(0, 1_000), m: ["a", "b", "c"], t: text },
    ],
    ["orders text", "input.l.exists(x, input.t + 'a' < input.t + 'b' && false)", { l: numbers, t: text }],
    [
      "orders long texts in a loop",
      "input.l.exists(x, input.a > input.b)",
      { l: numbers.slice(0, 5_000), a: `${text}a`, b: `${text}b` },
    ],
    ["compares long lists", `input.l.exists(x, input.a == input.b && false)`, { l: numbers, a: zeros(), b: zeros() }],
    ["lists keys in a loop", "input.l.all(x, input.m.exists(k, true))", { l: numbers, m: table }],
    ["goes through keys in a loop", "input.l.exists(x, input.m.exists(k, k == 'zz'))", { l: numbers, m: table }],
    ["copies into records", "input.map(x, {'a': x, 'b': [x, x], 'c': {'d': x}})", numbers],
  ])("refuses one that %s", (_name, expression, input) => {
    expect(codeOf(expression, input)).toBe("EXPRESSION_TOO_COSTLY");
  });

  it.each([
    ["brackets", "(".repeat(2000) + ")".repeat(2000)],
    ["lists", "[".repeat(4000)],
    ["maps", "{".repeat(4000)],
    ["calls", "size(".repeat(800)],
    ["not", `${"!".repeat(4000)}true`],
    ["minus", "-".repeat(4000)],
    ["not with spaces", "! ".repeat(2000)],
    ["choices", `${"true?1:".repeat(580)}1`],
    ["a few choices", `${"true?1:".repeat(60)}1`],
    ["indexes", "input[".repeat(600)],
    ["macros", "[1].map(x,".repeat(400)],
    ["ones inside brackets", `${"(1+".repeat(40)}1${")".repeat(40)}`],
  ])("refuses %s that nest too deep", (_name, expression) => {
    expect(codeOf(expression)).toBe("EXPRESSION_REFUSED");
  });

  it("takes long flat chains, since they are not deep", () => {
    expect(evaluate(`1${"+1".repeat(2000)}`)).toBe(2001);
    expect(evaluate(`true${"&&true".repeat(600)}`)).toBe(true);
    expect(codeOf(`1${"+1".repeat(2100)}`)).toBe("EXPRESSION_TOO_LONG");
  });
});

const leaf = fc.constantFrom(
  "input",
  "input.a",
  "input.b[0]",
  "nodes.a.output",
  "nodes.gone.output.x",
  "nodes.a.state",
  "x",
  "1",
  "2.5",
  '"t"',
  "true",
  "null",
  "[]",
  "{}",
);
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc
      .tuple(tie("tree"), fc.constantFrom("+", "-", "*", "/", "%", "==", "!=", "<", "in", "&&", "||"), tie("tree"))
      .map(([left, sign, right]) => `(${left} ${sign} ${right})`),
    fc
      .tuple(tie("tree"), fc.constantFrom("map", "filter", "all", "exists", "exists_one"), tie("tree"))
      .map(([list, name, body]) => `${list}.${name}(x, ${body})`),
    fc
      .tuple(fc.constantFrom("size", "string", "int", "double", "has", "!", "-"), tie("tree"))
      .map(([name, value]) => `${name}(${value})`),
    fc
      .tuple(tie("tree"), fc.constantFrom("startsWith", "contains", "join", "matches"), tie("tree"))
      .map(([value, name, other]) => `${value}.${name}(${other})`),
    fc
      .tuple(tie("tree"), tie("tree"), tie("tree"))
      .map((parts) => `(${parts.join(" ? ").replace(/ \? (?!.* \? )/, " : ")})`),
    fc.array(tie("tree"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    tie("tree").map((value) => `{"k": ${value}}`),
    fc.tuple(tie("tree"), tie("tree")).map(([value, index]) => `${value}[${index}]`),
  ),
}));

describe("any expression", () => {
  const isStrict = (value: Json): boolean => !/\d{16}|e\+|__proto__/.test(JSON.stringify(value));
  const input = fc
    .jsonValue()
    .map((value): Json => JSON.parse(JSON.stringify(value)))
    .filter(isStrict);

  it("gives strict JSON or an InputError", () => {
    const check = fc.property(tree, input, (expression, value) => {
      const outcome = codeOf(expression, { a: value, b: [value, 1] });
      expect(outcome).toMatch(/^(value .*|EXPRESSION_(FAILED|TOO_COSTLY|REFUSED|UNKNOWN_NAME|SYNTAX|TOO_LONG))$/s);
      fc.pre(outcome.startsWith("value"));
      const answer = evaluate(expression, { a: value, b: [value, 1] });
      expect(checkStrictJson(answer)).toBe(answer);
    });
    fc.assert(check, { numRuns: 3_000 });
  });

  it("never throws while it is compiled, whatever the text", () => {
    const piece = fc.constantFrom(
      ...Array.from("()[]{}.,:?!-+*/%<>=&|\"'\\ \n"),
      "input",
      "nodes",
      "x",
      "1",
      "0x",
      "1e",
      "in",
      "null",
      '"""',
      "r'",
      "b'",
      "\\u12",
      ".map(",
      "has(",
      "//",
    );
    const any = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 30 }).map((parts) => parts.join("")),
    );
    const check = fc.property(any, (given) => {
      expect(compileExpression(given, "p").tag).toMatch(/^(compiled|refused)$/);
    });
    fc.assert(check, { numRuns: 5_000 });
  });
});
