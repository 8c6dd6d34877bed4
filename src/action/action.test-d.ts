import { expectTypeOf } from "vitest";
import { z } from "zod";
import { asOutcome, defineAction, defineChoice, defineQuery, fromJsonSchema, type Action } from "./index.ts";

const Order = z.object({ id: z.string(), cents: z.int() });
const Paid = z.object({ payment: z.string() });
const run = (): { payment: string } => ({ payment: "p1" });

const charge = defineAction("charge", {
  input: Order,
  output: Paid,
  repeat: "keyed",
  undo: ({ input, output, undoes }) => `${input.id} ${output.payment} ${undoes}`,
  identity: (input) => input.id,
  check: ({ key }) => asOutcome(key === "" ? undefined : { payment: key }),
  run: ({ input, signal }) => ({ payment: `${input.cents} ${signal.aborted}` }),
});
expectTypeOf(charge).toEqualTypeOf<Action<{ id: string; cents: number }, { payment: string }>>();

const look = defineQuery("look", { input: Order, output: Paid, run });
expectTypeOf(look).toEqualTypeOf<Action<{ id: string; cents: number }, { payment: string }>>();

// Transforms: a plan gives what goes into the schema, and gets what comes out.
const parse = defineQuery("parse", {
  input: z.object({ text: z.string().transform(Number) }),
  output: z.object({ total: z.number().transform(String) }),
  run: ({ input }) => ({ total: input.text + 1 }),
});
expectTypeOf(parse).toEqualTypeOf<Action<{ text: string }, { total: string }>>();

// @ts-expect-error says nothing of `repeat`
defineAction("a", { input: Order, output: Paid, undo: "impossible", run });
// @ts-expect-error says nothing of `undo`
defineAction("b", { input: Order, output: Paid, repeat: "safe", run });
// @ts-expect-error says neither
defineAction("c", { input: Order, output: Paid, run });
// @ts-expect-error gives what the output schema doesn't take
defineQuery("d", { input: Order, output: Paid, run: () => ({ payment: 1 }) });
// @ts-expect-error reads a field that the input doesn't have
defineQuery("e", { input: Order, output: Paid, run: ({ input }) => ({ payment: input.missing }) });
defineAction("f", {
  input: Order,
  output: Paid,
  repeat: "keyed",
  undo: "not-needed",
  // @ts-expect-error a check must answer with an outcome
  check: () => ({ payment: "p1" }),
  run,
});

const other = defineQuery("other", {
  input: Order,
  output: z.object({ refused: z.boolean() }),
  run: () => ({ refused: true }),
});
const wider = defineQuery("wider", { input: z.object({ id: z.string() }), output: Paid, run });
const narrower = defineQuery("narrower", { input: Order.extend({ sku: z.string() }), output: Paid, run });

const choice = defineChoice("pay", {
  variants: { charge, look },
  first: "charge",
  state: (input) => ({ cents: input.cents }),
});
expectTypeOf(choice).toEqualTypeOf<Action<{ id: string; cents: number }, { payment: string }>>();
defineChoice("g", { variants: { charge, wider }, first: "wider" });
// @ts-expect-error variants that disagree in what they give
defineChoice("h", { variants: { charge, other }, first: "charge" });
// @ts-expect-error the first is no variant
defineChoice("i", { variants: { charge, look }, first: "lok" });

// What takes less and gives more fits where an action is needed, and not the other way round.
expectTypeOf(wider).toExtend<Action<{ id: string; cents: number }, { payment: string }>>();
expectTypeOf(narrower).not.toExtend<Action<{ id: string; cents: number }, { payment: string }>>();

const label = fromJsonSchema<{ label: "refund" | "other" }>({ type: "object" });
const classify = defineQuery("classify", { input: Order, output: label, run: () => ({ label: "refund" as const }) });
expectTypeOf(classify).toEqualTypeOf<Action<{ id: string; cents: number }, { label: "refund" | "other" }>>();
