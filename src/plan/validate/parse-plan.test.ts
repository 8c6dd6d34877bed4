import { describe, expect, it } from "vitest";
import { InputError, type Problem } from "../../base/index.ts";
import type { PlanGraph, PlanNode } from "../graph.ts";
import { planHash } from "../plan-hash.ts";
import { parsePlan } from "./parse-plan.ts";

const read = (node: object): PlanNode | undefined => parsePlan({ name: "p", nodes: { a: node } }).nodes["a"];
const ok = { uses: "x" };

function problemsOf(value: unknown, path?: string): readonly Problem[] {
  try {
    parsePlan(value, path === undefined ? {} : { path });
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  return [];
}

const paths = (value: unknown): string[] => problemsOf(value).map(({ path }) => path);
const nodeProblem = (node: unknown): Problem | undefined => problemsOf({ name: "p", nodes: { a: node } })[0];

describe("the normal form", () => {
  it.each<[string, object, object]>([
    ["a number of attempts", { retry: 3 }, { retry: { attempts: 3 } }],
    ["one attempt, which is no retry", { retry: 1 }, {}],
    [
      "the defaults of a retry",
      {
        retry: {
          attempts: 2,
          backoffMs: 1000,
          factor: 2,
          maxBackoffMs: 60_000,
          jitter: 0.2,
          on: ["timeout", "transient"],
        },
      },
      { retry: { attempts: 2 } },
    ],
    [
      "the order of failure classes",
      { retry: { attempts: 2, on: ["permanent", "transient", "permanent"] } },
      { retry: { attempts: 2, on: ["transient", "permanent"] } },
    ],
    ["on: ok", { after: [{ node: "b", on: "ok" }, { node: "c" }, "d"] }, { after: ["b", "c", "d"] }],
    ["a parent named twice", { after: ["b", "b", { node: "b", on: "ended" }] }, { after: ["b"] }],
    [
      "the stricter of two endings",
      {
        after: [
          { node: "b", on: "ended" },
          { node: "b", on: "failed" },
        ],
      },
      { after: [{ node: "b", on: "failed" }] },
    ],
    ["join all", { join: "all" }, {}],
    ["join any", { join: "any" }, { join: { any: "leave" } }],
    ["the default strategy", { onFailure: "rollback" }, {}],
    [
      "a resource by name",
      { resources: ["db", { name: "gpu", units: 2 }] },
      {
        resources: [
          { name: "db", units: 1 },
          { name: "gpu", units: 2 },
        ],
      },
    ],
    ["a resource without units", { resources: [{ name: "db" }] }, { resources: [{ name: "db", units: 1 }] }],
    ["empty lists", { after: [], optional: [], resources: [], counters: {} }, {}],
    ["priority 0", { priority: 0 }, {}],
    ["no input", { with: null }, {}],
  ])("shortens or writes out %s", (_, given, normal) => {
    expect(read({ ...ok, ...given })).toEqual({ ...ok, ...normal });
  });

  it("leaves out what equals the plan's defaults", () => {
    const plan = { $schema: "x", name: "p", nodes: { a: ok }, input: true, output: null, budget: {}, plans: {} };
    expect(parsePlan(plan)).toEqual({ name: "p", nodes: { a: ok } });
  });

  it("names a nested plan by its key, and keeps a name of its own", () => {
    const plans = { "order.refund": { nodes: {} }, b: { name: "c", nodes: {} } };
    expect(parsePlan({ name: "p", nodes: {}, plans }).plans).toEqual({
      "order.refund": { name: "order.refund", nodes: {} },
      b: { name: "c", nodes: {} },
    });
  });

  it("takes over what is normal already, without a copy", () => {
    const plan = { name: "p", nodes: { a: { uses: "x", with: { deep: [1] }, when: "true" } } };
    expect(parsePlan(plan).nodes).toBe(plan.nodes);
    expect(parsePlan({ ...plan, nodes: { ...plan.nodes, b: { ...ok, retry: 2 } } }).nodes["a"]).toBe(plan.nodes.a);
  });

  it("leaves out fields that are undefined", () => {
    const nodes = { a: { ...ok, when: undefined, retry: undefined } };
    expect(parsePlan({ name: "p", output: undefined, nodes })).toStrictEqual({ name: "p", nodes: { a: ok } });
  });

  it("is kept as it is when it is checked again", () => {
    const once = parsePlan({
      name: "p",
      nodes: { a: { ...ok, retry: 3, after: [{ node: "b" }], join: "any" }, b: ok },
    });
    expect(parsePlan(once)).toEqual(once);
    expect(planHash(parsePlan(once))).toBe(planHash(once));
  });
});

describe("problems", () => {
  it("are told all at once, each with its path and what to do", () => {
    const plan = {
      nam: "p",
      nodes: {
        a: { use: "x", retry: { attempts: 0 }, timeoutMs: "5" },
        b: { uses: "x", after: "a", onFailure: "skp" },
      },
    };
    const problems = problemsOf(plan);
    expect(problems.map(({ path }) => path)).toEqual([
      "nam",
      "nodes.a.use",
      "nodes.a.retry.attempts",
      "nodes.a.timeoutMs",
      "nodes.a.uses",
      "nodes.b.after",
      "nodes.b.onFailure",
      "name",
    ]);
    expect(problems[0]?.fix).toBe('Did you mean "name"?');
    expect(problems[1]?.fix).toBe('Did you mean "uses"?');
    expect(problems[6]?.fix).toBe('Did you mean "skip"?');
  });

  it("say a path that starts where the caller says", () => {
    expect(problemsOf({ name: "p", nodes: 3 }, "order.plan")[0]?.path).toBe("order.plan.nodes");
  });

  it("are counted beyond the first 500", () => {
    const nodes = Object.fromEntries(Array.from({ length: 1200 }, (_, index) => [`n${index}`, 1]));
    const problems = problemsOf({ name: "p", nodes });
    expect(problems).toHaveLength(501);
    expect(problems.at(-1)).toMatchObject({ path: "", got: "700 more" });
  });

  it.each([
    ["PLAN_SHAPE", 3],
    ["PLAN_SHAPE", "x"],
    ["PLAN_SHAPE", { uses: "" }],
    ["PLAN_SHAPE", { uses: "a\u001bb" }],
    ["PLAN_SHAPE", { ...ok, when: "${input.a}" }],
    ["PLAN_SHAPE", { ...ok, when: true }],
    ["PLAN_SHAPE", { ...ok, when: " " }],
    ["PLAN_SHAPE", { ...ok, onFailure: { fallback: {} } }],
    ["PLAN_SHAPE", { ...ok, onFailure: { fall: ok } }],
    ["PLAN_SHAPE", { ...ok, retry: 0 }],
    ["PLAN_SHAPE", { ...ok, retry: { backoffMs: 5 } }],
    ["PLAN_SHAPE", { ...ok, retry: { attempts: 2, on: [] } }],
    ["PLAN_SHAPE", { ...ok, retry: { attempts: 2, jitter: 1.1 } }],
    ["PLAN_SHAPE", { ...ok, retry: { attempts: 2, factor: Number.NaN } }],
    ["PLAN_SHAPE", { ...ok, priority: 0.5 }],
    ["PLAN_SHAPE", { ...ok, timeoutMs: 0 }],
    ["PLAN_SHAPE", { ...ok, join: { any: "kill" } }],
    ["PLAN_SHAPE", { ...ok, join: { any: "undo", all: 1 } }],
    ["PLAN_SHAPE", { ...ok, resources: ["a", "a"] }],
    ["PLAN_SHAPE", { ...ok, resources: [{ units: 1 }] }],
    ["PLAN_SHAPE", { ...ok, counters: { a: -1 } }],
    ["PLAN_SHAPE", { ...ok, after: [{ on: "failed" }] }],
    ["PLAN_SHAPE", { ...ok, optional: [3] }],
    ["PLAN_SHAPE", { ...ok, effect: { repeat: "safe", undo: "not-needed" } }],
    ["PLAN_UNKNOWN_FIELD", { ...ok, after: [{ node: "b", when: "failed" }] }],
    ["PLAN_UNKNOWN_FIELD", { ...ok, retry: { attempts: 2, pause: 1 } }],
    ["PLAN_DEAD_HANDLER", { ...ok, after: ["b", { node: "b", on: "failed" }] }],
    ["PLAN_TOO_LARGE", { ...ok, after: Array.from({ length: 100_001 }, () => "b") }],
    ["NOT_JSON", { ...ok, with: { when: new Date(0) } }],
    ["JSON_FORBIDDEN_KEY", { ...ok, with: JSON.parse('{"__proto__":1}') }],
  ])("of a node: %s for %j", (code, node) => {
    expect(nodeProblem(node)?.code).toBe(code);
  });

  it.each(["", "a b", "ä", "__proto__", "constructor", "prototype", "a".repeat(65), "a.b"])(
    "refuse the id %j",
    (id) => {
      const problems = problemsOf(
        JSON.parse(JSON.stringify({ name: "p", nodes: { other: ok } }).replace('"other"', JSON.stringify(id))),
      );
      expect(problems[0]).toMatchObject({ code: "PLAN_BAD_ID", fix: expect.stringContaining("Rename it") });
    },
  );

  it("refuse ids that differ in case only", () => {
    expect(problemsOf({ name: "p", nodes: { Charge: ok, charge: ok } })).toMatchObject([
      { code: "PLAN_BAD_ID", path: "nodes.charge", expected: expect.stringContaining('"Charge"') },
    ]);
  });

  it("refuse more than 200,000 nodes in all, nested plans included", () => {
    const many = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, ok]));
    const plan = { name: "p", nodes: many(150_000), plans: { b: { nodes: many(50_001) } } };
    expect(problemsOf(plan)).toMatchObject([{ code: "PLAN_TOO_LARGE", path: "plans.b.nodes", got: "200001" }]);
  });

  it("refuse plans nested more than 8 deep", () => {
    let plan: object = { nodes: {} };
    for (let depth = 0; depth < 8; depth++) plan = { nodes: {}, plans: { a: plan } };
    expect(problemsOf({ name: "p", ...plan })).toEqual([]);
    expect(problemsOf({ name: "p", nodes: {}, plans: { a: plan } })[0]?.code).toBe("PLAN_TOO_LARGE");
  });

  it("show what came in a short and harmless way", () => {
    const problem = problemsOf({ name: `\u001b[31m\u202e${"x".repeat(1_000_000)}`, nodes: {} })[0];
    expect(problem?.got.length).toBeLessThan(200);
    expect(problem?.got).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const odd = problemsOf({ name: "p", nodes: {}, "\u001b[2J": 1 })[0];
    expect(odd?.path).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it.each([undefined, null, 3, "x", [], new Map(), () => 1])("refuse %s as a plan", (value) => {
    expect(problemsOf(value).length).toBeGreaterThan(0);
  });

  it("do not take over what an object only inherits", () => {
    expect(paths({ name: "p", nodes: { a: Object.create({ uses: "x" }) } })).toEqual(["nodes.a.uses"]);
  });
});

