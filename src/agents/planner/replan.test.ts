import { describe, expect, it } from "vitest";
import { defineQuery, fromJsonSchema } from "../../action/index.ts";
import type { Json } from "../../base/index.ts";
import { parsePlan } from "../../plan/index.ts";
import { readPatch, type ReadPatch } from "./read-patch.ts";
import { toReplanRequest, type ReplanState } from "./replan-request.ts";

const anything = fromJsonSchema<Json>(true);
const find = defineQuery("find", {
  input: fromJsonSchema<{ readonly sku: string }>({
    type: "object",
    properties: { sku: { type: "string" } },
    required: ["sku"],
  }),
  output: anything,
  run: () => null,
});
const plan = parsePlan({
  name: "order",
  nodes: {
    done: { uses: "old.action" },
    broken: { uses: "find", with: { sku: "a" }, onFailure: "replan" },
    next: { uses: "find", with: { sku: "${nodes.done.output.sku}" }, after: ["broken"] },
  },
});
const state: ReplanState = {
  nodes: {
    done: { state: "succeeded", output: { sku: "x".repeat(5_000) } },
    broken: { state: "replan", error: { code: "GONE", message: "no such article" } },
    next: { state: "pending" },
  },
  failure: "broken failed",
};
const given = { plan, state, tools: [find] };
const read = (answer: unknown): ReadPatch => readPatch(JSON.stringify(answer), given);
const add = (node: object, id = "other"): object => ({ op: "add-node", id, node });

function problemsOf(result: ReadPatch): readonly (readonly [string, string])[] {
  return result.tag === "problems" ? result.problems.map(({ code, path }) => [code, path] as const) : [];
}

