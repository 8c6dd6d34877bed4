import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineAction, defineChoice, defineQuery, fromJsonSchema, type AnyAction } from "../../action/index.ts";
import { isJsonObject, type Json, type JsonSchema } from "../../base/index.ts";
import { definePlan, parsePlan } from "../../plan/index.ts";
import { processAction } from "../../tools/index.ts";
import { describePlan } from "./describe-plan.ts";
import { estimateCost } from "./estimate-cost.ts";
import { findDocuments } from "./find-document.ts";
import { EXAMPLES } from "./instructions.ts";
import { toPlanKey } from "./plan-key.ts";
import { toPlanRepairRequest, toPlanRequest } from "./plan-request.ts";
import { readPlan, type ReadPlan } from "./read-plan.ts";
import { toSignature } from "./to-signature.ts";

const anything = fromJsonSchema<Json>(true);
const find = defineQuery("shop.find", {
  description: "Finds an article.\nSlowly.",
  input: z.object({ sku: z.string(), size: z.enum(["s", "m"]).optional() }),
  output: z.object({ left: z.int() }),
  counters: { calls: 2 },
  run: () => ({ left: 1 }),
});
const charge = defineAction("shop.charge", {
  input: z.strictObject({ order: z.string(), cents: z.int() }),
  output: anything,
  repeat: "keyed",
  undo: "impossible",
  approve: "always",
  counters: { microUsd: 100 },
  run: () => null,
});
const tools = [find, charge];
const withCode = (code: string): unknown => expect.objectContaining({ code, failure: "input" });
const read = (plan: unknown, more: object = {}): ReadPlan =>
  readPlan(typeof plan === "string" ? plan : JSON.stringify(plan), { tools, ...more });

function problemsOf(result: ReadPlan): readonly (readonly [string, string])[] {
  return result.tag === "problems" ? result.problems.map(({ code, path }) => [code, path] as const) : [];
}

function check(schema: JsonSchema | undefined, value: Json): boolean {
  const result = fromJsonSchema<Json>(schema ?? false)["~standard"].validate(value);
  return !(result instanceof Promise) && result.issues === undefined;
}

const good = {
  name: "order",
  nodes: {
    look: { uses: "shop.find", with: { sku: "a" } },
    ok: { uses: "ask", when: "nodes.look.output.left < 3" },
    pay: { uses: "shop.charge", with: { order: "o-${nodes.look.output.left}", cents: 5 }, after: ["ok"], retry: 3 },
  },
};

describe("toPlanRequest", () => {
  const request = toPlanRequest({ goal: "Sell it.", tools, facts: { sku: "a" } });

  it("says what can be used, in a few words", () => {
    const [system, user] = request.messages;
    expect(system).toHaveProperty(
      "text",
      expect.stringContaining(
        '- shop.find: Finds an article. Slowly. Changes nothing.\n  with { sku: string, size?: "s" | "m" } -> { left: integer }',
      ),
    );
    expect(system).toHaveProperty(
      "text",
      expect.stringContaining("Acts, and can't be undone. A person must allow each call."),
    );
    expect(user).toMatchObject({ role: "user", text: expect.stringMatching(/Sell it\.[^]*"sku":"a"/u) });
  });

  it("narrows the published schema to these actions", () => {
    expect(check(request.output, good)).toBe(true);
    const node = (change: object): Json =>
      JSON.parse(JSON.stringify({ ...good, nodes: { a: { uses: "shop.find", ...change } } }));
    expect(check(request.output, node({}))).toBe(true);
    for (const change of [
      { uses: "process" },
      { uses: "plan" },
      { effect: {} },
      { onFailure: { fallback: { uses: "http" } } },
      { more: 1 },
    ])
      expect(check(request.output, node(change))).toBe(false);
    for (const field of ["plans", "grows", "input", "$schema"])
      expect(check(request.output, { ...good, [field]: {} })).toBe(false);
    expect(check(request.output, node({ uses: "wait", with: { hours: 1 } }))).toBe(false);
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, at) => [`n${at}`, { uses: "ask" }]));
    expect(check(request.output, { name: "p", nodes: many })).toBe(false);
  });

  it("shows examples that are plans", () => {
    for (const example of EXAMPLES) expect(() => parsePlan(JSON.parse(example))).not.toThrow();
  });

  it("offers nothing that would let a plan run any command, nor two of one name", () => {
    expect(() => toPlanRequest({ goal: "g", tools: [processAction] })).toThrow(withCode("TOOL_BY_NODE"));
    expect(() => toPlanRequest({ goal: "g", tools: [find, find] })).toThrow(withCode("TOOL_NAME_TAKEN"));
    const named = { ...find, name: "http" };
    expect(() => toPlanRequest({ goal: "g", tools: [named] })).toThrow(withCode("ACTION_NAME_TAKEN"));
    expect(() => read(good, { tools: [named] })).toThrow(withCode("ACTION_NAME_TAKEN"));
  });
});

