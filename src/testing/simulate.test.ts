import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineAction, defineQuery } from "../action/index.ts";
import { definePlan } from "../plan/index.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { simulate } from "./simulate.ts";

const stock = defineQuery("stock", {
  input: z.object({ sku: z.string() }),
  output: z.object({ left: z.number() }),
  run: () => ({ left: 3 }),
});

function chargeWith(paid: Map<string, number>, keyOf: (key: string, token: number) => string) {
  return defineAction("charge", {
    input: z.object({ left: z.number() }),
    output: z.object({ id: z.string() }),
    repeat: "keyed",
    undo: ({ undoes }) => paid.delete(keyOf(undoes, 0)),
    check: ({ key }) => (paid.has(keyOf(key, 0)) ? { tag: "done", output: { id: key } } : { tag: "not-done" }),
    timeoutMs: 200,
    run: ({ key, token }) => {
      paid.set(keyOf(key, token), 1);
      return { id: key };
    },
  });
}

describe("simulate", () => {
  it("finds nothing wrong with a sound plan, in every schedule", async () => {
    const charge = chargeWith(new Map(), (key) => key);
    const plan = definePlan("order", { input: z.object({ sku: z.string() }) }, (p, input) => {
      const left = p.step("stock", stock, { sku: input.sku }, { retry: 3 });
      return { id: p.step("charge", charge, { left: left.left }, { retry: 3 }).id };
    });
    const { violations, schedules } = await simulate(plan, { input: { sku: "a" }, seeds: 60 });
    expect(violations).toEqual([]);
    expect(schedules).toBe(60);
  });

  it("says so when an action is not a plan", async () => {
    expect((await simulate(stock, { input: null })).violations).toHaveLength(1);
  });
});

describe("a virtual clock", () => {
  it("rings in order, and not before the time", async () => {
    const clock = createVirtualClock(1_000);
    const rung: number[] = [];
    clock.timer(20, () => rung.push(20));
    clock.timer(10, () => rung.push(10));
    const callOff = clock.timer(15, () => rung.push(15));
    callOff();
    await clock.advance(19);
    expect(rung).toEqual([10]);
    await clock.advance(1);
    expect(rung).toEqual([10, 20]);
    expect(clock.now()).toBe(1_020);
  });
});
