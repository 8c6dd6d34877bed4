import { describe, expect, it } from "vitest";
import type { Problem } from "../../base/index.ts";
import { checkPlan, type PlanCheck } from "./check-plan.ts";
import { parsePlan } from "./parse-plan.ts";

type Nodes = Readonly<Record<string, object>>;

function check(nodes: Nodes, rest: object = {}): PlanCheck {
  return checkPlan(parsePlan({ name: "p", nodes, ...rest }), (name) =>
    name === "missing" ? { ok: false, suggestion: "missive" } : { ok: true },
  );
}

const errors = (nodes: Nodes, rest: object = {}): readonly Problem[] => check(nodes, rest).errors;
const warnings = (nodes: Nodes, rest: object = {}): readonly Problem[] => check(nodes, rest).warnings;
const reads = (id: string): object => ({ uses: "x", with: { v: `\${nodes.${id}.output.v}` } });
const x = { uses: "x" };

it("finds nothing wrong with a sound plan", () => {
  const nodes = { a: x, b: reads("a"), c: { ...x, after: ["b"], when: "nodes.a.output.v > 0" } };
  expect(check(nodes, { output: "${nodes.b.output}", budget: { attempts: 2 } })).toEqual({ errors: [], warnings: [] });
});

describe("errors", () => {
  it.each<[string, Nodes]>([
    ["nodes.a.after", { a: { ...x, after: ["other"] }, others: x }],
    ["nodes.a.after", { a: { ...x, after: [{ node: "other", on: "ended" }] }, others: x }],
    ["nodes.a.with", { a: reads("other"), others: x }],
    ["nodes.a.when", { a: { ...x, when: "nodes.other.output.v" }, others: x }],
    ["nodes.a.onFailure.fallback.with", { a: { ...x, onFailure: { fallback: reads("other") } }, others: x }],
    ["nodes.a.optional", { a: { ...reads("others"), optional: ["other"] }, others: x }],
  ])("names the node that was probably meant, at %s", (path, nodes) => {
    expect(errors(nodes)).toMatchObject([{ code: "PLAN_UNKNOWN_NODE", path, fix: 'Did you mean "others"?' }]);
  });

  it("finds unknown nodes in the output", () => {
    expect(errors({ a: x }, { output: ["${nodes.b.output}"] })).toMatchObject([
      { code: "PLAN_UNKNOWN_NODE", path: "output" },
    ]);
  });

  it("finds unknown actions, also of fallbacks, and asks once for each name", () => {
    const asked: string[] = [];
    const plan = parsePlan({
      name: "p",
      nodes: { a: { uses: "missing" }, b: { uses: "missing", onFailure: { fallback: x } } },
    });
    const { errors: found } = checkPlan(plan, (name) => {
      asked.push(name);
      return name === "x" ? { ok: true } : { ok: false, suggestion: "missive" };
    });
    expect(found.map(({ path, fix }) => [path, fix])).toEqual([
      ["nodes.a.uses", 'Did you mean "missive"?'],
      ["nodes.b.uses", 'Did you mean "missive"?'],
    ]);
    expect(asked).toEqual(["missing", "x"]);
  });

  it("names the shortest cycle through a node", () => {
    const nodes = {
      s: x,
      a: { ...reads("b"), after: ["s"] },
      b: reads("a"),
      c: { ...x, after: ["b", "d"] },
      d: reads("c"),
    };
    expect(errors(nodes)).toMatchObject([
      { code: "PLAN_CYCLE", got: expect.stringMatching(/^(b -> a -> b|a -> b -> a|c -> d -> c|d -> c -> d)$/) },
    ]);
    expect(errors({ a: { ...x, after: ["a"] } })).toMatchObject([{ code: "PLAN_CYCLE", got: "a -> a" }]);
  });

  it("shortens a cycle of 5,000 nodes", () => {
    const nodes = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`n${i}`, reads(`n${(i + 1) % 5000}`)]));
    const [problem] = errors(nodes);
    expect(problem?.code).toBe("PLAN_CYCLE");
    expect(problem?.got).toContain("(4983 more)");
    expect(problem?.got.length).toBeLessThan(300);
  });

  it.each([undefined, "rollback", "fail", "ask"])("refuses a handler of a failure that means %s", (onFailure) => {
    const nodes = { a: { ...x, onFailure }, b: { ...x, after: [{ node: "a", on: "failed" }] } };
    expect(errors(nodes)).toMatchObject([{ code: "PLAN_DEAD_HANDLER", path: "nodes.b.after" }]);
  });

  it.each(["skip", "observe", { fallback: x }])("takes a handler of a failure that means %j", (onFailure) => {
    expect(errors({ a: { ...x, onFailure }, b: { ...x, after: [{ node: "a", on: "failed" }] } })).toEqual([]);
  });

  it("refuses an any join with fewer than two parents", () => {
    expect(errors({ a: x, b: { ...x, join: "any" } })).toMatchObject([{ code: "PLAN_BAD_JOIN", got: "none" }]);
    expect(errors({ a: x, b: { ...reads("a"), after: ["a"], join: "any" } })).toMatchObject([
      { code: "PLAN_BAD_JOIN", got: "one" },
    ]);
    expect(errors({ a: x, b: x, c: { ...reads("a"), after: ["b"], join: "any" } })).toEqual([]);
  });

  it("refuses optional parents whose value is not read", () => {
    const nodes = { a: x, b: x, c: { ...reads("a"), after: ["b"], optional: ["b"] } };
    expect(errors(nodes)).toMatchObject([
      { code: "PLAN_SHAPE", path: "nodes.c.optional", fix: expect.stringContaining("holds nobody up") },
    ]);
  });

  it("passes on the problems of expressions, with their paths", () => {
    const [problem] = errors({ a: { ...x, when: "1 +" }, b: x });
    expect(problem).toMatchObject({ code: "EXPRESSION_SYNTAX", path: "nodes.a.when" });
  });

  it("checks nested plans, with their own nodes and plans only", () => {
    const nested = { nodes: { a: { uses: "plan", with: { plan: "other" } }, b: { uses: "missing" }, c: reads("top") } };
    const found = errors(
      { top: { uses: "plan", with: { plan: "inner" } } },
      { plans: { inner: nested, other: { nodes: {} } } },
    );
    expect(found.map(({ code, path }) => [code, path])).toEqual([
      ["PLAN_UNKNOWN_NODE", "plans.inner.nodes.c.with"],
      ["PLAN_UNKNOWN_ACTION", "plans.inner.nodes.a.with.plan"],
      ["PLAN_UNKNOWN_ACTION", "plans.inner.nodes.b.uses"],
    ]);
  });
});

