import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../base/index.ts";
import { fillJson, fillText, findPlaceholderProblems } from "./placeholders.ts";

const name = fc.stringMatching(/^[A-Za-z_][\w-]{0,8}$/u).filter((text) => text !== "__proto__");
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const path = fc.array(fc.oneof(name, fc.nat({ max: 3 }).map(String)), { maxLength: 4 });

/** Puts a value at the end of a path of objects and lists. */
function nest(steps: readonly string[], value: Json): Json {
  return steps.reduceRight<Json>((inner, step) => {
    if (!/^\d+$/u.test(step)) return { [step]: inner };
    return Array.from({ length: Number(step) + 1 }, (_, index) => (index === Number(step) ? inner : null));
  }, value);
}

describe("a placeholder", () => {
  it("that is all of a string becomes the value, whatever it is", () => {
    const check = fc.property(path, fc.jsonValue({ maxDepth: 2 }), (steps, value) => {
      const filled = fillJson([`\${${["output", ...steps].join(".")}}`], { output: nest(steps, toJson(value)) });
      expect(filled).toEqual([toJson(value)]);
    });
    fc.assert(check);
  });

  it("inside text becomes text, and brings no placeholder of its own to life", () => {
    const check = fc.property(path, leaf, fc.string(), (steps, value, around) => {
      const plain = around.replaceAll("$", "");
      const filled = fillText(`${plain}\${ ${["input", ...steps].join(".")} }${plain}`, {
        input: nest(steps, value),
        secret: "x",
      });
      expect(filled).toBe(`${plain}${String(value)}${plain}`);
    });
    fc.assert(check);
    expect(fillText("${input}", { input: "${secret} $& $1", secret: "x" })).toBe("${secret} $& $1");
  });

  it("is a plain path, else it is a problem", () => {
    const good = ["${output}", "${output.a.0.b-c}", "a ${ input.x } b ${output.y}", "no", "$x", "{}", "$ {output}"];
    for (const text of good) expect(findPlaceholderProblems([{ text }], "p", ["input", "output"])).toEqual([]);
    const bad = [
      "${}",
      "${key}",
      "${output[0]}",
      "${output.}",
      "${.a}",
      "${output.a + 1}",
      "${nodes.a.output}",
      "${output",
      "${output.a} ${",
    ];
    for (const text of bad) {
      expect(findPlaceholderProblems([{ text }], "p", ["input", "output"])).toMatchObject([
        { code: "TOOL_PLACEHOLDER", path: "p.0.text" },
      ]);
    }
  });

  it("reads own values only", () => {
    for (const text of [
      "${output.toString}",
      "${output.__proto__}",
      "${output.list.length}",
      "${output.list.-1}",
      "${output.text.0}",
    ]) {
      expect(() => fillJson(text, { output: { list: [1], text: "abc" } })).toThrow(/there is no/u);
    }
  });
});

const toJson = (value: unknown): Json => {
  const copy: Json = JSON.parse(JSON.stringify(value));
  return copy;
};
