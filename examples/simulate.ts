import { defineAction, definePlan } from "pawl";
import { simulate } from "pawl/test";
import { z } from "zod";

const Order = z.object({ order: z.string(), cents: z.int() });
const charge = defineAction("charge", {
  input: Order,
  output: z.object({ id: z.string() }),
  repeat: "keyed",
  undo: () => {},
  run: () => {
    throw new Error("the real bank is not for tests");
  },
});
const order = definePlan("order", { input: Order }, (p, input) => {
  const paid = p.step("charge", charge, { order: input.order, cents: input.cents }, { retry: 3 });
  return { payment: paid.id };
});
const fakeCharge = defineAction("charge", {
  input: Order,
  output: z.object({ id: z.string() }),
  repeat: "keyed",
  undo: () => {},
  run: ({ key }) => ({ id: key.slice(0, 8) }),
});
const input = { order: "42", cents: 990 };
const { violations, schedules } = await simulate(order, { input, seeds: 200, actions: [fakeCharge] });
if (violations.length > 0) throw new Error(violations.join("\n"));
console.log(`${schedules} schedules, nothing wrong`);
