import { z } from "zod";
import type { Action } from "../../../../src/action/index.ts";
import { defineAgent, type AgentOptions, type AgentOutput, type Goal } from "../../../../src/agents/index.ts";
import { defineQuery } from "../../../../src/index.ts";

/** Name under which the server offers its model. */
export const MODEL = "smollm2-135m";
/** Small, since each step of so slow a model takes seconds. */
export const BUDGET = { steps: 3, calls: 6, tokens: 8_000 } as const;

const stock = defineQuery("stock", {
  description: "Says how many pieces of a sku are left in the shop.",
  input: z.object({ sku: z.string().max(20) }),
  output: z.object({ left: z.number() }),
  run: () => ({ left: 7 }),
});

const weather = defineQuery("weather", {
  description: "Says what the weather in a city is now.",
  input: z.object({ city: z.string().max(20) }),
  output: z.object({ sky: z.string(), degrees: z.number() }),
  run: () => ({ sky: "clear", degrees: 14 }),
});

/** A task, and the call that it asks for. */
export interface Task {
  readonly goal: string;
  readonly tool: "stock" | "weather";
  /** A word that the input of the call must hold, in small letters. */
  readonly about: string;
}

const left = (sku: string): Task => ({
  goal: `How many pieces of the sku ${sku} are left? Use a tool.`,
  tool: "stock",
  about: sku.toLowerCase(),
});
const sky = (city: string): Task => ({
  goal: `What is the weather in ${city} now? Use a tool.`,
  tool: "weather",
  about: city.toLowerCase(),
});

/** Plain tasks, one call each: what so small a model can be asked for. */
export const TASKS: readonly Task[] = [
  ...["A-1", "B-22", "C-303", "K-9", "Z-17"].map(left),
  ...["Oslo", "Paris", "Rome", "Lima", "Cairo"].map(sky),
];

/** An agent with two tools on a small model, which has to be made to call and never stops calling by itself. */
export function createClerk(url: string, options: Partial<AgentOptions> = {}): Action<Goal, AgentOutput> {
  return defineAgent("clerk", {
    model: `${url}#${MODEL}`,
    tools: [stock, weather],
    mustCall: "first",
    temperature: 0,
    maxOutputTokens: 48,
    budget: BUDGET,
    ...options,
  });
}
