import type { GrowingRun, Growth } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import type { OnBudget } from "../options.ts";
import { COUNTERS, DEFAULT_STEPS, type Agent } from "./agent.ts";
import { asksOf, toAsk } from "./ask.ts";
import { toEnd } from "./end.ts";
import { limitOn, needOf, type Limit } from "./limits.ts";
import { patch, toThinkNode } from "./steps.ts";
import type { Turn } from "./turns.ts";

/** A step that the budget does not cover. */
interface Blocked {
  readonly last: Turn | undefined;
  readonly limit: Limit;
}

/** What becomes of an agent whose budget does not cover the next step. */
export function afterBudget(agent: Agent, run: GrowingRun, blocked: Blocked): Growth {
  const { onBudget = "finish" } = agent.options;
  if (onBudget === "ask") return askOrObey(agent, run, blocked);
  if (onBudget === "stop") return stop(agent, blocked);
  return (onBudget === "degrade" ? degrade(agent, run, blocked) : undefined) ?? finish(agent, run, blocked);
}

function stop(agent: Agent, { limit }: Blocked): Growth {
  const why = `BUDGET_EXCEEDED: ${agent.name} has used up its budget of ${limit}.`;
  return agent.options.onFailure === "keep" ? { fail: why } : { rollback: why };
}

/** One last answer with what is there, if that is still covered. */
function finish(agent: Agent, run: GrowingRun, { last, limit }: Blocked): Growth {
  const model = last?.input.model ?? 0;
  const need = needOf(agent, run, { last, kind: "answer", model });
  const isCovered =
    limit === "calls" || limitOn({ ...agent, tools: new Map() }, run, { need, spare: undefined }) === undefined;
  const mayAnswer = last !== undefined && last.node.state === "succeeded" && last.input.kind !== "answer" && isCovered;
  if (!mayAnswer) return toEnd(agent, run, { turn: last, ended: limit === "time" ? "time" : "budget" });
  const note = `Your budget of ${limit} is used up.`;
  return patch(
    toThinkNode(agent, run, { last, kind: "answer", ended: "budget", note, need, ...(model > 0 && { model }) }),
  );
}

/** The next cheaper model for which the budget is enough. */
function degrade(agent: Agent, run: GrowingRun, { last }: Blocked): Growth | undefined {
  for (let model = (last?.input.model ?? 0) + 1; model < agent.models.length; model += 1) {
    const need = needOf(agent, run, { last, kind: "act", model });
    const spare = needOf(agent, run, { last, kind: "answer", model });
    if (limitOn(agent, run, { need, spare }) !== undefined) continue;
    const memory = last?.input.memory;
    return patch(toThinkNode(agent, run, { last, kind: "act", model, need, ...(memory !== undefined && { memory }) }));
  }
  return undefined;
}

function askOrObey(agent: Agent, run: GrowingRun, blocked: Blocked): Growth {
  const { count, last } = asksOf(run);
  if (count === 0 || last === "again") return patch(toAsk(count + 1, describe(agent, run, blocked)));
  return last === "stop" ? stop(agent, blocked) : finish(agent, run, blocked);
}

/** What a person has granted and the run does not have yet. */
export function pendingGrant(agent: Agent, run: GrowingRun): Growth | undefined {
  const { granted } = asksOf(run);
  const counters = countersOf(agent.options.budget, agent.options.onBudget);
  const now = run.left("steps") + run.used("steps");
  if (now >= (counters["steps"] ?? 0) * (1 + granted)) return undefined;
  return patch({ op: "add-budget", counters });
}

/** The budget of an agent as counters of its run; a step is kept for the last answer, where there is one. */
export function countersOf(budget: Agent["options"]["budget"], onBudget?: OnBudget): Record<string, number> {
  const { tokens, usd, calls, steps = DEFAULT_STEPS } = budget ?? {};
  return {
    steps: steps + (onBudget === "stop" ? 0 : 1),
    ...(tokens !== undefined && { tokens }),
    ...(usd !== undefined && { microUsd: Math.round(usd * 1_000_000) }),
    ...(calls !== undefined && { calls }),
  };
}

function describe(agent: Agent, run: GrowingRun, { limit }: Blocked): JsonObject {
  const used = Object.fromEntries(COUNTERS.map((counter) => [counter, run.used(counter)]));
  const question = `${agent.name} has used up its budget of ${limit}. May it use as much again?`;
  return { question, used, budget: { ...agent.options.budget } };
}
