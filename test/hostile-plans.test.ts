/**
 * What strangers may send as a plan: whatever comes, the answer is a plan or an InputError that says what is wrong.
 * PAWL_FUZZ sets how many inputs are tried (default 2,000).
 */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNLABELLED } from "../src/action/index.ts";
import { InputError, parseStrictJson, type Problem } from "../src/base/index.ts";
import { parsePlanText } from "../src/executor/plan-file.ts";
import { checkPlan, compilePlan, parsePlan, toMermaid, toTable, type Nature } from "../src/plan/index.ts";

const RUNS = Number(process.env["PAWL_FUZZ"] ?? 2000);

const nature: Nature = {
  kind: "effect",
  repeat: "safe",
  undo: "not-needed",
  undoesUnknown: false,
  hasCheck: false,
  hasIdentity: false,
  limits: {},
  resources: [],
  counters: {},
  ...UNLABELLED,
  action: "x",
  version: "1",
};

const good = JSON.stringify({
  name: "order",
  input: { type: "object", properties: { id: { type: "string" } } },
  nodes: {
    reserve: {
      uses: "process",
      with: { command: ["./reserve", "${input.id}"] },
      effect: { repeat: "keyed", undo: { command: ["./release"] } },
      retry: { attempts: 3, on: ["transient"] },
      onFailure: "skip",
    },
    charge: {
      uses: "shop.charge",
      with: { cents: "${nodes.reserve.output.cents}", note: "for ${input.id}" },
      when: "nodes.reserve.output.cents > 0 && size(input.id) < 10",
      resources: ["db", { name: "gpu", units: 2 }],
      onFailure: { fallback: { uses: "http", with: { url: "https://a.b/" } } },
    },
    ask: { uses: "ask", with: { show: 1 }, after: ["charge", { node: "reserve", on: "failed" }] },
    ship: {
      uses: "plan",
      with: { plan: "ship", input: "${nodes.charge.output}" },
      optional: ["charge"],
      join: "any",
      after: ["ask"],
    },
  },
  output: { tracking: "${nodes.ship.output.tracking}" },
  budget: { attempts: 50, counters: { tokens: 5 } },
  plans: { ship: { nodes: { wait: { uses: "wait", with: { ms: 5 } } } } },
});

/** What a terminal could obey, or a reader be fooled by. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}]/u;
const LONGEST = 1500;

/** Takes a plan all the way; gives the error that stopped it, or undefined. */
function take(read: () => ReturnType<typeof parsePlan>): unknown {
  try {
    const graph = read();
    const { errors } = checkPlan(graph, (name) => (name === "x" ? { ok: true } : { ok: false, suggestion: "x" }));
    const [fault] = errors.flatMap(faultsOf);
    if (fault !== undefined) return fault;
    if (UNSAFE.test(`${toMermaid(graph)}${toTable(graph)}`.replaceAll("\n", "")))
      return "a drawing with unsafe characters";
    compilePlan(graph, () => nature);
    return undefined;
  } catch (error) {
    return error;
  }
}

function faultsOf({ path, expected, got, fix }: Problem): string[] {
  const words = [expected, got, fix];
  if (words.some((text) => text === "")) return [`a problem without words at ${path}`];
  if ([path, ...words].some((text) => text.length > LONGEST))
    return [`a problem of endless words at ${path.slice(0, 100)}`];
  return UNSAFE.test(path + got) ? [`unsafe characters in ${JSON.stringify(path + got)}`] : [];
}

/** What is wrong with the way a plan was refused: it must be an InputError that says what is wrong, and where. */
function dishonesty(error: unknown): unknown {
  if (error === undefined) return undefined;
  if (!(error instanceof InputError)) return error;
  if (error.problems.length === 0) return `an error without problems: ${error.message}`;
  return error.problems.flatMap(faultsOf)[0];
}

/** The same for the text of a plan. */
function refusal(text: string): unknown {
  return take(() => parsePlan(parseStrictJson(text)));
}

