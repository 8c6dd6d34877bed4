import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNLABELLED } from "../action/index.ts";
import { InputError, toHash } from "../base/index.ts";
import { compilePlan } from "./compile.ts";
import type { CompiledPlan, NatureOf } from "./compiled.ts";
import type { Nature } from "./nature.ts";
import { planHash } from "./plan-hash.ts";
import { checkPlan } from "./validate/check-plan.ts";
import { parsePlan } from "./validate/parse-plan.ts";

const natureOf: NatureOf = ({ uses }): Nature => ({
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
  action: uses,
  version: "1",
});

type Nodes = Readonly<Record<string, object>>;

const parse = (nodes: Nodes, rest: object = {}): ReturnType<typeof parsePlan> =>
  parsePlan({ name: "p", nodes, ...rest });
const compile = (nodes: Nodes, rest: object = {}): CompiledPlan => compilePlan(parse(nodes, rest), natureOf);
const reads = (...ids: string[]): object => ({ uses: "x", with: ids.map((id) => `\${nodes.${id}.output}`) });
const x = { uses: "x" };

/** Edges as text, such as `a -data?-> b`. */
function edgesOf(plan: CompiledPlan): string[] {
  const name = (index: number): string => plan.nodes[index]?.id ?? "";
  return plan.nodes.flatMap(({ parents }) =>
    parents.map(({ from, to, kind, isOptional }) => `${name(from)} -${kind}${isOptional ? "?" : ""}-> ${name(to)}`),
  );
}

describe("edges", () => {
  it.each<[string, Nodes, string[]]>([
    ["of values", { a: x, b: reads("a", "a") }, ["a -data-> b"]],
    ["of conditions", { a: x, b: { ...x, when: "nodes.a.output.v > 0" } }, ["a -data-> b"]],
    ["of fallbacks", { a: x, b: { ...x, onFailure: { fallback: reads("a") } } }, ["a -data-> b"]],
    ["of states", { a: x, b: { ...x, when: "nodes.a.state == 'skipped'", optional: ["a"] } }, ["a -data?-> b"]],
    ["of order", { a: x, b: { ...x, after: ["a"] } }, ["a -ok-> b"]],
    [
      "of handlers",
      { a: { ...x, onFailure: "skip" }, b: { ...x, after: [{ node: "a", on: "failed" }] } },
      ["a -failed?-> b"],
    ],
    ["of values before those of order", { a: x, b: { ...reads("a"), after: ["a"] } }, ["a -data-> b"]],
    [
      "of handlers before those of values",
      { a: x, b: { ...reads("a"), after: [{ node: "a", on: "ended" }] } },
      ["a -ended?-> b"],
    ],
    ["of optional values", { a: x, c: x, b: { ...reads("a", "c"), optional: ["c"] } }, ["a -data-> b", "c -data?-> b"]],
    [
      "of an any join, all optional",
      { a: x, c: x, b: { ...reads("a"), after: ["c"], join: "any" } },
      ["a -data?-> b", "c -ok-> b"],
    ],
  ])("are made %s", (_, nodes, expected) => {
    expect(edgesOf(compile(nodes))).toEqual(expected);
  });

  it("are one record that both ends share", () => {
    const { nodes } = compile({ a: x, b: reads("a"), c: reads("a", "b") });
    for (const { index, parents } of nodes) {
      for (const edge of parents) {
        expect(edge.to).toBe(index);
        expect(nodes[edge.from]?.children.filter((child) => child === edge)).toHaveLength(1);
      }
    }
    expect(nodes[0]?.children.map(({ to }) => to)).toEqual([1, 2]);
  });
});

