import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cel } from "./cel.ts";
import {
  createRef,
  factsOf,
  field,
  optional,
  readsOf,
  requireFacts,
  textOf,
  type Handle,
  type Ref,
} from "./handles.ts";

type Value = { a: { b: number }; list: number[]; then: number; toJSON: string; length: number };

const source = { tag: "node", read: { node: "pay", isOptional: false } } as const;
const ref: Ref<Value> = createRef({ owner: {}, source, path: [] });
const misused: unknown = expect.objectContaining({ code: "HANDLE_MISUSED", failure: "input" });

function text(handle: Handle<unknown>): string {
  return textOf(requireFacts(handle));
}

describe("a handle", () => {
  it("knows its path", () => {
    expect(text(ref.a.b)).toBe("nodes.pay.output.a.b");
    expect(text(ref.length)).toBe("nodes.pay.output.length");
    expect(factsOf(ref.a.b)?.path).toEqual(["a", "b"]);
  });

  it("can be awaited, and is then itself", async () => {
    expect(Reflect.get(ref, "then")).toBeUndefined();
    const awaited: unknown = await Promise.resolve(ref);
    expect(awaited === ref).toBe(true);
  });

  it("gives fields with the names that JavaScript keeps by `field`", () => {
    expect(text(field(ref, "then"))).toBe("nodes.pay.output.then");
    expect(text(field(ref, "toJSON"))).toBe("nodes.pay.output.toJSON");
  });

  it.each<[string, () => unknown]>([
    // oxlint-disable-next-line typescript/restrict-template-expressions, typescript/no-base-to-string -- what the test is about
    ["text", () => `to ${ref}`],
    ["a number", () => Number(ref)],
    ["JSON", () => JSON.stringify({ ref })],
    ["a list", () => [...loose(ref)]],
    ["an object to spread", () => ({ ...ref })],
    ["an object to search", () => "a" in ref],
    ["an object to change", () => Reflect.set(ref, "a", 1)],
    ["a plain value", () => ref.valueOf()],
    // oxlint-disable-next-line typescript/no-base-to-string -- what the test is about
    ["a text by name", () => ref.toString()],
  ])("refuses to be %s", (_, use) => {
    expect(use).toThrow(misused);
  });

  it("says where it is from and what to do", () => {
    expect(() => JSON.stringify(ref.a)).toThrow(/handle \(of nodes\.pay\.output\.a\) turned into JSON\. .*cel/);
  });

  it("shows itself on a console", () => {
    expect(inspect(ref.a)).toBe("{ handle: 'nodes.pay.output.a' }");
  });

  it("can take any field name, and keeps the order of fields", () => {
    const character = fc.nat(0xffff).map((code) => String.fromCharCode(code));
    const name = fc.string({ unit: character, minLength: 1 });
    const check = fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      let deep: Ref<Record<string, never>> = createRef({ owner: {}, source, path: [] });
      for (const key of names) deep = createRef({ ...requireFacts(field(deep, key)) });
      expect(factsOf(deep)?.path).toEqual(names);
    });
    fc.assert(check);
  });
});

describe("optional", () => {
  it("marks the parent for every field taken before", () => {
    const reads = readsOf(requireFacts(optional(ref.a.b)));
    expect(reads).toEqual([{ node: "pay", isOptional: true }]);
    expect(text(optional(ref.a.b))).toBe("nodes.pay.output.a.b");
    expect(readsOf(requireFacts(ref.a.b))).toEqual([{ node: "pay", isOptional: false }]);
  });

  it("refuses what is no node's", () => {
    const input: Ref<number> = createRef({ owner: {}, source: { tag: "input" }, path: [] });
    expect(() => optional(input)).toThrow(misused);
    expect(() => optional(cel`1 < 2`)).toThrow(misused);
  });

  it.each([[1], ["nodes.a.output"], [null], [undefined], [{}], [() => 1]])(
    "refuses %s, which is no handle",
    (value) => {
      // @ts-expect-error no handle
      expect(() => optional(value)).toThrow(misused);
      // @ts-expect-error no handle
      expect(() => field(value, "a")).toThrow(misused);
    },
  );
});

/** Hides the type, as plain JavaScript would. */
function loose(value: unknown): Iterable<unknown> {
  const isIterable = (candidate: unknown): candidate is Iterable<unknown> => candidate !== undefined;
  return isIterable(value) ? value : [];
}