describe("toReplanRequest", () => {
  const { messages, output } = toReplanRequest({ ...given, goal: "Sell it." });
  const fits = (answer: Json): boolean => {
    const result = fromJsonSchema<Json>(output ?? false)["~standard"].validate(answer);
    return !(result instanceof Promise) && result.issues === undefined;
  };

  it("tells how far the run is, long outputs cut", () => {
    const [, user] = messages;
    const text = user !== undefined && "text" in user ? user.text : "";
    expect(text).toContain('- next: {"state":"pending"}');
    expect(text).toContain('- broken: {"state":"replan","error":{"code":"GONE","message":"no such article"}}');
    expect(text).toMatch(/- done: \{"state":"succeeded","output":\{"head":.*SHA-256/u);
    expect(text.length).toBeLessThan(4_000);
  });

  it("lets only nodes be changed that have not started", () => {
    expect(fits({ patch: [{ op: "replace-node", id: "next", node: { uses: "find" } }] })).toBe(true);
    expect(fits({ patch: [{ op: "give-up-node", id: "broken" }] })).toBe(true);
    expect(fits({ giveUp: "no" })).toBe(true);
    expect(fits({ patch: [{ op: "remove-node", id: "done" }] })).toBe(false);
    expect(fits({ patch: [{ op: "give-up-node", id: "next" }] })).toBe(false);
    expect(fits({ patch: [{ op: "stop-growing" }] })).toBe(false);
    expect(fits({ patch: [{ op: "add-node", id: "x", node: { uses: "process" } }] })).toBe(false);
    expect(fits({ patch: [], giveUp: "no" })).toBe(false);
  });
});

describe("readPatch", () => {
  it("gives the patch and the plan that it makes", () => {
    const result = read({
      patch: [
        { op: "give-up-node", id: "broken" },
        add({ uses: "find", with: { sku: "b" } }),
        { op: "set-output", output: "${nodes.other.output}" },
      ],
    });
    expect(result).toMatchObject({
      tag: "patch",
      patch: [{ op: "give-up-node" }, { op: "add-node" }, { op: "set-output" }],
      plan: { nodes: { done: {}, broken: {}, next: {}, other: { uses: "find" } }, output: "${nodes.other.output}" },
    });
  });

  it("gives up where the model does", () => {
    expect(read({ giveUp: "It is sold out." })).toEqual({ tag: "give-up", why: "It is sold out." });
  });

  it.each<[string, unknown, readonly [string, string]]>([
    [
      "a node that has started",
      { patch: [{ op: "replace-node", id: "done", node: { uses: "find", with: { sku: "a" } } }] },
      ["PATCH_REFUSED", "patch[0].id"],
    ],
    [
      "a failed node that is removed",
      { patch: [{ op: "remove-node", id: "broken" }] },
      ["PATCH_REFUSED", "patch[0].id"],
    ],
    [
      "a node given up that did not fail",
      { patch: [{ op: "give-up-node", id: "next" }] },
      ["PATCH_REFUSED", "patch[0].id"],
    ],
    ["a node that is not there", { patch: [{ op: "remove-node", id: "nxt" }] }, ["PATCH_REFUSED", "patch[0]"]],
    [
      "a node that is there already",
      { patch: [add({ uses: "find", with: { sku: "a" } }, "done")] },
      ["PATCH_REFUSED", "patch[0]"],
    ],
    ["another action", { patch: [add({ uses: "old.action" })] }, ["PLAN_UNKNOWN_ACTION", "patch[0].node.uses"]],
    [
      "a nature",
      { patch: [add({ uses: "find", with: { sku: "a" }, effect: {} })] },
      ["PLAN_FORBIDDEN", "patch[0].node.effect"],
    ],
    ["more budget", { patch: [{ op: "add-budget", counters: { tokens: 5 } }] }, ["PLAN_FORBIDDEN", "patch[0].op"]],
    ["the end of growth", { patch: [{ op: "stop-growing" }] }, ["PLAN_FORBIDDEN", "patch[0].op"]],
    [
      "a reference to nothing",
      { patch: [add({ uses: "ask", with: { show: "${nodes.gone.output}" } })] },
      ["PLAN_UNKNOWN_NODE", "nodes.other.with"],
    ],
    [
      "a wrong constant",
      { patch: [add({ uses: "find", with: { sku: 5 } })] },
      ["INPUT_INVALID", "nodes.other.with.sku"],
    ],
    ["no operation", { patch: [] }, ["PLAN_SHAPE", "patch"]],
    ["both", { patch: [], giveUp: "no" }, ["PLAN_SHAPE", "patch"]],
    ["neither", { plan: {} }, ["PLAN_SHAPE", "patch"]],
    ["an empty reason", { giveUp: " " }, ["PLAN_SHAPE", "giveUp"]],
  ])("refuses %s", (_, answer, problem) => {
    expect(problemsOf(read(answer))).toEqual([problem]);
  });

  it("leaves no plan without nodes", () => {
    const small = parsePlan({ name: "p", nodes: { a: { uses: "ask" } } });
    const result = readPatch('{"patch":[{"op":"remove-node","id":"a"}]}', {
      plan: small,
      state: { nodes: { a: { state: "pending" } }, failure: "" },
      tools: [],
    });
    expect(problemsOf(result)).toEqual([["PLAN_EMPTY", "patch"]]);
  });

  it("takes a node that nobody spoke of for started", () => {
    const patch = [{ op: "remove-node", id: "next" }];
    const result = readPatch(JSON.stringify({ patch }), { ...given, state: { nodes: {}, failure: "" } });
    expect(problemsOf(result)).toEqual([["PATCH_REFUSED", "patch[0].id"]]);
  });

  it("refuses a circle, and more nodes than it may add", () => {
    const circle = [
      { op: "replace-node", id: "next", node: { uses: "ask", after: ["other"] } },
      add({ uses: "ask", after: ["next"] }),
    ];
    expect(problemsOf(read({ patch: circle }))).toEqual([["PLAN_CYCLE", expect.stringContaining("nodes")]]);
    const many = readPatch(JSON.stringify({ patch: [add({ uses: "ask" }, "a"), add({ uses: "ask" }, "b")] }), {
      ...given,
      limits: { nodes: 1 },
    });
    expect(problemsOf(many)).toEqual([["PLAN_TOO_LARGE", "patch"]]);
  });
});
