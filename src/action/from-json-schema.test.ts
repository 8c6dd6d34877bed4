import { describe, expect, it, vi } from "vitest";
import * as base from "../base/index.ts";
import type { Json, JsonSchema, SchemaResult } from "../base/index.ts";
import { fromJsonSchema } from "./from-json-schema.ts";
import { toJsonSchema } from "./to-json-schema.ts";
import { validateValue } from "./validate-value.ts";

const order: JsonSchema = {
  type: "object",
  properties: { id: { type: "string", minLength: 1 }, lines: { type: "array", items: { $ref: "#/$defs/line" } } },
  required: ["id"],
  additionalProperties: false,
  $defs: { line: { type: "object", properties: { "a/b~c": { type: "integer" } }, required: ["a/b~c"] } },
};

function validate(schema: JsonSchema, value: unknown): SchemaResult<Json> {
  const result = validateValue(fromJsonSchema<Json>(schema), value);
  if (result instanceof Promise) throw new Error("expected an answer at once");
  return result;
}

const paths = (result: SchemaResult<Json>): unknown => result.issues?.map(({ path }) => path);
const withCode = (code: string): unknown => expect.objectContaining({ code, failure: "input" });

describe("fromJsonSchema", () => {
  it("lets through what fits, as it is", () => {
    const value = { id: "1", lines: [{ "a/b~c": 1 }] };
    expect(validate(order, value)).toEqual({ value });
    expect(validate(true, 5)).toEqual({ value: 5 });
  });

  it("names every place that doesn't fit, and only those", () => {
    const result = validate(order, { id: "", lines: [{ "a/b~c": 1 }, { "a/b~c": "x" }], more: 1 });
    expect(paths(result)).toEqual(expect.arrayContaining([["id"], ["lines", 1, "a/b~c"], ["more"]]));
    expect(paths(result)).not.toContainEqual([]);
    expect(validate(false, 1).issues).toHaveLength(1);
    expect(paths(validate({ oneOf: [{ type: "string" }, { type: "null" }] }, 1))).toContainEqual([]);
  });

  it("shows its schema, also where it is true or false", () => {
    expect(fromJsonSchema(order).schema).toBe(order);
    expect(toJsonSchema(fromJsonSchema(order), "input", "input")).toEqual(order);
    expect(toJsonSchema(fromJsonSchema(true), "input", "input")).toEqual({});
    expect(toJsonSchema(fromJsonSchema(false), "output", "output")).toEqual({ not: {} });
  });

  it("leaves the caller's schema as it was", () => {
    const schema = Object.freeze({
      type: "object",
      properties: Object.freeze({ a: Object.freeze({ type: "string" }) }),
    });
    expect(paths(validate(schema, { a: 1 }))).toEqual([["a"]]);
  });

  it("loads the validator with the first validation, not before", () => {
    const load = vi.spyOn(base, "loadPackage");
    const schema = fromJsonSchema<Json>({ type: "string" });
    expect(load).not.toHaveBeenCalled();
    void schema["~standard"].validate("a");
    void schema["~standard"].validate("b");
    expect(load).toHaveBeenCalledTimes(1);
  });

  it.each<[string, JsonSchema]>([
    ["SCHEMA_PATTERN", { pattern: "(a+)+" }],
    ["SCHEMA_UNUSABLE", { properties: { a: { $ref: "https://example.com/a" } } }],
  ])("refuses at once with %s: %j", (code, schema) => {
    expect(() => fromJsonSchema(schema)).toThrow(withCode(code));
  });

  it.each<[JsonSchema]>([[{ $ref: "#/$defs/none" }], [{ $ref: "#" }]])("refuses with the first value: %j", (schema) => {
    expect(() => validate(schema, 1)).toThrow(withCode("SCHEMA_UNUSABLE"));
  });
});
