import { expectTypeOf } from "vitest";
import { z } from "zod";
import { defineAction, defineQuery } from "../action/index.ts";
import {
  cel,
  definePlan,
  field,
  optional,
  orElse,
  type Answer,
  type Bind,
  type Builder,
  type Observed,
  type Plan,
  type Ref,
} from "./index.ts";

const Order = z.object({
  id: z.string(),
  cents: z.int(),
  note: z.string().optional(),
  address: z.object({ city: z.string(), zip: z.string().nullable() }),
  lines: z.array(z.object({ sku: z.string(), count: z.int() })),
  labels: z.record(z.string(), z.string()),
  // oxlint-disable-next-line unicorn/no-thenable -- what a test is about
  then: z.string(),
});
type OrderInput = z.input<typeof Order>;
const charge = defineAction("charge", {
  input: z.object({ order: z.string(), cents: z.int(), memo: z.string().optional() }),
  output: z.object({ id: z.string(), fee: z.number() }),
  repeat: "keyed",
  undo: "impossible",
  run: () => ({ id: "p", fee: 1 }),
});
const ship = defineAction("ship", {
  input: z.object({
    to: z.object({ city: z.string(), zip: z.string().nullable() }),
    lines: z.array(z.object({ sku: z.string(), count: z.int() })),
    speed: z.union([z.literal("slow"), z.literal("fast"), z.object({ days: z.int() })]),
    labels: z.record(z.string(), z.string()),
    pair: z.tuple([z.string(), z.number()]).optional(),
    anything: z.unknown(),
  }),
  output: z.object({ tracking: z.string() }),
  repeat: "keyed",
  undo: "impossible",
  run: () => ({ tracking: "t" }),
});
const rush = defineQuery("rush", {
  input: z.object({ city: z.string() }),
  output: z.object({ tracking: z.string() }),
  run: () => ({ tracking: "r" }),
});
const refund = defineQuery("refund", {
  input: z.object({ order: z.string(), cents: z.int() }),
  output: z.object({ refunded: z.boolean() }),
  run: () => ({ refunded: true }),
});
const cash = defineQuery("cash", {
  input: z.object({ order: z.string() }),
  output: z.object({ id: z.string(), fee: z.number(), till: z.int() }),
  run: () => ({ id: "c", fee: 0, till: 1 }),
});

/** A place to try single steps in. */
function trying(body: (p: Builder, input: Ref<OrderInput>) => void): void {
  definePlan("trying", { input: Order }, (p, input) => body(p, input));
}

// What a plan takes and gives is inferred, from handles, literals, and both mixed.
const plan = definePlan("order", { input: Order }, (p, input) => {
  const paid = p.step("charge", charge, { order: input.id, cents: input.cents });
  return {
    payment: paid.id,
    city: input.address.city,
    fixed: { yes: true, list: [paid.fee, 7] },
    maybe: optional(paid),
  };
});
type OutputOf<P> = P extends Plan<OrderInput, infer O> ? O : never;
type Out = {
  payment: string;
  city: string;
  fixed: { yes: true; list: number[] };
  maybe: { id: string; fee: number } | null;
};
expectTypeOf<OutputOf<typeof plan>>().toEqualTypeOf<Out>();
expectTypeOf(plan).toExtend<Plan<OrderInput, Out>>();
expectTypeOf(definePlan("none", { input: Order }, () => undefined)).toEqualTypeOf<Plan<OrderInput, null>>();
expectTypeOf(definePlan("one", { input: Order }, (_, input) => input.id)).toEqualTypeOf<Plan<OrderInput, string>>();
const checked = definePlan("checked", { input: Order, output: z.object({ id: z.string() }) }, (_, input) => ({
  id: input.id,
}));
expectTypeOf(checked).toEqualTypeOf<Plan<OrderInput, { id: string }>>();
// @ts-expect-error the output is not what the schema says
definePlan("wrong", { input: Order, output: z.object({ id: z.string() }) }, (_, input) => ({ id: input.cents }));
// @ts-expect-error a plan is built at once
definePlan("late", { input: Order }, async (_, input) => ({ id: input.id }));
// @ts-expect-error a Date is no JSON
definePlan("date", { input: Order }, () => ({ at: new Date(0) }));

// Handles: fields by name, but not of lists, records and what may be null.
trying((p, input) => {
  expectTypeOf(input.address.city).toEqualTypeOf<Ref<string>>();
  expectTypeOf(input.note).toEqualTypeOf<Ref<string | undefined>>();
  expectTypeOf(field(input, "then")).toEqualTypeOf<Ref<string>>();
  expectTypeOf(field(input.labels, "gift")).toEqualTypeOf<Ref<string | undefined>>();
  expectTypeOf(orElse(input.note, "")).toEqualTypeOf<Ref<string>>();
  expectTypeOf(orElse(input.note, null)).toEqualTypeOf<Ref<string | null>>();
  expectTypeOf(cel`true`).toEqualTypeOf<Ref<boolean>>();
  expectTypeOf(cel<number>`${input.cents} * 2`).toEqualTypeOf<Ref<number>>();
  // @ts-expect-error no such field
  void input.missing;
  // @ts-expect-error would make the handle awaitable
  void input.then;
  // @ts-expect-error a list is read with cel
  void input.lines[0];
  // @ts-expect-error a record is read with field
  void input.labels.gift;
  const paid = p.step("charge", charge, { order: input.id, cents: 1 });
  // @ts-expect-error may be null as a whole
  void optional(paid).id;
});

