import type { Hash, Instant } from "../base/index.ts";
import {
  evolve,
  type NodeState,
  type PlanGraph,
  type RunEvent,
  type RunFinished,
  type RunState,
} from "../plan/index.ts";
import { settleClaim, settleClaims } from "./ledger.ts";
import type { LedgerEntry } from "../store/index.ts";
import type { Engine } from "./engine.ts";

/** An attempt or an undo that is out. */
interface LiveWork {
  /** Tells it to stop. Once is enough. */
  readonly stop: (why: string) => void;
}

/** A run in memory, with what it has to append and to do when that is durable. */
export interface Hosted {
  readonly engine: Engine;
  readonly state: RunState;
  /** Sequence number of the first of `pending`. */
  pendingFrom: number;
  pending: RunEvent[];
  /** The plan, until it is durable. */
  plan: { readonly hash: Hash; readonly graph: PlanGraph } | undefined;
  ledger: LedgerEntry[];
  /** Ledger entries that nodes of this run hold. */
  readonly claims: Map<NodeState, LedgerEntry>;
  /** Done in order once `pending` is durable. */
  afterCommit: (() => void)[];
  /** What the commit under way makes durable, and what is done when it is. */
  committing: { readonly events: readonly RunEvent[]; readonly acts: readonly (() => void)[] };
  /** What is out, by node. */
  readonly work: Map<NodeState, LiveWork>;
  /** Nodes whose start, choice or check is being prepared: decided about, not in the journal yet. */
  readonly busy: Set<NodeState>;
  /** How many of the busy ones wait for another node to let go of an effect: they take no place among the attempts. */
  waiting: number;
  /** Called once, when the run has come to an end that is durable. */
  readonly watchers: ((end: RunFinished) => void)[];
  cancelTimer: (() => void) | undefined;
  timerAt: Instant | undefined;
  /** The sequence number at which it was last asked whether its plan grows. */
  askedAt: number;
  /** When it last had the chance to decide. */
  decidedAt: Instant;
}

const NOTHING: Hosted["committing"] = { events: [], acts: [] };

/** Hosts a run whose state is in step with its journal. */
export function host(engine: Engine, state: RunState): Hosted {
  return {
    engine,
    state,
    pendingFrom: state.seq + 1,
    pending: [],
    plan: undefined,
    ledger: [],
    claims: new Map(),
    afterCommit: [],
    work: new Map(),
    busy: new Set(),
    waiting: 0,
    watchers: [],
    cancelTimer: undefined,
    timerAt: undefined,
    askedAt: 0,
    decidedAt: state.lastAt,
    committing: NOTHING,
  };
}

/** Folds an event and puts it among those to be appended. The state runs ahead of the disk; nobody is told before. */
export function record(hosted: Hosted, event: RunEvent): void {
  evolve(hosted.state, event);
  hosted.pending.push(event);
  // A run that rested may have been let go of between being looked up and being changed.
  if (!hosted.engine.hosted.has(hosted.state.run)) hosted.engine.hosted.set(hosted.state.run, hosted);
  if (hosted.claims.size === 0) return;
  if (hosted.state.phase !== "running" && !("node" in event)) settleClaims(hosted);
  if ("node" in event) settleClaimOf(hosted, event.node);
}

function settleClaimOf(hosted: Hosted, id: string): void {
  const node = hosted.state.nodes[hosted.state.plan.index.get(id) ?? -1];
  if (node !== undefined) settleClaim(hosted, node);
}

/** The time for a new event: the clock may have stepped back, a journal never does. */
export function timeFor({ engine, state }: Hosted): Instant {
  const now = engine.now();
  return now > state.lastAt ? now : state.lastAt;
}

/** Takes what is to be committed now, and leaves room for what comes meanwhile. */
export function takePending(hosted: Hosted): void {
  hosted.committing = { events: hosted.pending, acts: hosted.afterCommit };
  hosted.pendingFrom += hosted.pending.length;
  hosted.pending = [];
  hosted.afterCommit = [];
  hosted.plan = undefined;
}

/** Gives what has just become durable. */
export function takeCommitted(hosted: Hosted): Hosted["committing"] {
  const { committing } = hosted;
  hosted.committing = NOTHING;
  return committing;
}
