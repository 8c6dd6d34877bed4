import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineAction, defineChoice, defineQuery, UNLABELLED, type Action } from "../action/index.ts";
import { cel } from "./cel.ts";
import { compilePlan } from "./compile.ts";
import { definePlan, type Plan } from "./define-plan.ts";
import { optional, type Ref } from "./handles.ts";
import type { Builder } from "./builder-types.ts";
import type { Nature } from "./nature.ts";
import { planHash } from "./plan-hash.ts";
import { parsePlan } from "./validate/parse-plan.ts";

const run = (): { id: string } => ({ id: "1" });
const Id = z.object({ id: z.string() });
const Order = z.object({ id: z.string(), cents: z.int() });
const reserve = defineQuery("shop.reserve", {
  input: Id,
  output: z.object({ cents: z.int() }),
  run: () => ({ cents: 5 }),
});
const charge = defineAction("shop.charge", {
  input: z.object({ order: z.string(), cents: z.int() }),
  output: Id,
  repeat: "keyed",
  undo: "impossible",
  run,
});
const ship = defineAction("shop.ship", {
  input: z.object({ order: z.string() }),
  output: z.object({ tracking: z.string() }),
  repeat: "keyed",
  undo: "impossible",
  run: () => ({ tracking: "t" }),
});
const cash = defineQuery("shop.cash", { input: z.object({ order: z.string() }), output: Id, run });

const track = defineQuery("shop.track", {
  input: Id,
  output: z.object({ tracking: z.string() }),
  run: () => ({ tracking: "" }),
});

/** A new action each time, of that name. */
function named(name: string): Action<{ id: string }, { id: string }> {
  return defineQuery(name, { input: Id, output: Id, run });
}

function choiceOf(only: Action<{ id: string }, { id: string }>): Action<{ id: string }, { id: string }> {
  return defineChoice("choice", { variants: { only }, first: "only" });
}

type OrderInput = z.input<typeof Order>;

function define(body: (p: Builder, input: Ref<OrderInput>) => void): Plan<OrderInput, null> {
  return definePlan("trying", { input: Order }, (p, input) => body(p, input));
}

const withCode = (code: string): unknown => expect.objectContaining({ code, failure: "input" });