const oddNames = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "",
  "a b",
  "Charge",
  "сharge",
  "a".repeat(70),
  "\u001b[31m",
  "\u202e",
  "\ud800",
];
const fields = [
  "uses",
  "with",
  "after",
  "when",
  "optional",
  "join",
  "onFailure",
  "retry",
  "resources",
  "effect",
  "plan",
  "command",
  "ms",
  "node",
  "on",
  "any",
  "attempts",
  "fallback",
  "name",
  "nodes",
  "plans",
  "budget",
  "input",
  "output",
];
const expressions = [
  "${",
  "${nodes",
  "${nodes.}",
  "${}",
  "$${x}",
  "${1/0}",
  "${nodes.a.output[",
  "${input" + ".a".repeat(2000) + "}",
  "${" + "(".repeat(500) + "}",
  "nodes.ship.output",
  "'" + "x".repeat(5000),
  "${nodes.constructor.output}",
  "${[1].map(x, x)}",
  "${input.matches('(a+)+$')}",
  "${\u0000}",
];

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { maxDepth: 3 },
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, Number.NaN, 2 ** 53, "", "x", [], {}, undefined),
  fc.constantFrom(...expressions, ...oddNames),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.json().map((text): unknown => JSON.parse(text)),
  fc.dictionary(
    fc.constantFrom(...fields, ...oddNames),
    fc.constantFrom<unknown>("x", 3, null, ["charge"], {}, { uses: "x" }),
    { maxKeys: 4 },
  ),
);

/** Places inside a value, by the keys that lead there. */
function placesIn(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner).map((place) => [key, ...place]))];
}

function replaceAt(value: unknown, place: readonly string[], made: unknown): unknown {
  const [key, ...rest] = place;
  if (key === undefined) return made;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === key ? replaceAt(item, rest, made) : item));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, name === key ? replaceAt(inner, rest, made) : inner]),
  );
}

function renameAt(value: unknown, place: readonly string[], name: string): unknown {
  const key = place.at(-1);
  if (key === undefined || value === undefined) return value;
  return JSON.parse(JSON.stringify(value).replace(`${JSON.stringify(key)}:`, `${JSON.stringify(name)}:`));
}

const model: unknown = JSON.parse(good);
const places = placesIn(model);

describe("hostile plans", { timeout: 60_000 + 20 * RUNS }, () => {
  it("start from a good one", () => {
    const graph = parsePlan(parseStrictJson(good));
    expect(checkPlan(graph, () => ({ ok: true })).errors).toEqual([]);
    expect(compilePlan(graph, () => nature).nodes).toHaveLength(4);
  });

  it("are refused with all that is wrong when values and names are swapped", () => {
    const edit = fc.record({
      place: fc.constantFrom(...places),
      value: oddValue,
      name: fc.constantFrom(...oddNames, ...fields),
      isRename: fc.boolean(),
    });
    const check = fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      let plan = model;
      for (const { place, value, name, isRename } of edits)
        plan = isRename ? renameAt(plan, place, name) : replaceAt(plan, place, value);
      expect(dishonesty(take(() => parsePlan(plan)))).toBeUndefined();
    });
    fc.assert(check, { numRuns: RUNS });
  });

  it("are refused when bytes of their text change", () => {
    const bytes = Buffer.from(good);
    const change = fc.record({
      at: fc.nat(bytes.length - 1),
      byte: fc.nat(255),
      kind: fc.constantFrom("set", "insert", "delete", "copy", "cut"),
    });
    const check = fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (edits) => {
      let text = bytes;
      for (const { at, byte, kind } of edits) {
        const tail =
          { set: at + 1, insert: at, delete: at + 1, copy: Math.max(at - byte, 0), cut: at + byte }[kind] ?? at;
        const middle = kind === "set" || kind === "insert" ? Buffer.of(byte) : Buffer.alloc(0);
        text = Buffer.concat([text.subarray(0, at), middle, text.subarray(tail)]);
      }
      expect(dishonesty(refusal(text.toString("utf8")))).toBeUndefined();
    });
    fc.assert(check, { numRuns: RUNS });
  });

  it("are refused when they are anything at all", () => {
    const check = fc.property(
      fc.oneof(fc.anything({ withDate: true, withMap: true, withBigInt: true, withNullPrototype: true }), oddValue),
      (value) => {
        expect(dishonesty(take(() => parsePlan(value)))).toBeUndefined();
        expect(dishonesty(take(() => parsePlan({ name: "p", nodes: value })))).toBeUndefined();
        expect(dishonesty(take(() => parsePlan({ name: "p", nodes: { a: value } })))).toBeUndefined();
        const node = { uses: "x", with: value, when: value, after: value };
        expect(dishonesty(take(() => parsePlan({ name: "p", nodes: { a: node } })))).toBeUndefined();
      },
    );
    fc.assert(check, { numRuns: Math.ceil(RUNS / 4) });
  });

  it("are refused for bad expressions, wherever they stand", () => {
    const text = fc.oneof(
      fc.constantFrom(...expressions),
      fc.string({ unit: "binary" }).map((inner) => `\${${inner}}`),
      fc.string().map((inner) => `a\${nodes.${inner}`),
    );
    const check = fc.property(text, text, (first, second) => {
      const node = {
        uses: "x",
        with: { [second]: first },
        when: second,
        onFailure: { fallback: { uses: "x", with: [second] } },
      };
      const nodes = { charge: node, a: { uses: "x", after: ["charge"] } };
      expect(dishonesty(take(() => parsePlan({ name: "p", nodes, output: first })))).toBeUndefined();
    });
    fc.assert(check, { numRuns: RUNS });
  });

  it("of a million characters or nodes in a circle are refused in words that fit a screen", () => {
    const long = "x".repeat(1_000_000);
    const circle = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [`n${i}`, { uses: "x", with: `\${nodes.n${(i + 1) % 5000}.output}` }]),
    );
    const texts = [
      `{"name":"p","nodes":{"${long}":{"uses":"x"}}}`,
      `{"name":"p","nodes":{"a":{"uses":"${long}"}}}`,
      `{"name":"p","nodes":{"a":{"uses":"x","when":"${long}"}}}`,
      `{"name":"p","nodes":{"a":{"uses":"x","with":"\${${long}}"}}}`,
      `{"name":"p","nodes":{"a":{"uses":"x","after":["${long}"]}}}`,
      `{"name":"p","nodes":{"a":{"uses":"x","with":${"[".repeat(100_000)}${"]".repeat(100_000)}}}}`,
      `{"name":"p","nodes":{"a":{"uses":"x"},"a":{"uses":"y"}}}`,
      `{"name":"p","nodes":{"__proto__":{"uses":"x"}}}`,
      JSON.stringify({ name: "p", nodes: circle }),
    ];
    for (const text of texts) {
      const error = refusal(text);
      expect(dishonesty(error)).toBeUndefined();
      expect(error).toBeInstanceOf(InputError);
      expect(String(error).length).toBeLessThan(2000);
    }
  });
});

