import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineAction, defineChoice, defineQuery, fromJsonSchema, type AnyAction } from "../../action/index.ts";
import { canonicalJson, isJsonObject, sha256, type Json, type StandardSchema } from "../../base/index.ts";
import { definePlan } from "../../plan/index.ts";
import { processAction } from "../../tools/index.ts";
import { capResult } from "./cap-result.ts";
import { resolveCall, type ResolvedCall } from "./resolve-call.ts";
import { toToolSpecs } from "./to-tool-specs.ts";

const anything = fromJsonSchema<Json>(true);
const withCode = (code: string): unknown => expect.objectContaining({ code, failure: "input" });
const charge = defineAction("shop.charge", {
  description: "Charges an order.",
  input: z.strictObject({ order: z.string(), cents: z.int().min(1) }),
  output: anything,
  repeat: "keyed",
  undo: "impossible",
  run: () => null,
});
const query = (name: string, input: StandardSchema): AnyAction =>
  defineQuery(name, { input, output: anything, run: () => null });
const size = query("size", fromJsonSchema<string>({ type: "string", minLength: 2 }));
const call = (tool: string, input: Json): ResolvedCall => resolveCall({ id: "1", tool, input }, [charge, size]);

describe("toToolSpecs", () => {
  it("shows name, description and schema", () => {
    expect(toToolSpecs([charge])).toEqual([
      {
        name: "shop.charge",
        description: "Charges an order.",
        input: {
          type: "object",
          properties: { order: { type: "string" }, cents: { type: "integer", minimum: 1, maximum: 9007199254740991 } },
          required: ["order", "cents"],
          additionalProperties: false,
        },
      },
    ]);
  });

  it("wraps what is no object, with what it refers to", () => {
    const tree = fromJsonSchema<Json>({
      $defs: { name: { type: "string" } },
      type: "array",
      items: { anyOf: [{ $ref: "#/$defs/name" }, { $ref: "#" }, { const: { $ref: "#/x" } }] },
    });
    const [spec] = toToolSpecs([query("tree", tree)]);
    expect(spec?.input).toEqual({
      type: "object",
      properties: {
        value: {
          $defs: { name: { type: "string" } },
          type: "array",
          items: {
            anyOf: [
              { $ref: "#/properties/value/$defs/name" },
              { $ref: "#/properties/value" },
              { const: { $ref: "#/x" } },
            ],
          },
        },
      },
      required: ["value"],
      additionalProperties: false,
    });
    const check = fromJsonSchema<Json>(spec?.input ?? false)["~standard"].validate;
    expect(check({ value: ["a", ["b"]] })).toEqual({ value: { value: ["a", ["b"]] } });
    expect(check({ value: ["a", [7]] })).toHaveProperty("issues");
  });

  it("wraps a choice between objects, which servers refuse at the root", () => {
    const [spec] = toToolSpecs([query("q", z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]))]);
    expect(spec?.input).toMatchObject({ type: "object", required: ["value"] });
  });

  it("shows a plan, a choice and an agent too, and invents nothing where nothing was said", () => {
    const plan = definePlan("order", { input: z.object({ id: z.string() }) }, (p, input) => {
      p.step("charge", charge, { order: input.id, cents: 1 });
    });
    const choice = defineChoice("pick", { variants: { a: charge, b: charge }, first: "b" });
    const agent: AnyAction = {
      name: "clerk",
      version: 1,
      definition: {
        tag: "plan",
        graph: { name: "clerk", nodes: {}, input: { type: "object" } },
        uses: [],
        grow: () => undefined,
      },
    };
    const specs = toToolSpecs([plan, choice, agent, size]);
    expect(specs.map(({ description }) => description)).toEqual([
      "Runs the plan order.",
      "Does one of: a, b. It is not described further.",
      "Hands the work to the agent clerk.",
      "Looks up size. It is not described further.",
    ]);
    expect(specs.map(({ input }) => input)).toMatchObject([
      { properties: { id: { type: "string" } } },
      { properties: { order: {}, cents: {} } },
      { type: "object" },
      { properties: { value: { type: "string" } } },
    ]);
  });

  it("refuses two of one name, and what may run any command", () => {
    expect(() => toToolSpecs([charge, size, charge])).toThrow(withCode("TOOL_NAME_TAKEN"));
    expect(() => toToolSpecs([processAction])).toThrow(withCode("TOOL_BY_NODE"));
  });
});

