import { describe, expect, it } from "vitest";
import { compileTemplate } from "./template.ts";

describe("a literal ${ in a template", () => {
  it.each([
    [{ a: "$${x}" }, { a: "${x}" }],
    [
      ["$${x}", 1],
      ["${x}", 1],
    ],
    [
      { a: [{ b: "cost: $${1}" }], c: true },
      { a: [{ b: "cost: ${1}" }], c: true },
    ],
    ["$${x}", "${x}"],
  ])("%j gives %j, also where nothing else is an expression", (template, value) => {
    const result = compileTemplate(template, "with");
    if (result.tag !== "compiled") throw new Error("refused");
    expect(result.compiled.evaluate({ input: null, node: () => undefined })).toEqual(value);
  });
});
