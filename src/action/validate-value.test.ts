import { describe, expect, it } from "vitest";
import { z } from "zod";
import { InputError, type StandardSchema } from "../base/index.ts";
import { toProblems, validateValue } from "./validate-value.ts";

function throwing(error: unknown): StandardSchema {
  const validate = (): never => {
    throw error;
  };
  return { "~standard": { version: 1, vendor: "test", validate } };
}

describe("validateValue", () => {
  it("gives what the schema makes of the value", async () => {
    expect(validateValue(z.string().transform(Number), "5")).toEqual({ value: 5 });
    expect(
      await validateValue(
        z.string().refine(async () => true),
        "5",
      ),
    ).toEqual({ value: "5" });
  });

  it("gives the complaints, at once or later", async () => {
    expect(validateValue(z.string(), 5)).toMatchObject({ issues: [{ path: [] }] });
    expect(
      await validateValue(
        z.string().refine(async () => false),
        "5",
      ),
    ).toHaveProperty("issues.length", 1);
  });

  it("takes a throw of the schema for a complaint, at once or later", async () => {
    const issues = [{ message: "The schema failed: no" }];
    expect(validateValue(throwing(new Error("no")), 5)).toEqual({ issues });
    const validate = (): Promise<never> => Promise.reject(new Error("no"));
    const late: StandardSchema = { "~standard": { version: 1, vendor: "test", validate } };
    expect(await validateValue(late, "5")).toEqual({ issues });
  });

  it("lets errors of this package through", () => {
    expect(() => validateValue(throwing(new InputError("SCHEMA_UNUSABLE", "no")), 5)).toThrow(InputError);
  });
});

describe("toProblems", () => {
  it("names places under the base, keys and indexes", () => {
    const issues = [
      { message: "one", path: ["lines", 0, { key: "a b" }] },
      { message: "two" },
      { message: "three", path: [Symbol.for("s"), "x"] },
    ];
    expect(toProblems(issues, "input").map(({ path, got }) => [path, got])).toEqual([
      ['input.lines[0]["a b"]', "one"],
      ["input", "two"],
      ['input["Symbol(s)"].x', "three"],
    ]);
    expect(toProblems([{ message: "m", path: ["a"] }], "", "CODE")).toMatchObject([{ path: "a", code: "CODE" }]);
  });
});
