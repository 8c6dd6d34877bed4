import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../base/index.ts";
import { toTemplate } from "./binding.ts";
import { compileTemplate } from "./expression/template.ts";
import { createRef, optional, type Ref } from "./handles.ts";

const owner = {};
const input: Ref<{ a: number }> = createRef({ owner, source: { tag: "input" }, path: [] });
const pay: Ref<{ id: string }> = createRef({
  owner,
  source: { tag: "node", read: { node: "pay", isOptional: false } },
  path: [],
});

function fill(template: Json): Json {
  const result = compileTemplate(template, "test");
  if (result.tag === "refused") throw new Error(JSON.stringify(result.problems));
  return result.compiled.evaluate({ input: { a: 3 }, node: () => ({ state: "succeeded", output: { id: "p1" } }) });
}

describe("toTemplate", () => {
  it("writes handles as templates, and lists the nodes that they read", () => {
    const { template, reads } = toTemplate({ n: input.a, deep: [{ id: pay.id }, optional(pay)] }, owner);
    expect(template).toEqual({ n: "${input.a}", deep: [{ id: "${nodes.pay.output.id}" }, "${nodes.pay.output}"] });
    expect(reads).toEqual([
      { node: "pay", isOptional: false },
      { node: "pay", isOptional: true },
    ]);
    expect(fill(template)).toEqual({ n: 3, deep: [{ id: "p1" }, { id: "p1" }] });
  });

  const piece = fc.constantFrom("$", "{", "}", "${", "$${", "input.a", "\\", '"', " ", "é");
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

  it("gives any literal text back as it was, however it looks", () => {
    const check = fc.property(text, (value) => {
      expect(fill(toTemplate({ value, a: [input.a, value] }, owner).template)).toEqual({ value, a: [3, value] });
    });
    fc.assert(check, { numRuns: 500 });
  });

  it("copies, so that a later change of the literal changes nothing", () => {
    const list = [1];
    const { template } = toTemplate({ list }, owner);
    list.push(2);
    expect(template).toEqual({ list: [1] });
  });

  it("leaves out fields that are undefined", () => {
    expect(toTemplate({ a: undefined, b: 1 }, owner).template).toEqual({ b: 1 });
  });

  it.each<[unknown, RegExp]>([
    [{ a: { b: [NaN] } }, /^a\.b\.0: expected JSON with handles in it/],
    [new Date(0), /^the binding: /],
    [new Map(), /./],
    [{ f: () => 1 }, /^f: .* got a function/],
    [[undefined], /^0: .* got nothing/],
    [1n, /got a bigint/],
    [JSON.parse('{"__proto__": 1}'), /./],
  ])("refuses %s", (binding, message) => {
    expect(() => toTemplate(binding, owner)).toThrow(expect.objectContaining({ code: "BINDING_NOT_JSON" }));
    expect(() => toTemplate(binding, owner)).toThrow(message);
  });

  it("refuses an object that contains itself", () => {
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(() => toTemplate(loop, owner)).toThrow(expect.objectContaining({ code: "BINDING_NOT_JSON" }));
  });

  it("refuses handles of another plan", () => {
    expect(() => toTemplate({ a: input.a }, {})).toThrow(expect.objectContaining({ code: "HANDLE_FOREIGN" }));
  });
});
