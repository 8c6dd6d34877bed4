import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, sha256, toHash, type Json } from "../base/index.ts";
import { planHash, revise } from "./plan-hash.ts";
import { parsePlan } from "./validate/parse-plan.ts";

const hashOf = (plan: unknown): string => planHash(parsePlan(plan));

/** The same value with the keys of every object in another order. */
function reorder(value: Json, turn: number): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => reorder(item, turn));
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => [key, reorder(inner, turn)]);
  return Object.fromEntries(entries.map((_, index) => entries[(index + turn) % entries.length] ?? ["", null]));
}

/** Pairs of two ways to say the same about a node. */
const sayings: readonly (readonly [object, object])[] = [
  [{}, { onFailure: "rollback" }],
  [{}, { join: "all", after: [], optional: [], resources: [], counters: {} }],
  [{}, { priority: 0, retry: 1 }],
  [{ retry: 3 }, { retry: { attempts: 3 } }],
  [{ retry: 2 }, { retry: { attempts: 2, backoffMs: 1000, factor: 2, maxBackoffMs: 60_000, jitter: 0.2 } }],
  [{ retry: { attempts: 2, on: ["timeout"] } }, { retry: { attempts: 2, on: ["timeout", "timeout"], factor: 2 } }],
  [{ join: "any" }, { join: { any: "leave" } }],
  [{ after: ["b"] }, { after: [{ node: "b" }, { node: "b", on: "ok" }] }],
  [{ resources: ["db"] }, { resources: [{ name: "db", units: 1 }] }],
  [{ with: null }, {}],
];

const changes: readonly object[] = [
  { uses: "y" },
  { with: { v: 2 } },
  { when: "true" },
  { after: ["b"] },
  { after: [{ node: "b", on: "ended" }] },
  { optional: ["b"] },
  { join: "any" },
  { join: { any: "undo" } },
  ...["fail", "skip", "observe", "ask"].map((onFailure) => ({ onFailure })),
  { onFailure: { fallback: { uses: "z" } } },
  { retry: 2 },
  { retry: { attempts: 2, jitter: 0 } },
  { retry: { attempts: 2, on: ["timeout"] } },
  { timeoutMs: 1 },
  { idleMs: 1 },
  { totalMs: 1 },
  { resources: ["db"] },
  { resources: [{ name: "db", units: 2 }] },
  { priority: 1 },
  { counters: { tokens: 1 } },
];

describe("planHash", () => {
  it("does not change with the order of keys, defaults spelled out, or shorthands", () => {
    const check = fc.property(fc.constantFrom(...sayings), fc.nat(9), ([short, long], turn) => {
      const others = {
        b: { uses: "x", with: { a: 1, b: { d: [], c: "${input}" } } },
        "10": { uses: "x" },
        "9": { uses: "x" },
      };
      const plan = { name: "p", nodes: { a: { uses: "x", ...short }, ...others } };
      const said = { ...plan, nodes: { a: { uses: "x", ...long }, ...others }, output: null, plans: {}, budget: {} };
      const same: Json = JSON.parse(JSON.stringify(said));
      expect(hashOf(reorder(same, turn))).toBe(hashOf(plan));
    });
    fc.assert(check);
  });

  it("changes with every meaningful change", () => {
    const plan = { name: "p", nodes: { a: { uses: "x", with: { v: 1 } }, b: { uses: "x" } } };
    const others = [
      { ...plan, name: "q" },
      { ...plan, input: { type: "object" } },
      { ...plan, input: false },
      { ...plan, output: 1 },
      { ...plan, budget: { attempts: 1 } },
      { ...plan, budget: { counters: { a: 1 } } },
      { ...plan, plans: { c: { nodes: {} } } },
      { ...plan, nodes: { ...plan.nodes, c: { uses: "x" } } },
      { ...plan, nodes: { a: plan.nodes.a } },
      ...changes.map((change) => ({ ...plan, nodes: { ...plan.nodes, a: { ...plan.nodes.a, ...change } } })),
    ];
    expect(new Set([plan, ...others].map(hashOf)).size).toBe(others.length + 1);
  });

  it("is the SHA-256 of the canonical normal form, whatever the plan has", () => {
    const check = fc.property(fc.constantFrom(...changes), fc.constantFrom(...sayings), (change, [said]) => {
      const nodes = { a: { uses: "x", ...change }, B: { uses: "x", ...said }, "10": { uses: "x" }, "9": { uses: "x" } };
      const rest = { input: { type: "object" }, output: [1, { b: 2, a: 3 }], budget: { wallMs: 5, attempts: 2 } };
      const plan = parsePlan({ ...rest, plans: { z: { nodes }, y: { nodes: {} } }, nodes, name: "p" });
      const data: Json = JSON.parse(JSON.stringify(plan));
      expect(planHash(plan)).toBe(sha256(canonicalJson(data)));
      expect(planHash({ ...plan, nodes: { ...plan.nodes } })).toBe(planHash(plan));
    });
    fc.assert(check);
  });

  it("is the same on every machine", () => {
    // printf '%s' '{"name":"p","nodes":{"a":{"uses":"x"}}}' | sha256sum
    expect(hashOf({ nodes: { a: { uses: "x", retry: 1 } }, name: "p" })).toBe(
      "aba6ba4efbf116d13dc6cdb557b187d937522799989ca7002b869597cd481782",
    );
  });
});

describe("revise", () => {
  it("depends on the revision before and on the patch, not on the order of keys", () => {
    const first = toHash("0".repeat(64));
    const second = toHash("1".repeat(64));
    const add = { op: "add-node", id: "a", node: { uses: "x" } } as const;
    const turned = { node: { uses: "x" }, id: "a", op: "add-node" } as const;
    expect(revise(first, [turned])).toBe(revise(first, [add]));
    expect(
      new Set([
        revise(first, [add]),
        revise(second, [add]),
        revise(first, []),
        revise(first, [add, { op: "remove-node", id: "a" }]),
      ]).size,
    ).toBe(4);
  });
});
