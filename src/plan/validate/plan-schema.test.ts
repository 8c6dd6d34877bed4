import { readFileSync } from "node:fs";
import { Validator, type Schema } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { InputError } from "../../base/index.ts";
import { checkPlan } from "./check-plan.ts";
import { parsePlan } from "./parse-plan.ts";

const schema: Schema = JSON.parse(readFileSync(new URL("../../../schemas/plan.schema.json", import.meta.url), "utf8"));
const validator = new Validator(schema, "2020-12");

function isParsed(plan: unknown): boolean {
  try {
    parsePlan(plan);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

const x = { uses: "x" };
const plan = (rest: object): object => ({ name: "p", nodes: { a: x }, ...rest });
const node = (rest: object): object => ({ name: "p", nodes: { a: { uses: "x", ...rest } } });
const process = { uses: "process", with: { command: ["./a", "${input.id}", 3, true] } };
const http = { uses: "http", with: { url: "https://a.b/", method: "POST" } };

const good: readonly object[] = [
  plan({}),
  { name: "p", nodes: {} },
  plan({ $schema: "../schemas/plan.schema.json", input: { type: "object" }, output: ["${nodes.a.output}"] }),
  plan({ input: true, budget: { attempts: 1, wallMs: 5, counters: { tokens: 0.5 } } }),
  plan({ plans: { "b.c": { nodes: { a: x } }, d: { name: "e", nodes: {}, plans: { f: { nodes: {} } } } } }),
  node({ with: { deep: [1, null, "${input}"] }, when: "input.a > 0", optional: ["b"], priority: -3 }),
  node({ with: null, after: ["b", { node: "c" }, { node: "d", on: "failed" }, { node: "e", on: "ok" }] }),
  node({ join: "all", onFailure: "rollback", retry: 3 }),
  node({ join: "any", onFailure: "ask", retry: { attempts: 1 } }),
  node({ join: { any: "undo" }, onFailure: { fallback: { uses: "y", with: 1 } } }),
  node({ retry: { attempts: 5, backoffMs: 0, factor: 1, maxBackoffMs: 0, jitter: 1, on: ["permanent"] } }),
  node({
    timeoutMs: 1,
    idleMs: 2,
    totalMs: 31_536_000_000,
    resources: ["db", { name: "gpu", units: 2 }, { name: "c" }],
  }),
  plan({ grows: "clerk" }),
  node({ reads: ["b", "c"], labels: ["untrusted", "secret"], approve: true, onFailure: "replan" }),
  node({ reads: [], labels: [], approve: false }),
  node({ counters: { tokens: 3 }, resources: [], after: [] }),
  node(process),
  node({ ...process, effect: { repeat: "keyed", undo: { command: ["./undo"] }, check: { command: ["./check"] } } }),
  node({ ...process, effect: { undo: "not-needed", undoesUnknown: true } }),
  node(http),
  node({ ...http, effect: { repeat: "keyed", undo: { url: "x", method: "DELETE" }, check: { url: "x" } } }),
  node({ uses: "wait", with: { ms: 0 } }),
  node({ uses: "wait", with: { ms: "${input.ms}" } }),
  node({ uses: "wait", with: { until: 1_900_000_000_000 } }),
  node({ uses: "wait", with: { until: "2030-01-31T09:00:00Z" } }),
  node({ uses: "ask" }),
  node({ uses: "ask", with: { show: [1], answer: { type: "boolean" }, expiresMs: 1000 } }),
  node({ uses: "ask", with: null }),
  node({ uses: "plan", with: { plan: "b", input: {} } }),
  node({ onFailure: { fallback: { ...process, effect: { repeat: "safe" } } } }),
];

const bad: readonly unknown[] = [
  null,
  3,
  [],
  {},
  { name: "p" },
  { nodes: {} },
  { name: "", nodes: {} },
  { name: "p".repeat(101), nodes: {} },
  { name: "a\nb", nodes: {} },
  { name: "p", nodes: [] },
  plan({ steps: {} }),
  plan({ input: 3 }),
  plan({ budget: { attempts: 0 } }),
  plan({ budget: { wallMs: 1.5 } }),
  plan({ budget: { usd: 1 } }),
  plan({ budget: { counters: { a: "1" } } }),
  plan({ plans: { "b c": { nodes: {} } } }),
  plan({ plans: { b: { name: "b" } } }),
  { name: "p", nodes: { "a b": x } },
  { name: "p", nodes: { constructor: x } },
  { name: "p", nodes: { ["a".repeat(65)]: x } },
  { name: "p", nodes: { a: {} } },
  { name: "p", nodes: { a: "x" } },
  node({ uses: "" }),
  plan({ grows: "" }),
  plan({ grows: 1 }),
  node({ reads: "b" }),
  node({ reads: ["a b"] }),
  node({ labels: ["public"] }),
  node({ approve: "no" }),
  node({ use: "x" }),
  node({ when: true }),
  node({ when: " ${input.a}" }),
  node({ when: "  " }),
  node({ after: "b" }),
  node({ after: ["a b"] }),
  node({ after: [{ on: "failed" }] }),
  node({ after: [{ node: "b", on: "skipped" }] }),
  node({ after: [{ node: "b", when: "x" }] }),
  node({ optional: [{}] }),
  node({ join: "some" }),
  node({ join: {} }),
  node({ join: { any: "kill" } }),
  node({ onFailure: "retry" }),
  node({ onFailure: { fallback: { with: 1 } } }),
  node({ onFailure: { fallback: { ...x, after: [] } } }),
  node({ retry: 0 }),
  node({ retry: 1001 }),
  node({ retry: {} }),
  node({ retry: { attempts: 2, jitter: 2 } }),
  node({ retry: { attempts: 2, on: [] } }),
  node({ retry: { attempts: 2, on: ["never"] } }),
  node({ timeoutMs: 0 }),
  node({ idleMs: "5" }),
  node({ totalMs: 31_536_000_001 }),
  node({ resources: "db" }),
  node({ resources: [{ name: "db", units: 0 }] }),
  node({ resources: [{ units: 1 }] }),
  node({ priority: 0.5 }),
  node({ counters: { a: -1 } }),
  node({ effect: { repeat: "safe" } }),
  node({ uses: "process" }),
  node({ uses: "process", with: {} }),
  node({ uses: "process", with: { command: [] } }),
  node({ uses: "process", with: { command: [""] } }),
  node({ uses: "process", with: { command: ["a", {}] } }),
  node({ ...process, effect: { repeat: "often" } }),
  node({ ...process, effect: { undo: { command: "x" } } }),
  node({ ...process, effect: { undo: { command: ["x"], shell: true } } }),
  node({ ...process, effect: { check: "x" } }),
  node({ ...process, effect: { undoesUnknown: "yes" } }),
  node({ uses: "http", with: { method: "GET" } }),
  node({ ...http, effect: { undo: "no" } }),
  node({ uses: "wait" }),
  node({ uses: "wait", with: {} }),
  node({ uses: "wait", with: { ms: 1, until: 2 } }),
  node({ uses: "wait", with: { ms: "soon" } }),
  node({ uses: "ask", with: { question: "?" } }),
  node({ uses: "ask", with: { expiresMs: 0 } }),
  node({ uses: "plan" }),
  node({ uses: "plan", with: { plan: "${input.plan}" } }),
  node({ onFailure: { fallback: { uses: "wait", with: {} } } }),
];

describe("the published schema and parsePlan", () => {
  it.each(good.map((each) => [JSON.stringify(each), each]))("take %s", (_, each) => {
    expect([validator.validate(each).valid, isParsed(each)]).toEqual([true, true]);
  });

  it.each(bad.map((each) => [JSON.stringify(each).slice(0, 120), each]))("refuse %s", (_, each) => {
    expect([validator.validate(each).valid, isParsed(each)]).toEqual([false, false]);
  });

  it("take the plan that docs/plans.md shows", () => {
    const page = readFileSync(new URL("../../../docs/plans.md", import.meta.url), "utf8");
    const shown: unknown = parse(/```yaml\n([^]*?)```/.exec(page)?.[1] ?? "");
    expect(validator.validate(shown).errors).toEqual([]);
    expect(checkPlan(parsePlan(shown), () => ({ ok: true }))).toEqual({ errors: [], warnings: [] });
  });

  it("agree that a plan in normal form is a plan", () => {
    for (const each of good) expect(validator.validate(parsePlan(each)).valid).toBe(true);
  });
});