describe("resolveCall", () => {
  it("gives the action and what the model wrote", () => {
    expect(call("shop.charge", { order: "a", cents: 5 })).toEqual({
      tag: "call",
      action: charge,
      input: { order: "a", cents: 5 },
    });
    expect(call("size", { value: "abc" })).toEqual({ tag: "call", action: size, input: "abc" });
  });

  it("leaves converting to the engine, which does it at the attempt", () => {
    const at = query(
      "at",
      z.object({ n: z.string().transform(Number).pipe(z.number()), d: z.boolean().default(true) }),
    );
    expect(resolveCall({ id: "1", tool: "at", input: { n: "5" } }, [at])).toMatchObject({
      tag: "call",
      input: { n: "5" },
    });
  });

  it.each<[string, Json, string]>([
    ["shop.charge", { order: "a" }, "input.cents"],
    ["shop.charge", { order: 7, cents: 5 }, "input.order"],
    ["shop.charge", { order: "a", cents: 5, more: 1 }, "input"],
    ["shop.charge", null, "input"],
    ["size", { value: "a" }, "input.value"],
    ["size", { value: "abc", more: 1 }, "input"],
    ["size", "abc", "input"],
  ])("says what is wrong with a call of %s with %j, and where", (tool, input, path) => {
    const resolved = call(tool, input);
    expect(resolved).toMatchObject({ tag: "problem", code: "INPUT_INVALID", problems: [{ path }] });
    expect(resolved).toHaveProperty("message", expect.stringContaining(`- ${path}: `));
  });

  it.each([
    ["charge", "shop.charge"],
    ["shop_charge", "shop.charge"],
    ["chargeShop", "shop.charge"],
    ["sizes", "size"],
  ])("names the tool that was meant by %s", (name, meant) => {
    expect(call(name, {})).toMatchObject({ tag: "problem", code: "TOOL_UNKNOWN", problems: [{ path: "tool" }] });
    expect(call(name, {})).toHaveProperty("message", expect.stringContaining(`Did you mean ${meant}`));
  });

  it("names all tools where nothing is near, and shows nobody's text whole", () => {
    expect(call("xyz", {})).toHaveProperty("message", expect.stringContaining("The tools are: shop.charge, size."));
    const long = call("x\u001B[31m".repeat(1_000), {});
    expect(long).toHaveProperty("message", expect.not.stringContaining("\u001B"));
    expect(JSON.stringify(long).length).toBeLessThan(1_000);
  });

  it("tells where arguments are no JSON", () => {
    const resolved = resolveCall({ id: "1", tool: "size", input: null, invalid: '{"value": "a' }, [size]);
    expect(resolved).toMatchObject({
      tag: "problem",
      code: "TOOL_ARGUMENTS",
      problems: [{ code: "JSON_SYNTAX", path: "input.value" }],
    });
  });

  it("asks a schema that takes its time only for what can be said at once", () => {
    const written = fromJsonSchema<Json>({ type: "object", properties: { a: { type: "string" } } });
    const validate = async (): Promise<never> => await Promise.reject(new Error("no"));
    const slow = query("slow", { "~standard": { ...written["~standard"], validate } });
    expect(resolveCall({ id: "1", tool: "slow", input: { a: "x" } }, [slow])).toMatchObject({ tag: "call" });
    expect(resolveCall({ id: "1", tool: "slow", input: { a: 7 } }, [slow])).toMatchObject({ tag: "problem" });
  });
});

describe("capResult", () => {
  it("leaves what fits as it is", () => {
    const output = { a: "ü" };
    expect(capResult(output, Buffer.byteLength(JSON.stringify(output)))).toBe(output);
  });

  it("gives the head of what doesn't, its size and its hash", () => {
    const output = { b: "x".repeat(5_000), a: 1 };
    const capped = capResult(output, 1_000);
    const hash = sha256(canonicalJson(output));
    expect(capped).toEqual({
      head: expect.stringMatching(/^\{"b":"xxx/u),
      note: expect.stringContaining(`5014 bytes in all, SHA-256 ${hash}`),
    });
    expect(Buffer.byteLength(JSON.stringify(capped))).toBe(1_000);
  });

  it("cuts pairs of surrogates nowhere", () => {
    for (let most = 250; most < 270; most++)
      expect(JSON.stringify(capResult("😀".repeat(100), most))).toMatch(/^\{"head":"(?:😀)+","note"/u);
  });

  it("never takes more than it may, nor cuts a character in two", () => {
    const output = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 300 }),
      fc.array(fc.string({ unit: "binary" }), { minLength: 100 }),
    );
    const check = fc.property(output, fc.integer({ min: 250, max: 600 }), (value, most) => {
      const capped = capResult(value, most);
      expect(Buffer.byteLength(JSON.stringify(capped))).toBeLessThanOrEqual(most);
      const text = typeof value === "string" ? value : JSON.stringify(value);
      const head = isJsonObject(capped) && typeof capped["head"] === "string" ? capped["head"] : text;
      expect(text.startsWith(head)).toBe(true);
      expect(head.isWellFormed()).toBe(text.isWellFormed() || head.isWellFormed());
    });
    fc.assert(check, { numRuns: 200 });
  });
});
