/** Plans as a model could write them, and what can be wrong with them. Everything follows from the seed. */
import { defineAction, defineQuery, fromJsonSchema, type AnyAction } from "../../src/action/index.ts";
import type { Json } from "../../src/base/index.ts";

/** A number in [0, 1) at each call (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What is drawn by chance. */
export class Draw {
  readonly next: () => number;

  constructor(seed: number) {
    this.next = createRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  one<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new Error("expected a list that is not empty");
    return item;
  }
}

const anything = fromJsonSchema<Json>(true);

/** The only actions that the plans may use. */
export const TOOLS: readonly AnyAction[] = [
  defineQuery("shop.find", {
    input: fromJsonSchema<Json>({
      type: "object",
      properties: { sku: { type: "string" }, most: { type: "integer", minimum: 1 } },
      required: ["sku"],
      additionalProperties: false,
    }),
    output: anything,
    run: () => null,
  }),
  defineAction("shop.charge", {
    input: fromJsonSchema<Json>({
      type: "object",
      properties: { order: { type: "string" }, cents: { type: "integer" } },
      required: ["order", "cents"],
      additionalProperties: false,
    }),
    output: anything,
    repeat: "keyed",
    undo: "impossible",
    counters: { calls: 1 },
    run: () => null,
  }),
  defineAction("note", { input: anything, output: anything, repeat: "safe", undo: "not-needed", run: () => null }),
];

/** A document that is still to be changed. */
export type Wild = { [key: string]: unknown };

/** A plan that is right. */
export interface WildPlan extends Wild {
  name: string;
  nodes: { [id: string]: Wild };
}

/** Gives a plan that is right. */
export function drawPlan(draw: Draw): WildPlan {
  const nodes: { [id: string]: Wild } = {};
  const count = 1 + draw.below(8);
  for (let index = 0; index < count; index++) nodes[`n${index}`] = drawNode(draw, index, nodes);
  const plan: WildPlan = { name: draw.one(["order", "a plan", "größer"]), nodes };
  if (draw.chance(0.5)) plan["output"] = { last: `\${nodes.n${count - 1}.output}` };
  if (draw.chance(0.3)) plan["budget"] = { attempts: 1 + draw.below(50), counters: { tokens: 500 } };
  return plan;
}

function drawNode(draw: Draw, index: number, before: { readonly [id: string]: Wild }): Wild {
  const earlier = Object.keys(before);
  const read = (): string =>
    earlier.length > 0 && draw.chance(0.6) ? `\${nodes.${draw.one(earlier)}.output.v}` : `v${index}`;
  return { ...drawWork(draw, read), ...drawRules(draw, read), ...(earlier.length > 0 && drawOrder(draw, earlier)) };
}

function drawWork(draw: Draw, read: () => string): Wild {
  return draw.one<() => Wild>([
    () => ({ uses: "shop.find", with: { sku: read(), ...(draw.chance(0.5) && { most: 1 + draw.below(9) }) } }),
    () => ({ uses: "shop.charge", with: { order: read(), cents: draw.below(900) } }),
    () => ({ uses: "note", with: [read(), { deep: [read(), null, true, 1.5] }] }),
    () => ({ uses: "ask", with: { show: { what: read() } } }),
    () => ({ uses: "wait", with: { ms: draw.below(1_000) } }),
  ])();
}

function drawRules(draw: Draw, read: () => string): Wild {
  const strategy = draw.one<unknown>([
    "skip",
    "observe",
    "replan",
    { fallback: { uses: "note", with: { was: read() } } },
  ]);
  return {
    ...(draw.chance(0.3) && { retry: draw.chance(0.5) ? 1 + draw.below(4) : { attempts: 2, backoffMs: 5 } }),
    ...(draw.chance(0.3) && { onFailure: strategy }),
    ...(draw.chance(0.2) && { timeoutMs: 1 + draw.below(9_000) }),
    ...(draw.chance(0.1) && { approve: true }),
    ...(draw.chance(0.1) && { labels: ["untrusted"] }),
  };
}

function drawOrder(draw: Draw, earlier: readonly string[]): Wild {
  return {
    ...(draw.chance(0.3) && { after: [draw.one(earlier)] }),
    ...(draw.chance(0.2) && { when: `nodes.${draw.one(earlier)}.output.left > ${draw.below(9)}` }),
  };
}
