import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { StandardSchema } from "../base/index.ts";
import { toJsonSchema } from "./to-json-schema.ts";

const withCode = (code: string): unknown => expect.objectContaining({ code, failure: "input" });

describe("toJsonSchema", () => {
  it("writes what goes in or comes out, without the dialect", () => {
    const schema = z.object({ n: z.string().transform(Number).pipe(z.number()), d: z.boolean().default(true) });
    expect(toJsonSchema(schema, "input", "input")).toEqual({
      type: "object",
      properties: { n: { type: "string" }, d: { type: "boolean", default: true } },
      required: ["n"],
    });
    expect(toJsonSchema(schema, "output", "output")).toMatchObject({ properties: { n: { type: "number" } } });
  });

  it("gives nothing for a schema that can't write itself", () => {
    const schema: StandardSchema = { "~standard": { version: 1, vendor: "test", validate: () => ({ value: 1 }) } };
    expect(toJsonSchema(schema, "input", "input")).toBeUndefined();
  });

  it("takes a library's own pattern off where the format says the same", () => {
    const schema = z.object({ mail: z.email(), id: z.uuid(), pattern: z.string(), code: z.string().regex(/^[A-Z]+$/) });
    expect(toJsonSchema(schema, "input", "input")).toHaveProperty("properties", {
      mail: { type: "string", format: "email" },
      id: { type: "string", format: "uuid" },
      pattern: { type: "string" },
      code: { type: "string", pattern: "^[A-Z]+$" },
    });
  });

  it("keeps fields of those names", () => {
    const schema = z.object({ format: z.string(), pattern: z.string() });
    expect(toJsonSchema(schema, "input", "input")).toHaveProperty("properties.pattern", { type: "string" });
    const data = z.literal("x").meta({ examples: [{ format: "a", pattern: "b" }] });
    expect(toJsonSchema(data, "input", "input")).toHaveProperty("examples", [{ format: "a", pattern: "b" }]);
  });

  it("refuses what JSON doesn't have, and patterns that can hang", () => {
    expect(() => toJsonSchema(z.date(), "input", "nodes.a.answer")).toThrow(withCode("SCHEMA_NOT_JSON"));
    expect(() => toJsonSchema(z.date(), "input", "nodes.a.answer")).toThrow(/^nodes\.a\.answer: /);
    expect(() => toJsonSchema(z.string().regex(/(a+)+/), "input", "input")).toThrow(withCode("SCHEMA_PATTERN"));
  });
});
