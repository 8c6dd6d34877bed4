import { InputError, toWaitId, type Instant, type Json } from "../../base/index.ts";
import { isJsonObject } from "../../base/index.ts";
import type { Draft } from "./draft.ts";
import type { Counters, FailureRecord, NodeFailed, WaitOpened } from "../event.ts";
import { compiledAt } from "./access.ts";
import { toApproval, whyApprove } from "./approval.ts";
import { later } from "./create.ts";
import { takeResources } from "./resources.ts";
import { bindInput, scopeOf } from "./scope.ts";
import type { NodeState, RunState } from "./state.ts";

/** Decides whether a node starts now. False: there is no room for any other either. */
export function decideStart(draft: Draft, node: NodeState): boolean {
  if (draft.room <= 0) return false;
  if (!isStartable(node) || draft.run.phase !== "running") return true;
  const refusal = overBudget(draft.run, node);
  if (refusal !== undefined) return failBefore(draft, node, refusal);
  if (isFirst(node) && !passesCondition(draft, node)) return true;
  if (isPlannedWait(node)) return openPlannedWait(draft, node);
  const why = whyApprove(draft.run, node);
  if (why !== undefined && node.nature.kind !== "choice") return openApproval(draft, node, why);
  if (!takeResources(draft, node)) return true;
  draft.room -= 1;
  draft.commands.push({ type: "start-node", node: node.index });
  return true;
}

function isStartable({ tag, lost }: NodeState): boolean {
  return !lost && (tag === "ready" || tag === "retry-wait" || tag === "unknown");
}

function isFirst(node: NodeState): boolean {
  return node.tag === "ready" && node.attempt === 0 && node.generation === 0;
}

/** E7: the condition is evaluated when all parents have ended; what it gives is what is recorded. */
function passesCondition(draft: Draft, node: NodeState): boolean {
  const { when } = compiledAt(draft.run, node.index);
  if (when === undefined) return true;
  const { now: at } = draft;
  try {
    const value = when.evaluate(scopeOf(draft.run, node));
    if (value === true) return true;
    if (value !== false) return !failBefore(draft, node, notBoolean(value));
    draft.commands.push({ type: "record", event: { type: "node-skipped", at, node: node.id, why: "condition" } });
  } catch (error) {
    failBefore(draft, node, toFailure(error));
  }
  return false;
}

function notBoolean(value: Json): FailureRecord {
  const message = `The condition must give true or false, it gave ${JSON.stringify(value).slice(0, 60)}.`;
  return { class: "input", code: "EXPRESSION_FAILED", message };
}

function toFailure(error: unknown): FailureRecord {
  if (!InputError.is(error)) throw error;
  return { class: "input", code: error.code, message: error.message };
}

/** A failure that needs no attempt; it is final. */
function failBefore({ commands, now }: Draft, node: NodeState, error: FailureRecord): true {
  const event: NodeFailed = { type: "node-failed", at: now, node: node.id, attempt: 0, error };
  commands.push({ type: "record", event });
  return true;
}

/** E11: what an attempt needs is reserved before it starts. */
export function overBudget(run: RunState, node: NodeState): FailureRecord | undefined {
  const { budget } = run.plan.graph;
  if ((budget === undefined && run.parent === undefined) || isPlannedWait(node)) return undefined;
  if (budget?.attempts !== undefined && run.used.attempts >= budget.attempts)
    return overspent("attempts", run.used.attempts, budget.attempts);
  return overCounters(run, node, budget?.counters) ?? overCounters(run, node, run.limits);
}

function overCounters(run: RunState, node: NodeState, limits: Counters = {}): FailureRecord | undefined {
  for (const name in limits) {
    const limit = limits[name] ?? 0;
    const used = run.used.counters.get(name) ?? 0;
    if (used + needOf(run, node, name) > limit) return overspent(name, used, limit);
  }
  return undefined;
}

/** How much of a counter an attempt of a node reserves: what its action says and what the plan adds. */
export function needOf(run: RunState, node: NodeState, name: string): number {
  return (node.nature.counters[name] ?? 0) + (compiledAt(run, node.index).node.counters?.[name] ?? 0);
}

function isPlannedWait({ nature }: NodeState): boolean {
  return nature.kind === "ask" || nature.kind === "wait";
}

function overspent(name: string, used: number, limit: number): FailureRecord {
  const message = `The run's budget of ${name} is used up: ${used} of ${limit}. Raise budget.${name} in the plan.`;
  return { class: "permanent", code: "BUDGET_EXCEEDED", message };
}

/** A question of the plan, or a pause: it is open as soon as it is in the journal. */
function openPlannedWait(draft: Draft, node: NodeState): true {
  const { run, now, commands } = draft;
  try {
    const input = bindInput(run, node);
    const fields = isJsonObject(input) ? input : {};
    const base = { type: "wait-opened", at: now, wait: waitIdOf(run, node), node: node.id } as const;
    const event: WaitOpened =
      node.nature.kind === "wait"
        ? { ...base, kind: "timer", show: null, until: pauseUntil(fields, now) }
        : { ...base, kind: "ask", show: fields["show"] ?? null, ...questionOf(fields, now) };
    commands.push({ type: "record", event });
    return true;
  } catch (error) {
    return failBefore(draft, node, toFailure(error));
  }
}

/** What it would do is worked out before it is asked for, and shown. */
function openApproval(draft: Draft, node: NodeState, why: string): true {
  try {
    const input = bindInput(draft.run, node);
    const event = toApproval(draft, node, { wait: waitIdOf(draft.run, node), why, input });
    draft.commands.push({ type: "record", event });
    return true;
  } catch (error) {
    return failBefore(draft, node, toFailure(error));
  }
}

function questionOf(fields: { readonly [key: string]: Json }, now: Instant): Pick<WaitOpened, "answer" | "until"> {
  const { answer, expiresMs } = fields;
  return {
    ...(answer !== undefined && { answer }),
    ...(typeof expiresMs === "number" && { until: later(now, expiresMs) }),
  };
}

function pauseUntil({ ms, until }: { readonly [key: string]: Json }, now: Instant): Instant {
  if (typeof ms === "number" && ms >= 0) return later(now, ms);
  const at = typeof until === "string" ? Date.parse(until) : until;
  if (typeof at === "number" && Number.isFinite(at)) return later(now, Math.max(0, at - now));
  throw new InputError("BAD_PAUSE", "A wait needs `ms` (0 or more) or `until` (an ISO 8601 time or milliseconds).");
}

/** The id of a node's wait: the same whenever it is worked out, and never the same twice in a run. */
export function waitIdOf(run: RunState, node: NodeState): ReturnType<typeof toWaitId> {
  return toWaitId(`${run.run}:${node.id}:${run.seq + 1}`);
}