describe("definePlan", () => {
  it("gives the same plan, with the same hash, as the file", () => {
    const built = definePlan("order", { input: Id, budget: { attempts: 50, wallMs: 600_000 } }, (p, input) => {
      const reserved = p.step("reserve", reserve, input, { timeoutMs: 5000, retry: { attempts: 3, backoffMs: 200 } });
      const paid = p.step("charge", charge, { order: input.id, cents: reserved.cents }, { onFailure: "rollback" });
      const when = cel`${reserved.cents} > 0`;
      const sent = p.step("ship", ship, { order: input.id }, { after: [paid], when });
      return { tracking: sent.tracking };
    });
    const file = parsePlan({
      name: "order",
      input: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
      nodes: {
        ship: {
          uses: "shop.ship",
          with: { order: "${input.id}" },
          after: ["charge"],
          when: "nodes.reserve.output.cents > 0",
        },
        charge: {
          uses: "shop.charge",
          with: { order: "${input.id}", cents: "${nodes.reserve.output.cents}" },
          onFailure: "rollback",
        },
        reserve: { uses: "shop.reserve", with: "${input}", timeoutMs: 5000, retry: { attempts: 3, backoffMs: 200 } },
      },
      output: { tracking: "${nodes.ship.output.tracking}" },
      budget: { attempts: 50, wallMs: 600_000 },
    });
    expect(built.graph).toEqual(file);
    expect(built.hash).toBe(planHash(file));
    expect(planHash(parsePlan(JSON.parse(JSON.stringify(built))))).toBe(built.hash);
    expect(built.hash).not.toBe(define((p, input) => void p.step("a", reserve, { id: input.id })).hash);
  });

  it("is an action that uses its actions, each once", () => {
    const plan = define((p, input) => {
      p.step("a", cash, { order: input.id });
      p.step("b", cash, { order: "2" });
      p.step("c", charge, { order: "2", cents: 1 }, { onFailure: { fallback: cash, with: { order: input.id } } });
    });
    expect(plan).toMatchObject({ name: "trying", version: 1, definition: { tag: "plan" } });
    expect(plan.definition.uses).toEqual([cash, charge]);
    expect(plan.definition.graph).toEqual(plan.toJSON());
    expect(definePlan("v", { input: Id, version: 7 }, (p) => void p.wait("w", { ms: 1 })).version).toBe(7);
  });

  it("writes every option as a file has it", () => {
    const { graph } = define((p, input) => {
      const first = p.step("first", cash, { order: "1" }, { onFailure: "observe", priority: 2, idleMs: 4, totalMs: 9 });
      const second = p.step(
        "second",
        cash,
        { order: "${no} slot" },
        { when: cel`${input.cents} > 1`, retry: 3, onFailure: "skip" },
      );
      const asked = p.ask("ask", {
        show: { cents: input.cents },
        expiresMs: 5,
        answer: z.enum(["a", "b"]),
        onFailure: "skip",
      });
      p.wait("wait", { until: "2030-01-01T00:00:00Z" }, { after: [p.failed(second), p.ended(asked), first] });
      p.step(
        "any",
        charge,
        { order: cel<string>`${optional(second)} == null ? "-" : ${optional(second)}.id`, cents: 1 },
        {
          join: "any",
          resources: ["till", { name: "hands", units: 2 }],
          counters: { tokens: 5 },
          onFailure: { fallback: cash, with: { order: cel<string>`has(${optional(first)}.id) ? "y" : "n"` } },
        },
      );
    });
    expect(graph.nodes).toEqual({
      first: { uses: "shop.cash", with: { order: "1" }, onFailure: "observe", priority: 2, idleMs: 4, totalMs: 9 },
      second: {
        uses: "shop.cash",
        with: { order: "$${no} slot" },
        when: "input.cents > 1",
        retry: { attempts: 3 },
        onFailure: "skip",
      },
      ask: {
        uses: "ask",
        with: { show: { cents: "${input.cents}" }, expiresMs: 5, answer: { type: "string", enum: ["a", "b"] } },
        onFailure: "skip",
      },
      wait: {
        uses: "wait",
        with: { until: "2030-01-01T00:00:00Z" },
        after: [{ node: "second", on: "failed" }, { node: "ask", on: "ended" }, "first"],
      },
      any: {
        uses: "shop.charge",
        with: { order: '${nodes.second.output == null ? "-" : nodes.second.output.id}', cents: 1 },
        optional: ["second", "first"],
        join: { any: "leave" },
        resources: [
          { name: "till", units: 1 },
          { name: "hands", units: 2 },
        ],
        counters: { tokens: 5 },
        onFailure: {
          fallback: { uses: "shop.cash", with: { order: '${has(nodes.first.output.id) ? "y" : "n"}' } },
        },
      },
    });
  });

  it("makes an edge from each use of a value, and none for order alone", () => {
    const { graph } = define((p, input) => {
      const a = p.step("a", cash, { order: input.id });
      const b = p.step("b", cash, { order: a.id });
      p.step("c", ship, { order: "1" }, { after: [b] });
    });
    const { nodes } = compilePlan(graph, () => anyNature);
    const edges = nodes.flatMap(({ children }) => children.map(({ from, to, kind }) => [from, to, kind]));
    expect(edges).toEqual([
      [0, 1, "data"],
      [1, 2, "ok"],
    ]);
  });

  it("nests plans, once each however often they are used", () => {
    const inner = definePlan("inner", { input: Id }, (p, input) => p.step("a", cash, { order: input.id }).id);
    const wrapper = definePlan("wrapper", { input: Id }, (p, input) => ({ id: p.step("b", inner, input) }));
    const outer = define((p, input) => {
      p.step("one", inner, { id: input.id });
      p.step("two", cash, { order: "1" }, { onFailure: { fallback: wrapper, with: { id: "2" } } });
    });
    const wrapped = { uses: "plan", with: { plan: "wrapper", input: { id: "2" } } };
    expect(outer.graph.nodes["one"]).toEqual({ uses: "plan", with: { plan: "inner", input: { id: "${input.id}" } } });
    expect(outer.graph.nodes["two"]?.onFailure).toEqual({ fallback: wrapped });
    expect(Object.keys(outer.graph.plans ?? {})).toEqual(["inner", "wrapper"]);
    expect(outer.graph.plans?.["inner"]).toEqual(inner.graph);
    expect(outer.definition.uses).toContain(inner);
  });

  it("accepts two plans with one content, and refuses two with one name", () => {
    const make = (order: string): Plan<OrderInput, null> =>
      definePlan("inner", { input: Order }, (p) => void p.step("a", cash, { order }));
    const use = (one: Plan<OrderInput, null>, other: Plan<OrderInput, null>) => (): unknown =>
      define((p, input) => {
        p.step("a", one, input);
        p.step("b", other, input);
      });
    expect(use(make("1"), make("1"))).not.toThrow();
    expect(use(make("1"), make("2"))).toThrow(withCode("ACTION_NAME_TAKEN"));
  });

  it("shows its warnings", () => {
    const silent = define((p, input) => {
      const a = p.step("a", cash, { order: "1" }, { when: cel`${input.cents} > 1` });
      const b = p.step("b", cash, { order: a.id });
      p.step("c", cash, { order: b.id });
    });
    expect(silent.warnings.map(({ code }) => code)).toContain("PLAN_SILENT_SKIP");
    expect(define((p) => void p.wait("w", { ms: 5 })).warnings).toEqual([]);
  });

  it("leaves out an input that no JSON Schema can say", () => {
    const input = { "~standard": { version: 1, vendor: "test", validate: () => ({ value: 1 }) } } as const;
    expect(definePlan("bare", { input }, (p) => void p.wait("w", { ms: 1 })).graph).not.toHaveProperty("input");
  });
});