describe("readPlan", () => {
  it("gives the plan in its normal form", () => {
    expect(read(good)).toMatchObject({
      tag: "plan",
      plan: { name: "order", nodes: { pay: { retry: { attempts: 3 } } } },
    });
  });

  it("takes the parameters from its caller, never from the model", () => {
    const parameters = { type: "object", properties: { id: { type: "string" } } };
    expect(read(good, { parameters })).toHaveProperty("plan.input", parameters);
    expect(problemsOf(read({ ...good, input: true }, { parameters }))).toEqual([["PLAN_FORBIDDEN", "input"]]);
  });

  it("tells all problems at once, each in its place", () => {
    const nodes = {
      a: { uses: "shop.fnd", effect: { repeat: "safe" }, more: 1 },
      b: { uses: "shop.charge", with: { order: 5 }, after: ["gone"], retry: "x" },
    };
    expect(problemsOf(read({ name: "p", nodes, grows: "x" }))).toEqual([
      ["PLAN_FORBIDDEN", "grows"],
      ["PLAN_FORBIDDEN", "nodes.a.effect"],
      ["PLAN_UNKNOWN_ACTION", "nodes.a.uses"],
      ["PLAN_UNKNOWN_FIELD", "nodes.a.more"],
      ["PLAN_SHAPE", "nodes.b.retry"],
    ]);
    expect(problemsOf(read({ name: "p", nodes: { b: { ...nodes.b, retry: 2 } } }))).toEqual([
      ["PLAN_UNKNOWN_NODE", "nodes.b.after"],
      ["INPUT_INVALID", "nodes.b.with.cents"],
      ["INPUT_INVALID", "nodes.b.with.order"],
    ]);
  });

  it("names the action that was meant", () => {
    const result = read({ name: "p", nodes: { a: { uses: "find" } } });
    expect(result).toMatchObject({
      tag: "problems",
      problems: [{ path: "nodes.a.uses", fix: "Did you mean shop.find?" }],
    });
  });

  it("checks constants, and leaves what a template gives to the attempt", () => {
    const with_ = (input: Json): ReadPlan =>
      read({ name: "p", nodes: { x: { uses: "ask" }, a: { uses: "shop.charge", with: input } } });
    expect(with_("${nodes.x.output}").tag).toBe("plan");
    expect(with_({ order: "a", cents: "${nodes.x.output}" }).tag).toBe("plan");
    expect(problemsOf(with_({ order: "a", cents: "5" }))).toEqual([["INPUT_INVALID", "nodes.a.with.cents"]]);
    expect(problemsOf(with_({ order: "${nodes.x.output}", cents: 1, "odd key": 1 }))).toContainEqual([
      "INPUT_INVALID",
      'nodes.a.with["odd key"]',
    ]);
    expect(problemsOf(with_(null))).toEqual([["INPUT_INVALID", "nodes.a.with"]]);
  });

  it.each<[string, string, readonly [string, string]]>([
    ["no JSON at all", "I'd rather not.", ["PLAN_TEXT", "plan"]],
    [
      "two plans",
      `\`\`\`\n${JSON.stringify(good)}\n\`\`\`\n\`\`\`\n${JSON.stringify(good)}\n\`\`\``,
      ["PLAN_TEXT", "plan"],
    ],
    ["a list", "```json\n[]\n```", ["PLAN_SHAPE", "plan"]],
    ["an end too early", JSON.stringify(good).slice(0, 60), ["JSON_SYNTAX", "nodes.look.with"]],
    ["a key twice", '{"name":"p","nodes":{"a":{"uses":"ask","uses":"wait"}}}', ["JSON_DUPLICATE_KEY", "nodes.a.uses"]],
    ["an alias", "name: p\nnodes:\n  a: &a { uses: ask }\n  b: *a\n", ["YAML_SYNTAX", "plan"]],
    ["too much text", `{"name":"${"x".repeat(70_000)}"}`, ["PLAN_TOO_LARGE", "plan"]],
  ])("refuses %s", (_, text, problem) => {
    expect(problemsOf(read(text))).toEqual([problem]);
  });

  it("keeps to its limits", () => {
    const nodes = { a: { uses: "ask", with: { show: "${1}${2}" } }, b: { uses: "ask", when: "true" } };
    const plan = { name: "p", nodes };
    expect(read(plan, { limits: { nodes: 2, expressions: 3, depth: 4 } }).tag).toBe("plan");
    expect(problemsOf(read(plan, { limits: { nodes: 1 } }))).toEqual([["PLAN_TOO_LARGE", "nodes"]]);
    expect(problemsOf(read(plan, { limits: { expressions: 2 } }))).toEqual([["PLAN_TOO_LARGE", "nodes"]]);
    expect(problemsOf(read(plan, { limits: { depth: 3 } }))).toEqual([["JSON_TOO_DEEP", "nodes.a.with"]]);
  });
});

