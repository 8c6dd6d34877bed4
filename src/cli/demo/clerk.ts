import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defineAgent, type AgentOutput, type Goal } from "../../agents/index.ts";
import type { Action, AnyAction } from "../../index.ts";
import { recordedModel, type Model } from "../../models/index.ts";
import { CASSETTE } from "./clerk-cassette.ts";

/** What the clerk is asked. It is the same at each performance, so that the recording fits. */
export const COMPLAINT =
  "eve@coffee.club writes that 3 of her 6 cups came broken. Settle it: give her points worth what she paid for them.";

const TOOLS = ["shop.price", "shop.customer", "shop.points"];
/** How long the recorded model thinks where someone wants to kill it meanwhile, in milliseconds. */
const SLOW_THOUGHT_MS = 1_500;

/** The agent of the demo, with a model that was recorded; what it does is real. */
export function demoClerk(model: Model, shop: readonly AnyAction[]): Action<Goal, AgentOutput> {
  return defineAgent("clerk", {
    model,
    tools: shop.filter(({ name }) => TOOLS.includes(name)),
    instructions: "You are the clerk of a small coffee shop.",
    budget: { steps: 8, tokens: 50_000 },
  });
}

/** Plays the recording; `isSlow` lets the last thought take its time. */
export function playClerk(folder: string, isSlow: boolean): Model {
  const file = join(folder, "clerk.cassette.jsonl");
  writeFileSync(file, CASSETTE);
  const model = recordedModel(file);
  const generate: Model["generate"] = async (request, context) => {
    const isLast = request.messages.filter(({ role }) => role === "assistant").length === 2;
    if (isSlow && isLast) await sleep(SLOW_THOUGHT_MS, undefined, { signal: context.signal });
    return model.generate(request, context);
  };
  return { ...model, name: "recorded:clerk", generate };
}