describe("warnings", () => {
  it("tell what a condition two levels up skips", () => {
    const nodes = { a: { ...x, when: "input.go" }, b: reads("a"), c: reads("b"), d: reads("c") };
    expect(warnings(nodes)).toMatchObject([{ code: "PLAN_SILENT_SKIP", path: "nodes.a.when", got: "c, d" }]);
  });

  it("name five of the steps that are skipped", () => {
    const steps = Array.from({ length: 9 }, (_, i): [string, object] => [`n${i + 1}`, reads(`n${i}`)]);
    expect(warnings({ n0: { ...x, when: "input.go" }, ...Object.fromEntries(steps) })[0]?.got).toBe(
      "n2, n3, n4, n5, n6 and 3 more",
    );
  });

  it.each<[string, object]>([
    ["has a condition of its own", { ...reads("b"), when: "nodes.b.output.v > 1" }],
    ["does not need the value", { ...reads("b"), optional: ["b"] }],
    ["only waits", { ...x, after: ["b"] }],
  ])("say nothing of a step that %s", (_, c) => {
    expect(warnings({ a: { ...x, when: "input.go" }, b: reads("a"), c })).toEqual([]);
  });

  it("stay linear where many conditions stand above one long chain", () => {
    const count = 2000;
    const conditions = Array.from({ length: count }, (_, i): [string, object] => [`c${i}`, { ...x, when: "input.go" }]);
    const all = { uses: "x", with: Array.from({ length: count }, (_, i) => `\${nodes.c${i}.output}`) };
    const chain = Array.from({ length: count }, (_, i): [string, object] => [`n${i + 1}`, reads(`n${i}`)]);
    const found = warnings(Object.fromEntries([...conditions, ["n0", all], ...chain]));
    expect(found.length).toBeGreaterThan(1);
    expect(found.length).toBeLessThan(50);
  });

  it.each<[string, Nodes]>([
    ["a condition", { a: { ...x, when: "input.go" } }],
    ["a skipping failure", { a: { ...x, onFailure: "skip" } }],
    ["a parent", { a: reads("b"), b: { ...x, when: "input.go" } }],
    [
      "a handler that is not needed",
      { a: { ...x, after: [{ node: "b", on: "failed" }] }, b: { ...x, onFailure: "skip" } },
    ],
    ["losing an any join", { a: x, b: x, c: { ...x, after: ["a", "b"], join: { any: "cancel" } } }],
  ])("tell that the output may be null because of %s", (_, nodes) => {
    expect(warnings(nodes, { output: "${nodes.a.output}" })).toMatchObject([
      { code: "PLAN_MAYBE_NULL", path: "output" },
    ]);
  });

  it.each<[string, Nodes]>([
    ["an optional parent", { a: { ...reads("b"), optional: ["b"] }, b: { ...x, when: "input.go" } }],
    ["a skipped parent in after", { a: { ...x, after: ["b"] }, b: { ...x, when: "input.go" } }],
    ["losers that are left", { a: x, b: x, c: { ...x, after: ["a", "b"], join: "any" } }],
    [
      "one sure parent of an any join",
      { a: { ...reads("b"), after: ["c"], join: "any" }, b: { ...x, when: "input.go" }, c: x },
    ],
  ])("say nothing of an output that is there in spite of %s", (_, nodes) => {
    expect(warnings(nodes, { output: "${nodes.a.output}" })).toEqual([]);
  });

  it("tell of effects that nothing is known of", () => {
    const process = { uses: "process", with: { command: ["a"] } };
    const found = warnings({
      a: process,
      b: { ...process, effect: { repeat: "safe" } },
      c: { uses: "http", with: { url: "x" } },
      d: { uses: "http", with: { url: "x", method: "${input.method}" } },
      e: { ...x, onFailure: { fallback: process } },
    });
    expect(found.map(({ code, path }) => [code, path])).toEqual([
      ["PLAN_NO_NATURE", "nodes.a.effect"],
      ["PLAN_NO_NATURE", "nodes.d.effect"],
      ["PLAN_NO_NATURE", "nodes.e.onFailure.fallback.effect"],
    ]);
  });

  it("tell of a budget below what always runs", () => {
    const nodes = { a: x, b: x, c: { ...x, when: "input.go" }, d: { uses: "ask" } };
    expect(warnings(nodes, { budget: { attempts: 2 } })).toEqual([]);
    expect(warnings(nodes, { budget: { attempts: 1 } })).toMatchObject([
      { code: "PLAN_TIGHT_BUDGET", path: "budget.attempts" },
    ]);
  });

  it("tell of nested plans that nobody uses", () => {
    const plans = { b: { nodes: {} }, c: { nodes: {} } };
    const nodes = { a: { uses: "plan", with: { plan: "c" } } };
    expect(warnings(nodes, { plans })).toMatchObject([{ code: "PLAN_UNUSED", path: "plans.b" }]);
    const fallback = { uses: "plan", with: { plan: "b" } };
    expect(warnings({ ...nodes, d: { ...x, onFailure: { fallback } } }, { plans })).toEqual([]);
  });
});