describe("definePlan refuses", () => {
  it.each<[string, (p: Builder, input: Ref<OrderInput>) => unknown]>([
    ["PLAN_DUPLICATE_NODE", (p) => [p.wait("a", { ms: 1 }), p.ask("a", { show: 1 })]],
    ["PLAN_BAD_ID", (p) => p.wait("a b", { ms: 1 })],
    ["PLAN_BAD_ID", (p) => p.wait("__proto__", { ms: 1 })],
    ["PLAN_EMPTY", () => null],
    ["PLAN_SHAPE", (p) => p.wait("a", { ms: -1 })],
    ["PLAN_SHAPE", (p) => p.step("a", cash, { order: "1" }, { retry: 0 })],
    ["PLAN_SHAPE", (p) => p.step("a", cash, { order: "1" }, { effect: { repeat: "safe" } })],
    ["EXPRESSION_SYNTAX", (p) => p.wait("a", { ms: 1 }, { when: cel`1 +` })],
    ["HANDLE_MISUSED", (p, input) => p.wait("a", { ms: 1 }, { after: [input] })],
    ["HANDLE_MISUSED", (p) => p.wait("a", { ms: 1 }, { after: [cel`true`] })],
    // @ts-expect-error a condition is a handle, not its text
    ["HANDLE_MISUSED", (p) => p.wait("a", { ms: 1 }, { when: "input.cents > 1" })],
    // @ts-expect-error a node is named by its handle
    ["HANDLE_MISUSED", (p) => [p.wait("b", { ms: 1 }), p.wait("a", { ms: 1 }, { after: ["b"] })]],
    [
      "HANDLE_MISUSED",
      (p) => {
        const a = p.step("a", cash, { order: "1" });
        p.step("b", charge, { order: a.id, cents: cel<number>`${optional(a)} == null ? 1 : 2` });
      },
    ],
    ["BINDING_NOT_JSON", (p, input) => p.step("a", charge, { order: input.id, cents: NaN })],
    ["ACTION_NAME_TAKEN", (p) => p.step("a", named("ask"), { id: "1" })],
    ["ACTION_NAME_TAKEN", (p) => [p.step("a", named("x"), { id: "1" }), p.step("b", named("x"), { id: "1" })]],
    [
      "ACTION_NAME_TAKEN",
      (p) => [p.step("a", cash, { order: "1" }), p.step("b", choiceOf(named("shop.cash")), { id: "1" })],
    ],
    ["SCHEMA_NOT_JSON", (p) => p.ask("a", { show: 1, answer: z.date() })],
    ["SCHEMA_PATTERN", (p) => p.ask("a", { show: 1, answer: z.string().regex(/^(a+)+$/) })],
  ])("%s: %s", (code, body) => {
    expect(() => define((p, input) => void body(p, input))).toThrow(withCode(code));
  });

  it.each([[undefined], [null], ["charge"], [{ name: "charge" }]])("%s as an action", (action) => {
    // @ts-expect-error no action
    expect(() => define((p) => void p.step("a", action, {}))).toThrow(withCode("ACTION_MISSING"));
  });

  it("a handle of another plan, wherever it stands", () => {
    let foreign: Ref<{ id: string }> | undefined;
    define((p) => {
      foreign = p.step("a", cash, { order: "1" });
    });
    const uses: ((p: Builder, ref: Ref<{ id: string }>) => unknown)[] = [
      (p, ref) => p.step("b", cash, { order: ref.id }),
      (p, ref) => p.wait("b", { ms: 1 }, { after: [ref] }),
      (p, ref) => p.wait("b", { ms: 1 }, { after: [p.ended(ref)] }),
      (p, ref) => p.wait("b", { ms: 1 }, { when: cel`${ref.id} == "1"` }),
      (p, ref) => p.ask("b", { show: [ref] }),
      (p, ref) => p.step("b", ship, { order: "1" }, { onFailure: { fallback: track, with: { id: ref.id } } }),
    ];
    for (const use of uses) {
      expect(() => define((p) => foreign !== undefined && void use(p, foreign))).toThrow(withCode("HANDLE_FOREIGN"));
    }
    expect(() => definePlan("out", { input: Id }, (p) => [p.wait("w", { ms: 1 }), foreign])).toThrow(
      withCode("HANDLE_FOREIGN"),
    );
  });

  it("steps after it is defined, and an output that must be awaited", () => {
    let builder: Builder | undefined;
    define((p) => {
      builder = p;
      p.wait("a", { ms: 1 });
    });
    expect(() => builder?.wait("b", { ms: 1 })).toThrow(withCode("PLAN_CLOSED"));
    // @ts-expect-error a plan is built at once
    expect(() => definePlan("late", { input: Id }, async (p) => p.wait("a", { ms: 1 }))).toThrow(/got a promise/);
  });

  it("a schema of dates as input", () => {
    const input = z.object({ at: z.date() });
    expect(() => definePlan("dates", { input }, (p) => void p.wait("a", { ms: 1 }))).toThrow(
      withCode("SCHEMA_NOT_JSON"),
    );
  });
});

const anyNature: Nature = {
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
  action: "any",
  version: "1",
};
