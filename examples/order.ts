import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentExecutor, asOutcome, cel, defineAction, definePlan, defineQuery } from "pawl";
import { z } from "zod";
import { pay, shop } from "./shop.ts";

const stock = defineQuery("stock", {
  input: z.object({ sku: z.string() }),
  output: z.object({ left: z.int() }),
  run: ({ input }) => shop.left(input.sku),
});
const charge = defineAction("charge", {
  input: z.object({ order: z.string(), cents: z.int() }),
  output: z.object({ id: z.string() }),
  repeat: "keyed", // may be attempted again with the same key
  undo: ({ output, key }) => pay.refund(output.id, key),
  identity: (input) => input.order, // one charge an order, in any run
  check: async ({ key }) => asOutcome(await pay.find(key)), // "did it happen?"
  run: ({ input, key }) => pay.charge(input, key),
});
const ship = defineAction("ship", {
  input: z.object({ order: z.string(), payment: z.string() }),
  output: z.object({ tracking: z.string() }),
  repeat: "keyed",
  undo: "impossible",
  run: ({ input }) => shop.ship(input.order),
});

const Order = z.object({ id: z.string(), sku: z.string(), cents: z.int() });
const order = definePlan("order", { input: Order }, (p, input) => {
  const left = p.step("stock", stock, { sku: input.sku });
  const what = { order: input.id, cents: input.cents };
  const paid = p.step("charge", charge, what, { when: cel`${left.left} > 0`, retry: 3 });
  const big = cel`${input.cents} > 50000`;
  const ok = p.ask("big-order", { show: { cents: input.cents }, when: big, expiresMs: 86_400_000 });
  const sent = p.step("ship", ship, { order: input.id, payment: paid.id }, { after: [ok] });
  return { tracking: sent.tracking };
});

const dir = mkdtempSync(join(tmpdir(), "pawl-order-"));
await using executor = await AgentExecutor.open({ dir, use: [order] });
const run = await executor.start(order, { id: "order-42", input: { id: "42", sku: "cup", cents: 990 } });
const result = await run.result();
if (result.tag !== "succeeded") throw new Error(result.why);
console.log(result.output.tracking, pay.total());