// Bindings: handles, literals, and objects and lists that mix them.
trying((p, input) => {
  const fast = cel<"slow" | "fast">`${input.cents} > 5 ? "fast" : "slow"`;
  const common = { to: input.address, lines: input.lines, labels: input.labels, anything: input };
  p.step("a", ship, { ...common, speed: fast });
  p.step("b", ship, { ...common, speed: "slow", pair: [input.id, 4] });
  p.step("c", ship, { ...common, speed: { days: input.cents }, anything: { deep: [input.id, { x: null }] } });
  p.step("d", ship, {
    to: { city: input.address.city, zip: null },
    lines: [{ sku: "cup", count: input.cents }, cel<{ sku: string; count: number }>`${input.lines}[0]`],
    labels: { gift: input.id, plain: "yes" },
    speed: { days: 3 },
    pair: undefined,
    anything: 1,
  });
  p.step("e", charge, cel<{ order: string; cents: number }>`{"order": ${input.id}, "cents": 1}`);
  p.step("f", charge, { order: input.id, cents: 1, memo: orElse(input.note, "none") });

  // @ts-expect-error a field is missing
  p.step("g", charge, { order: input.id });
  // @ts-expect-error wrong type of a handle
  p.step("h", charge, { order: input.cents, cents: 1 });
  // @ts-expect-error wrong type of a literal
  p.step("i", charge, { order: "1", cents: "1" });
  // @ts-expect-error a field too many
  p.step("j", charge, { order: "1", cents: 1, cent: 2 });
  // @ts-expect-error may be missing when the plan runs
  p.step("k", charge, { order: "1", cents: 1, memo: input.note });
  // @ts-expect-error may be null when the plan runs
  p.step("l", charge, { order: optional(p.step("m", charge, { order: "1", cents: 1 })), cents: 1 });
  // @ts-expect-error no such variant
  p.step("n", ship, { ...common, speed: "express" });
  // @ts-expect-error wrong inside a list
  p.step("o", ship, { ...common, speed: "slow", lines: [{ sku: "cup", count: "1" }] });
  // @ts-expect-error wrong in a record
  p.step("q", ship, { ...common, speed: "slow", labels: { gift: 1 } });
  // @ts-expect-error the whole input is no order
  p.step("r", charge, input.address);
  // @ts-expect-error used before it exists
  p.step("s", charge, { order: later.id, cents: 1 });
  const later = p.step("t", charge, { order: "1", cents: 1 });
});

// Options.
trying((p, input) => {
  const first = p.step(
    "a",
    charge,
    { order: "1", cents: 1 },
    { retry: { attempts: 3, on: ["timeout"] }, timeoutMs: 5 },
  );
  const asked = p.ask("b", {
    show: { cents: input.cents, text: "ok?" },
    after: [first],
    when: cel`${input.cents} > 5`,
  });
  expectTypeOf(asked).toEqualTypeOf<Ref<Answer<true>>>();
  const chosen = p.ask("c", { show: "which?", answer: z.enum(["a", "b"]), expiresMs: 5 });
  expectTypeOf(chosen).toEqualTypeOf<Ref<Answer<"a" | "b">>>();
  expectTypeOf(p.wait("d", { ms: input.cents }, { after: [p.failed(first), p.ended(asked)] })).toEqualTypeOf<
    Ref<null>
  >();
  const seen = p.step("e", charge, { order: "1", cents: 1 }, { onFailure: "observe", retry: 2 });
  expectTypeOf(seen).toEqualTypeOf<Ref<{ id: string; fee: number } | Observed>>();
  const skippable = p.step("f", charge, { order: "1", cents: 1 }, { onFailure: "skip" });
  expectTypeOf(skippable).toEqualTypeOf<Ref<{ id: string; fee: number }>>();
  const paid = p.step("g", charge, { order: "1", cents: 1 }, { onFailure: { fallback: cash } });
  expectTypeOf(paid).toEqualTypeOf<Ref<{ id: string; fee: number }>>();
  const fallback = { fallback: rush, with: { city: input.address.city } };
  const common = { to: input.address, lines: [], speed: "slow", labels: {}, anything: 1 } as const;
  p.step("h", ship, common, { onFailure: { fallback: rush, with: { city: input.id } } });
  p.step("i", ship, common, { onFailure: fallback });
  p.step("sub", plan, input);
  // @ts-expect-error a condition is a boolean
  p.step("j", charge, { order: "1", cents: 1 }, { when: input.id });
  // @ts-expect-error a fallback of another output
  p.step("k", charge, { order: "1", cents: 1 }, { onFailure: { fallback: refund } });
  // @ts-expect-error a fallback of another input, without one of its own
  p.step("l", ship, common, { onFailure: { fallback: rush } });
  // @ts-expect-error the fallback's own input is wrong
  p.step("m", ship, common, { onFailure: { fallback: rush, with: { city: input.cents } } });
  // @ts-expect-error a misspelt option
  p.step("n", charge, { order: "1", cents: 1 }, { retries: 3 });
  // @ts-expect-error no such strategy
  p.step("o", charge, { order: "1", cents: 1 }, { onFailure: "rollbak" });
  // @ts-expect-error a node is named by its handle
  p.step("q", charge, { order: "1", cents: 1 }, { after: ["a"] });
  // @ts-expect-error no action
  p.step("r", { name: "charge" }, { order: "1", cents: 1 });
  // @ts-expect-error a plan is not its graph
  p.step("s", plan.graph, input);
});

expectTypeOf<Bind<"a" | "b">>().toExtend<Bind<string>>();
expectTypeOf<Ref<{ a: number; b: number }>>().toExtend<Ref<{ a: number }>>();
expectTypeOf<Ref<{ a: number }>>().not.toExtend<Ref<{ a: number; b: number }>>();
