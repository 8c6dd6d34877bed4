import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../base/index.ts";
import { cel, orElse } from "./cel.ts";
import { compileExpression } from "./expression/compile.ts";
import { createRef, field, optional, textOf, requireFacts, type Handle, type Ref } from "./handles.ts";

const owner = {};
const input: Ref<{ a: number; odd: { "x y": number }; none?: string; nothing: null }> = createRef({
  owner,
  source: { tag: "input" },
  path: [],
});
const pay: Ref<{ cents: number }> = createRef({ owner, source: nodeSource("pay"), path: [] });
const gift: Ref<{ price: number }> = createRef({ owner, source: nodeSource("a-b"), path: [] });

function nodeSource(node: string): { tag: "node"; read: { node: string; isOptional: boolean } } {
  return { tag: "node", read: { node, isOptional: false } };
}

function textIn(ref: Handle<unknown>): string {
  return textOf(requireFacts(ref));
}

function evaluate(ref: Handle<unknown>): Json {
  const result = compileExpression(textIn(ref), "test");
  if (result.tag === "refused") throw new Error(JSON.stringify(result.problems));
  const scope = {
    input: { a: 3, odd: { "x y": 4 }, nothing: null },
    node: (id: string) =>
      id === "pay"
        ? ({ state: "succeeded", output: { cents: 500 } } as const)
        : ({ state: "skipped", output: null } as const),
  };
  return result.compiled.evaluate(scope);
}

const character = fc.nat(0xffff).map((code) => String.fromCharCode(code));

describe("cel", () => {
  it("writes handles as their paths", () => {
    expect(textIn(cel`${pay.cents} > ${input.a}`)).toBe("nodes.pay.output.cents > input.a");
    expect(textIn(cel`${input.odd["x y"]} + ${gift.price}`)).toBe('input.odd["x y"] + nodes["a-b"].output.price');
  });

  it("keeps an expression inside another one together", () => {
    const sum = cel<number>`${input.a} + 1`;
    expect(evaluate(cel`${sum} * 2`)).toBe(8);
    expect(evaluate(field(cel<{ sum: number }>`{"sum": ${sum}}`, "sum"))).toBe(4);
  });

  it("keeps the backslashes of texts, and lets backticks be written", () => {
    expect(evaluate(cel`"a\nb\\c" + "\`\${"`)).toBe("a\nb\\c`${");
  });

  it("writes any literal so that it comes back as it was", () => {
    const literal = fc.oneof(
      fc.string({ unit: character }).filter((text) => text.isWellFormed()),
      fc.constantFrom("${", "}", '"', "'", "\\", "\u2028", "\u0000", "`", "\\u0041"),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => Math.abs(number) < 2 ** 53),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    const check = fc.property(literal, (value) => {
      expect(evaluate(cel`[${value}][0]`)).toEqual(Object.is(value, -0) ? 0 : value);
    });
    fc.assert(check);
  });

  it("never lets a literal change the expression around it", () => {
    expect(evaluate(cel`"x" == ${'" || true || "'}`)).toBe(false);
    expect(evaluate(cel`5 -${-3}`)).toBe(8);
  });

  it.each([[NaN], [Infinity], ["\ud800"], [[1]], [{}], [undefined], [() => 1]])("refuses %s", (value) => {
    // @ts-expect-error neither a handle nor a literal
    expect(() => cel`${value}`).toThrow(expect.objectContaining({ code: "BINDING_NOT_JSON" }));
  });

  it("refuses handles of two plans in one expression", () => {
    const foreign: Ref<number> = createRef({ owner: {}, source: { tag: "input" }, path: [] });
    expect(() => cel`${input.a} > ${foreign}`).toThrow(expect.objectContaining({ code: "HANDLE_FOREIGN" }));
    expect(() => cel`${cel`${input.a}`} > ${foreign}`).toThrow(expect.objectContaining({ code: "HANDLE_FOREIGN" }));
  });

  it("reads an optional parent that was skipped as null", () => {
    expect(evaluate(cel`${optional(gift)} == null`)).toBe(true);
    expect(evaluate(cel`${optional(gift.price)} == null ? "none" : "some"`)).toBe("none");
    expect(evaluate(cel`${optional(pay.cents)} == 500`)).toBe(true);
  });
});

describe("orElse", () => {
  it("gives the value where there is one", () => {
    expect(evaluate(orElse(pay.cents, 0))).toBe(500);
    expect(evaluate(orElse(cel<number>`${input.a} + 1`, 0))).toBe(4);
    expect(evaluate(cel`${orElse(input, 0)} != 0`)).toBe(true);
  });

  it("gives the other one where it is missing, null, or of a skipped parent", () => {
    expect(evaluate(orElse(input.none, "-"))).toBe("-");
    expect(evaluate(orElse(input.nothing, input.a))).toBe(3);
    expect(evaluate(orElse(optional(gift.price), 7))).toBe(7);
    expect(evaluate(orElse(optional(gift), 7))).toBe(7);
    expect(evaluate(orElse(field(input.odd, "x y"), 7))).toBe(4);
  });
});
