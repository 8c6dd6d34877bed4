import type { Instant } from "../../base/index.ts";
import type { FailureRecord, NodeFailed, UndoFailed } from "../event.ts";
import type { Retry } from "../graph.ts";
import { compiledAt } from "./access.ts";
import { later } from "./create.ts";
import type { NodeState, RunState } from "./state.ts";

const NO_RETRY: Retry = { attempts: 1 };
const UNDO_RETRY: Retry = { attempts: 5, on: ["transient", "timeout", "permanent"] };
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** A failure, and when it became known. */
export interface Failed {
  readonly error: FailureRecord;
  readonly at: Instant;
}

/** What the journal says when an attempt of a node failed: tried again at some instant, or for good (E5). */
export function toNodeFailed(run: RunState, node: NodeState, { error, at }: Failed): NodeFailed {
  const retry = node.onFallback ? NO_RETRY : (compiledAt(run, node.index).node.retry ?? NO_RETRY);
  const base = { type: "node-failed", at, node: node.id, attempt: node.attempt, error } as const;
  const mayRetry = run.phase === "running" && !node.lost && isCovered(retry, error);
  if (!mayRetry || node.failures + 1 >= retry.attempts) return base;
  const turn = `${run.seed}/${node.id}/${node.generation}.${node.attempt}`;
  const retryAt = later(at, pauseMs(retry, error, { failures: node.failures, turn }));
  const totalMs = limitOf(run, node, "totalMs");
  if (totalMs !== undefined && retryAt >= (node.firstStartedAt ?? at) + totalMs) return base;
  return { ...base, retryAt };
}

/** The same for an undo: five attempts, then a person. */
export function toUndoFailed(run: RunState, node: NodeState, { error, at }: Failed): UndoFailed {
  const { attempt = 0, failures = 0 } = node.undo ?? {};
  const base = { type: "undo-failed", at, node: node.id, attempt, error } as const;
  if (error.code === "INTERRUPTED") return { ...base, retryAt: at };
  if (failures + 1 >= UNDO_RETRY.attempts || error.code === "CHILD_STUCK") return base;
  const turn = `${run.seed}/undo:${node.id}/${attempt}`;
  return { ...base, retryAt: later(at, pauseMs(UNDO_RETRY, error, { failures, turn })) };
}

function isCovered(retry: Retry, error: FailureRecord): boolean {
  const on: readonly string[] = retry.on ?? ["transient", "timeout"];
  return on.includes(error.class);
}

/** The pause before the next attempt; what is random in it is a function of `turn`. */
function pauseMs(
  retry: Retry,
  error: FailureRecord,
  { failures, turn }: { readonly failures: number; readonly turn: string },
): number {
  const { backoffMs = 1_000, factor = 2, maxBackoffMs = 60_000, jitter = 0.2 } = retry;
  const full = Math.min(maxBackoffMs, backoffMs * factor ** failures);
  const share = jitter * unitFrom(turn);
  const atLeast = Math.min(error.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  return Math.max(Math.round(full * (1 - share)), atLeast);
}

/** A number in [0, 1) that is a function of a text (FNV-1a, then the finaliser of MurmurHash3). */
export function unitFrom(text: string): number {
  let h = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) h = Math.imul(h ^ text.charCodeAt(at), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 0x1_0000_0000;
}

/** The tighter of what the action allows and what the plan says, in milliseconds. */
export function limitOf(run: RunState, node: NodeState, kind: "timeoutMs" | "idleMs" | "totalMs"): number | undefined {
  const ofAction = node.nature.limits[kind];
  const ofPlan = compiledAt(run, node.index).node[kind];
  if (ofAction === undefined || ofPlan === undefined) return ofAction ?? ofPlan;
  return Math.min(ofAction, ofPlan);
}