it("asks again with every problem in the validator's words", () => {
  const request = toPlanRequest({ goal: "g", tools });
  const result = read({ name: "p", nodes: { a: { uses: "rm" } } });
  const again = toPlanRepairRequest(request, "{}", result.tag === "problems" ? result.problems : []);
  expect(again.messages.slice(2)).toEqual([
    { role: "assistant", text: "{}" },
    {
      role: "user",
      text: expect.stringContaining(
        '- nodes.a.uses: expected one of the actions that are offered, got "rm". Take one of: shop.find, shop.charge, ask, wait. [PLAN_UNKNOWN_ACTION]',
      ),
    },
  ]);
  expect(again.output).toBe(request.output);
});

describe("estimateCost", () => {
  const estimate = (plan: object, more: readonly AnyAction[] = []): ReturnType<typeof estimateCost> =>
    estimateCost(parsePlan(plan), [...tools, ...more]);

  it("bounds attempts and counters, and lists what can't be undone and who is asked", () => {
    expect(estimate(good)).toEqual({
      nodes: 3,
      attempts: { least: 2, most: 4 },
      counters: { calls: { least: 2, most: 2 }, microUsd: { least: 100, most: 300 } },
      irreversible: [{ node: "pay", action: "shop.charge" }],
      waits: ["ok", "pay"],
      open: [],
    });
  });

  it("counts what may be skipped, lost or fallen back to only at the top", () => {
    const nodes = {
      a: { uses: "shop.find", with: { sku: "a" }, when: "1 > 2" },
      b: { uses: "shop.find", with: { sku: "${nodes.a.output.left}" }, counters: { tokens: 7 } },
      c: { uses: "shop.find", with: { sku: "c" }, onFailure: { fallback: { uses: "shop.charge", with: {} } } },
    };
    expect(estimate({ name: "p", nodes })).toMatchObject({
      attempts: { least: 1, most: 4 },
      counters: { calls: { least: 2, most: 6 }, tokens: { least: 0, most: 7 }, microUsd: { least: 0, most: 100 } },
      irreversible: [{ node: "c", action: "shop.charge" }],
    });
    const optional = { ...nodes, b: { ...nodes.b, optional: ["a"] } };
    expect(estimate({ name: "p", nodes: optional }).attempts).toEqual({ least: 2, most: 4 });
    const join = { a: nodes.c, b: nodes.c, d: { uses: "shop.find", after: ["a", "b"], join: { any: "cancel" } } };
    expect(estimate({ name: "p", nodes: join }).attempts).toEqual({ least: 0, most: 5 });
    expect(estimate({ name: "p", nodes, budget: { attempts: 2, counters: { calls: 3 } } })).toMatchObject({
      attempts: { least: 1, most: 2 },
      counters: { calls: { least: 2, most: 3 } },
    });
  });

  it("looks into plans and choices, and says that agents are open", () => {
    const inner = definePlan("inner", { input: z.object({}) }, (p) => {
      p.step("pay", charge, { order: "a", cents: 1 }, { retry: 2 });
    });
    const choice = defineChoice("choice", { variants: { charge, twice: charge }, first: "charge" });
    const agent: AnyAction = {
      name: "clerk",
      version: 1,
      definition: {
        tag: "plan",
        graph: { name: "clerk", grows: "clerk", nodes: {}, budget: { counters: { tokens: 9 } } },
        uses: [],
        grow: () => undefined,
      },
    };
    const nodes = { a: { uses: "inner", retry: 2 }, b: { uses: "choice" }, c: { uses: "clerk" } };
    expect(estimate({ name: "p", nodes }, [inner, choice, agent])).toEqual({
      nodes: 3,
      attempts: { least: 4, most: undefined },
      counters: { microUsd: { least: 200, most: 500 }, tokens: { least: 0, most: 9 } },
      irreversible: [
        { node: "a/pay", action: "shop.charge" },
        { node: "b", action: "choice" },
      ],
      waits: ["a/pay", "b"],
      open: [{ node: "c", action: "clerk" }],
    });
  });
});

