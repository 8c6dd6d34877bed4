import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError, parseStrictJson } from "./index.ts";

function problemOf(text: string, options = {}): { code: string; path: string; got: string } {
  try {
    parseStrictJson(text, options);
  } catch (error) {
    if (error instanceof InputError && error.problems[0] !== undefined) return error.problems[0];
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 80)}`);
}

/** The code it is refused with, or "none". */
function codeOf(text: string): string {
  try {
    parseStrictJson(text);
    return "none";
  } catch (error) {
    if (error instanceof InputError) return error.code;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("parseStrictJson", () => {
  it.each([
    ['{"a":1,"a":2}', "JSON_DUPLICATE_KEY", "a", "1:8"],
    ['{"a":[0,{"b":1,"\\u0062":2}]}', "JSON_DUPLICATE_KEY", "a[1].b", "1:16"],
    ['{"a":{"b":1},"c":{"b":1},\n"x y":{"":1,"":2}}', "JSON_DUPLICATE_KEY", '["x y"][""]', "2:13"],
    ['{"a":[1,{"__proto__":1}]}', "JSON_FORBIDDEN_KEY", "a[1].__proto__", "1:10"],
    ['{"constructor":1}', "JSON_FORBIDDEN_KEY", "constructor", "1:2"],
    ['{"prototype":1}', "JSON_FORBIDDEN_KEY", "prototype", "1:2"],
    ['{"a":1e400}', "JSON_UNSAFE_NUMBER", "a", "1:6"],
    ["[9007199254740993]", "JSON_UNSAFE_NUMBER", "[0]", "1:2"],
    ["-9007199254740992", "JSON_UNSAFE_NUMBER", "", "1:1"],
    ['{"a"\n 1}', "JSON_SYNTAX", "a", "2:2"],
    ["[1,2", "JSON_SYNTAX", "[1]", "1:5"],
    ["[1,]", "JSON_SYNTAX", "[1]", "1:4"],
    ['"a\nb"', "JSON_SYNTAX", "", "1:3"],
    ['"\\x"', "JSON_SYNTAX", "", "1:2"],
    ['"open', "JSON_SYNTAX", "", "1:1"],
    ["tru", "JSON_SYNTAX", "", "1:1"],
    ["01", "JSON_SYNTAX", "", "1:2"],
    ["", "JSON_SYNTAX", "", "1:1"],
    ["[1] x", "JSON_SYNTAX", "", "1:5"],
    ['{"a":1,}', "JSON_SYNTAX", "a", "1:8"],
  ])("refuses %j with %s at %s", (...[text, code, path, place]) => {
    const problem = problemOf(text);
    expect(problem).toMatchObject({ code, path });
    expect(problem.got).toContain(`(${place})`);
  });

  it("accepts what is at the limit", () => {
    expect(parseStrictJson("[9007199254740991, -9007199254740991, 1e15]")).toEqual([2 ** 53 - 1, 1 - 2 ** 53, 1e15]);
    expect(parseStrictJson(`${"[".repeat(64)}${"]".repeat(64)}`)).toHaveLength(1);
    expect(parseStrictJson('{"a":{"a":"a:\\":{["},"proto":1}')).toEqual({ a: { a: 'a:":{[' }, proto: 1 });
    expect(parseStrictJson('"\\ud800"')).toBe("\ud800");
    expect(parseStrictJson('"äß"', { maxBytes: 6 })).toBe("äß");
  });

  it("refuses what is too deep or too large, without recursion", () => {
    expect(problemOf("[".repeat(65) + "]".repeat(65)).code).toBe("JSON_TOO_DEEP");
    expect(problemOf("[".repeat(1_000_000)).code).toBe("JSON_TOO_DEEP");
    expect(problemOf('{"a":'.repeat(1_000_000)).code).toBe("JSON_TOO_DEEP");
    expect(problemOf("[[1]]", { maxDepth: 1 }).code).toBe("JSON_TOO_DEEP");
    expect(problemOf('"äß"', { maxBytes: 5 })).toMatchObject({ code: "JSON_TOO_LARGE", got: "6 bytes" });
    expect(problemOf("1234", { maxBytes: 3 }).code).toBe("JSON_TOO_LARGE");
  });

  it("gives what JSON.parse gives, when it gives anything", () => {
    const text = fc.oneof(
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify(value, null, 1)),
    );
    const check = fc.property(text, (given) => {
      const code = codeOf(given);
      // Generated texts write no key twice: only numbers and odd keys can be refused.
      expect(code).toMatch(/^none$|UNSAFE_NUMBER|FORBIDDEN_KEY/);
      fc.pre(code === "none");
      expect(parseStrictJson(given)).toEqual(JSON.parse(given));
    });
    fc.assert(check, { numRuns: 500 });
  });

  it("throws InputError, and agrees with JSON.parse about syntax, for any text", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      '"a"',
      "1",
      "-",
      "e5",
      "true",
      "null",
      " ",
      "\\",
      "\n",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    const check = fc.property(text, (given) => {
      // A fault of another kind may come before the one in the syntax.
      expect(codeOf(given)).toMatch(isJson(given) ? /^(none|JSON_(?!SYNTAX).*)$/ : /^JSON_/);
    });
    fc.assert(check, { numRuns: 3_000 });
  });

  it("finds one duplicate key among many", () => {
    const check = fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), fc.nat(), (keys, pick) => {
      const again = keys[pick % keys.length] ?? "";
      const members = [...keys, again].map((key) => `${JSON.stringify(key)}:{"v":"::"}`);
      expect(problemOf(`[{${members.join(",")}}]`).code).toMatch(/DUPLICATE_KEY|FORBIDDEN_KEY/);
    });
    fc.assert(check);
  });

  it("takes at most four times the processor time of JSON.parse", () => {
    const members = Array.from({ length: 100_000 }, (_, index) => `"key${index}":"${"y".repeat(90)}"`);
    const text = `{${members.join(",")}}`;
    const cost = (work: () => unknown): number => {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const best = (work: () => unknown): number => Math.min(...Array.from({ length: 7 }, () => cost(work)));
    expect(best(() => parseStrictJson(text)) / best(() => JSON.parse(text))).toBeLessThan(4);
  });
});
