import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineAction, defineQuery } from "../action/index.ts";
import { cel, optional } from "./index.ts";
import { definePlan } from "./define-plan.ts";
import { planHash } from "./plan-hash.ts";
import { parsePlan } from "./validate/parse-plan.ts";

const stock = defineQuery("stock", {
  input: z.object({ sku: z.string() }),
  output: z.object({ left: z.number() }),
  run: () => ({ left: 3 }),
});
const charge = defineAction("shop.charge", {
  input: z.object({ order: z.string(), cents: z.number() }),
  output: z.object({ id: z.string() }),
  repeat: "keyed",
  undo: "impossible",
  run: () => ({ id: "p1" }),
});

describe("definePlan", () => {
  it("gives the same plan, with the same hash, as the file", () => {
    const built = definePlan(
      "order",
      { input: z.object({ id: z.string(), sku: z.string() }), budget: { attempts: 50 } },
      (p, input) => {
        const left = p.step("stock", stock, { sku: input.sku });
        const paid = p.step("charge", charge, { order: input.id, cents: 5 }, { when: cel`${left.left} > 0`, retry: 3 });
        return { payment: paid.id, left: optional(left) };
      },
    );
    const file = parsePlan({
      name: "order",
      input: {
        type: "object",
        properties: { id: { type: "string" }, sku: { type: "string" } },
        required: ["id", "sku"],
      },
      nodes: {
        charge: {
          uses: "shop.charge",
          with: { order: "${input.id}", cents: 5 },
          when: "nodes.stock.output.left > 0",
          retry: { attempts: 3 },
        },
        stock: { uses: "stock", with: { sku: "${input.sku}" } },
      },
      output: { payment: "${nodes.charge.output.id}", left: "${nodes.stock.output}" },
      budget: { attempts: 50 },
    });
    expect(built.graph).toEqual(file);
    expect(built.hash).toBe(planHash(file));
  });
});