describe("hostile YAML", { timeout: 60_000 + 20 * RUNS }, () => {
  const bomb = [
    "a0: &a0 [x, x, x, x, x, x, x, x, x, x]",
    ...Array.from(
      { length: 12 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 10 }, () => `*a${i}`).join(", ")}]`,
    ),
  ].join("\n");

  it.each([
    ["a bomb of aliases", `name: p\nnodes: {}\n${bomb}\n`],
    ["a document that holds itself", "name: p\nnodes: &n { a: *n }\n"],
    ["duplicate keys", "name: p\nnodes: { a: { uses: x }, a: { uses: y } }\n"],
    ["a tag of code", "name: p\nnodes: !!js/function 'function(){}'\n"],
    ["several documents", "name: p\nnodes: {}\n---\nname: q\n"],
    ["a key that reaches the prototype", "name: p\nnodes: { __proto__: { uses: x } }\n"],
    ["a key that is no text", "name: p\nnodes: { ? [a] : { uses: x } }\n"],
  ])("is refused: %s", async (_, text) => {
    await expect(parsePlanText(text, "plan.yaml")).rejects.toBeInstanceOf(InputError);
  });

  it("is a plan or an InputError, whatever bytes change", async () => {
    const text =
      'name: order\nnodes:\n  a: { uses: x, with: { v: "${input.v}" } }\n  b:\n    uses: x\n    after: [a]\n    retry: &r { attempts: 3 }\n  c: { uses: x, retry: *r }\noutput: "${nodes.a.output}"\n';
    const change = fc.record({
      at: fc.nat(text.length),
      to: fc.oneof(
        fc.constantFrom(
          "&a ",
          "*r",
          "!!",
          "? ",
          "- ",
          "\t",
          "\n",
          "{",
          "}",
          ": ",
          "<<: ",
          "|",
          ">",
          "'",
          '"',
          "%",
          "@",
          "`",
        ),
        fc.string({ maxLength: 3 }),
      ),
      length: fc.nat(4),
    });
    const check = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (edits) => {
      let changed = text;
      for (const { at, to, length } of edits) changed = changed.slice(0, at) + to + changed.slice(at + length);
      const graph = await parsePlanText(changed, "plan.yaml").catch((error: unknown) => error);
      expect(graph instanceof InputError || (typeof graph === "object" && graph !== null && "nodes" in graph)).toBe(
        true,
      );
    });
    await fc.assert(check, { numRuns: Math.ceil(RUNS / 4) });
  });
});