describe("built-in actions", () => {
  const effect = { repeat: "keyed", undo: { command: ["./undo"] }, check: { command: ["./check", 3] } };
  const command = { command: ["./do", "${input.id}"] };

  it.each<[string, PlanNode]>([
    ["process", { uses: "process", with: command, effect }],
    [
      "http",
      { uses: "http", with: { url: "https://a.b/", method: "POST" }, effect: { repeat: "keyed", undo: { url: "x" } } },
    ],
    ["wait", { uses: "wait", with: { ms: 0 } }],
    ["wait", { uses: "wait", with: { ms: "${input.ms}" } }],
    ["wait", { uses: "wait", with: { until: "2030-01-31T09:00:00Z" } }],
    ["ask", { uses: "ask" }],
    ["ask", { uses: "ask", with: { show: 1, answer: { type: "boolean" }, expiresMs: 5 } }],
    ["plan", { uses: "plan", with: { plan: "b", input: "${input}" } }],
  ])("take %s", (_, node) => {
    expect(read(node)).toEqual(node);
  });

  it("write an effect whole, and leave out that of a request which only reads", () => {
    expect(
      read({ uses: "process", with: command, effect: { undo: "not-needed", undoesUnknown: false } })?.effect,
    ).toEqual({
      repeat: "never",
      undo: "not-needed",
    });
    const get = { uses: "http", with: { url: "x" } };
    expect(read({ ...get, effect: { repeat: "safe" } })).toEqual(get);
    expect(read({ ...get, effect: { repeat: "never" } })?.effect).toEqual({ repeat: "never", undo: "not-needed" });
  });

  it("bring an empty question into normal form", () => {
    expect(read({ uses: "ask", with: {} })).toEqual({ uses: "ask" });
  });

  it.each<[string, PlanNode]>([
    ["nodes.a.with", { uses: "process" }],
    ["nodes.a.with.command", { uses: "process", with: { command: "rm -rf" } }],
    ["nodes.a.with.command", { uses: "process", with: { command: [] } }],
    ["nodes.a.with.command", { uses: "process", with: { command: [""] } }],
    ["nodes.a.with.command", { uses: "process", with: { command: ["a", null] } }],
    ["nodes.a.effect.repeat", { uses: "process", with: command, effect: { repeat: "often" } }],
    ["nodes.a.effect.undo", { uses: "process", with: command, effect: { undo: "yes" } }],
    ["nodes.a.effect.undo.command", { uses: "process", with: command, effect: { undo: { command: [] } } }],
    ["nodes.a.effect.check", { uses: "process", with: command, effect: { check: { cmd: ["a"] } } }],
    ["nodes.a.effect.undoesUnknown", { uses: "process", with: command, effect: { undoesUnknown: 1 } }],
    ["nodes.a.effect.redo", { uses: "process", with: command, effect: { redo: 1 } }],
    ["nodes.a.with.url", { uses: "http", with: {} }],
    ["nodes.a.with", { uses: "wait", with: {} }],
    ["nodes.a.with", { uses: "wait", with: { ms: 1, until: 2 } }],
    ["nodes.a.with.ms", { uses: "wait", with: { ms: -1 } }],
    ["nodes.a.with.until", { uses: "wait", with: { until: "tomorrow" } }],
    ["nodes.a.with.minutes", { uses: "wait", with: { ms: 1, minutes: 2 } }],
    ["nodes.a.with.answer", { uses: "ask", with: { answer: "boolean" } }],
    ["nodes.a.with.expiresMs", { uses: "ask", with: { expiresMs: 0 } }],
    ["nodes.a.with.plan", { uses: "plan", with: { plan: "${input.plan}" } }],
    ["nodes.a.with.plan", { uses: "plan", with: {} }],
    ["nodes.a.onFailure.fallback.with.command", { uses: "x", onFailure: { fallback: { uses: "process", with: {} } } }],
  ])("say at %s what is wrong with %j", (path, node) => {
    expect(nodeProblem(node)?.path).toBe(path);
  });
});

it("gives a plan whose type is the normal form", () => {
  const plan: PlanGraph = parsePlan({ name: "p", nodes: {} });
  expect(plan).toEqual({ name: "p", nodes: {} });
});