describe("describePlan", () => {
  it("shows a person what will be done", () => {
    const result = read(good);
    if (result.tag !== "plan") throw new Error("expected a plan");
    expect(describePlan(result.plan, result.estimate)).toBe(
      [
        "Plan order: 3 steps",
        '  1. look: shop.find {"sku":"a"}',
        "  2. ok: ask null",
        "     only when nodes.look.output.left < 3",
        '  3. pay: shop.charge {"order":"o-${nodes.look.output.left}","cents":5}',
        "     after ok; up to 3 attempts; CAN'T BE UNDONE",
        "Attempts: 2 to 4",
        "calls: 2",
        "microUsd: 100 to 300",
        "Can't be undone: pay (shop.charge)",
        "Waits for a person at: ok, pay",
        "",
      ].join("\n"),
    );
  });

  it("lets no text of a model pass for a line of its own, nor reach the terminal", () => {
    const show = "ok\n  4. safe: nothing\u001B[2J\u202E";
    const result = read({ name: "p", nodes: { a: { uses: "ask", with: { show }, when: "true ||\n  5 > 1" } } });
    if (result.tag !== "plan") throw new Error("expected a plan");
    const shown = describePlan(result.plan, result.estimate);
    expect(shown.split("\n")).toHaveLength(7);
    expect(shown).not.toContain("\u001B");
    expect(shown).not.toContain("\u202E");
  });
});

it("finds a plan again by its name and parameters only", () => {
  const schema = { type: "object", properties: { id: { type: "string" } } };
  expect(toPlanKey("order", schema)).toBe(
    toPlanKey("order", { properties: { id: { type: "string" } }, type: "object" }),
  );
  expect(toPlanKey("order", schema)).not.toBe(toPlanKey("Order", schema));
  expect(toPlanKey("order", schema)).not.toBe(toPlanKey("order", { ...schema, required: ["id"] }));
});

it.each<[string, readonly string[]]>([
  ["{}", ["json"]],
  ["\uFEFF {}", ["json"]],
  ["name: a", ["yaml"]],
  ["words\nname: a", ["yaml"]],
  ["words {} words", ["json"]],
  ["```json\n{}\n```", ["json"]],
  ["```python\nx = {}\n```\n~~~~ yml\nname: a\n```\n~~~~", ["yaml"]],
  ["```\n{}", ["json"]],
  ["the value ${x} is {unknown", ["json"]],
  ["nothing here", []],
])("finds the documents in %j", (text, forms) => {
  expect(findDocuments(text).map(({ form }) => form)).toEqual(forms);
});

it.each<[JsonSchema | undefined, string]>([
  [undefined, "any"],
  [true, "any"],
  [{ type: ["string", "null"] }, "string | null"],
  [{ type: "array", items: { const: 1 } }, "[1]"],
  [{ type: "object", additionalProperties: { type: "number" } }, "{ [name]: number }"],
  [{ anyOf: [{ type: "object" }, { enum: ["a", 2] }] }, '{} | "a" | 2'],
])("writes %j as %s", (schema, signature) => {
  expect(toSignature(schema)).toBe(signature);
});

it("is a schema that a server can take: an object, without references at its root", () => {
  const { output } = toPlanRequest({ goal: "g", tools });
  expect(isJsonObject(output) && output["type"]).toBe("object");
  expect(output).not.toHaveProperty("$ref");
});