describe("a compiled plan", () => {
  it("evaluates inputs, conditions, fallbacks and the output", () => {
    const nodes = {
      a: x,
      b: { ...reads("a"), when: "input.go", onFailure: { fallback: { uses: "y", with: "${input.n}" } } },
    };
    const plan = compile(nodes, { output: { n: "${nodes.b.output.n}" } });
    const scope = { input: { go: true, n: 3 }, node: () => ({ state: "succeeded" as const, output: { n: 7 } }) };
    const [, b] = plan.nodes;
    expect(b?.input.evaluate(scope)).toEqual([{ n: 7 }]);
    expect(b?.when?.evaluate(scope)).toBe(true);
    expect(b?.fallback?.input.evaluate(scope)).toBe(3);
    expect(b?.fallback?.nature.action).toBe("y");
    expect(plan.output.evaluate(scope)).toEqual({ n: 7 });
    expect(plan.nodes[0]?.input.evaluate(scope)).toBeNull();
    expect(compile({ a: x }).output.evaluate(scope)).toBeNull();
  });

  it("counts ranks in nodes to the farthest end, and says what happens to losers", () => {
    const { nodes } = compile({
      a: x,
      b: reads("a"),
      c: reads("b"),
      d: { ...reads("a", "c"), join: { any: "undo" } },
      e: x,
    });
    expect(nodes.map(({ rank }) => rank)).toEqual([4, 3, 2, 1, 1]);
    expect(nodes.map(({ losers }) => losers)).toEqual([undefined, undefined, undefined, "undo", undefined]);
  });

  it("has the hash of its graph, or the revision that it is given", () => {
    const graph = parse({ a: x });
    const hash = toHash("f".repeat(64));
    expect(compilePlan(graph, natureOf).hash).toBe(planHash(graph));
    expect(compilePlan(graph, natureOf, { hash }).hash).toBe(hash);
  });

  it("is the same whether the plan was checked before or not", () => {
    const graph = parse({ a: x, b: { ...reads("a"), when: "input.go" }, c: { ...x, after: ["b"] } });
    const before = compilePlan(graph, natureOf);
    checkPlan(graph, () => ({ ok: true }));
    const shape = ({ nodes, order }: CompiledPlan): string => JSON.stringify([nodes, order]);
    expect(shape(compilePlan(graph, natureOf))).toBe(shape(before));
    expect(shape(compilePlan(graph, natureOf))).toBe(shape(before));
  });

  it("is refused with all problems of expressions, references and edges", () => {
    const nodes = { a: { ...x, when: "1 +" }, b: reads("other"), c: { ...x, after: ["d"] }, d: reads("c") };
    const compiling = (): CompiledPlan => compile(nodes);
    expect(compiling).toThrow(InputError);
    expect(compiling).toThrow(/EXPRESSION_SYNTAX[^]*PLAN_UNKNOWN_NODE[^]*PLAN_CYCLE/);
  });
});

/** Plans without cycles: each node may read, or wait for, those before it. */
const anyNodes: fc.Arbitrary<Nodes> = fc
  .array(fc.record({ reads: fc.array(fc.nat(), { maxLength: 3 }), after: fc.array(fc.nat(), { maxLength: 3 }) }), {
    maxLength: 30,
  })
  .chain((nodes) =>
    fc
      .shuffledSubarray(
        nodes.map((_, index) => index),
        { minLength: nodes.length },
      )
      .map((places) => {
        const pick = (index: number, choice: number): string => `n${choice % Math.max(index, 1)}`;
        const made = nodes.map((node, index): [string, object] => {
          if (index === 0) return ["n0", x];
          const input = node.reads.map((choice) => `\${nodes.${pick(index, choice)}.output}`);
          return [`n${index}`, { ...x, with: input, after: node.after.map((choice) => pick(index, choice)) }];
        });
        return Object.fromEntries(places.map((place) => made[place] ?? ["n0", x]));
      }),
  );

describe("any plan without cycles", () => {
  it("is ordered with parents before children, and ranked by its longest path", () => {
    const check = fc.property(anyNodes, (nodes) => {
      const plan = compile(nodes);
      const place = new Map(plan.order.map((index, at) => [index, at]));
      expect(place.size).toBe(plan.nodes.length);
      for (const { index, parents, children, rank } of plan.nodes) {
        for (const { from } of parents) expect(place.get(from)).toBeLessThan(place.get(index) ?? -1);
        expect(new Set(parents.map(({ from }) => from)).size).toBe(parents.length);
        expect(rank).toBe(1 + Math.max(0, ...children.map(({ to }) => plan.nodes[to]?.rank ?? 0)));
      }
    });
    fc.assert(check);
  });

  it("is refused, naming a real cycle, once an edge leads back", () => {
    const check = fc.property(anyNodes, fc.nat(), (nodes, choice) => {
      const plan = compile(nodes);
      const edges = plan.nodes.flatMap(({ parents }) => parents);
      const edge = edges[choice % Math.max(edges.length, 1)];
      fc.pre(edge !== undefined);
      const back = `n-${plan.nodes[edge.to]?.id ?? ""}`;
      // A node behind the child, for which the parent waits.
      const closed = parse({
        ...nodes,
        [back]: { ...x, after: [plan.nodes[edge.to]?.id] },
        ...waiting(nodes, plan.nodes[edge.from]?.id ?? "", back),
      });
      const cycles = checkPlan(closed, () => ({ ok: true })).errors.filter(({ code }) => code === "PLAN_CYCLE");
      const walk = cycles[0]?.got.split(" -> ") ?? [];
      expect(walk.length).toBeGreaterThan(2);
      expect(walk[0]).toBe(walk.at(-1));
      for (const [at, id] of walk.slice(1).entries()) {
        expect(JSON.stringify(closed.nodes[id])).toMatch(new RegExp(`(nodes\\.|")${walk[at] ?? "?"}(\\.|")`));
      }
    });
    fc.assert(check);
  });
});

/** One of the nodes, which waits for another one too. */
function waiting(nodes: Nodes, id: string, parent: string): Nodes {
  const node: { readonly after?: readonly string[] } = nodes[id] ?? {};
  return { [id]: { ...node, after: [...(node.after ?? []), parent] } };
}
