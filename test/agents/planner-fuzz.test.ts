import { expect, it } from "vitest";
import type { PlanGraph } from "../../src/plan/index.ts";
import { findFaults } from "./plan-faults.ts";
import { fuzzPatches, fuzzPlans } from "./planner-fuzz.ts";
import { TOOLS } from "./random-plans.ts";

const DOCUMENTS = process.env["CI"] === "true" ? 5_000 : 1_500;

it(`lets only right plans through, of ${DOCUMENTS} right, wrong and broken ones`, () => {
  const { failures, accepted, refused } = fuzzPlans(DOCUMENTS, 7);
  expect(failures).toEqual([]);
  expect(accepted).toBeGreaterThan(DOCUMENTS / 5);
  expect(refused).toBeGreaterThan(DOCUMENTS / 2);
});

it("lets only patches through that change nothing which has started", () => {
  const { failures, accepted } = fuzzPatches(DOCUMENTS / 2, 7);
  expect(failures).toEqual([]);
  expect(accepted).toBeGreaterThan(DOCUMENTS / 20);
});

it("would notice a plan that should have been refused", () => {
  const most = { nodes: 3, expressions: 2, depth: 5 };
  const faultsOf = (nodes: PlanGraph["nodes"], rest: object = {}): string =>
    findFaults({ name: "p", nodes, ...rest }, TOOLS, most).join("; ");
  expect(faultsOf({ a: { uses: "note" }, b: { uses: "ask", after: ["a"], with: "${nodes.a.output}" } })).toBe("");
  expect(faultsOf({ a: { uses: "process", effect: {} } })).toBe("a uses process; a has effect");
  expect(faultsOf({ a: { uses: "note", onFailure: { fallback: { uses: "x" } } } })).toBe("a uses x");
  expect(faultsOf({ a: { uses: "note", when: 'nodes["b"].output > 1' } })).toBe("a needs b, which is not there");
  expect(faultsOf({ a: { uses: "note", with: "${nodes.b.output}" }, b: { uses: "note", after: ["a"] } })).toBe(
    "the plan has a circle",
  );
  expect(faultsOf({ a: { uses: "note", with: [[[["${1}${1}${1}"]]]] } })).toBe(
    "the plan has too many expressions; the plan is 7 deep",
  );
  expect(faultsOf({}, { plans: {} })).toBe("the plan has plans; the plan has 0 nodes");
});
