import type { Label } from "../../action/index.ts";
import type { Hash } from "../../base/index.ts";
import type { RunState } from "../core/state.ts";

/** What the judge of a journal remembers of one node, from the events alone. */
export interface Trail {
  /** Counts generations as the journal shows them: an attempt 1 begins one. */
  attempt: number;
  isLive: boolean;
  hasStarted: boolean;
  /** How it ended, as children see it. */
  ending: "succeeded" | "skipped" | "failed" | undefined;
  hasSucceeded: boolean;
  /** Its last word is a failure that is not tried again. */
  hasFailed: boolean;
  /** It failed, and a patch gave it up. */
  isGivenUp: boolean;
  /** A person allowed it to start. */
  isApproved: boolean;
  isAttached: boolean;
  mayHaveActed: boolean;
  /** The last attempt ended so. */
  isUnknown: boolean;
  /** Labels of its output. */
  labels: readonly Label[];
  key: string | undefined;
  failures: number;
  /** An operator let it go again. */
  isRetried: boolean;
  dueAt: number | undefined;
  startedAt: number | undefined;
  undoKey: string | undefined;
  undoAttempt: number;
  isUndoLive: boolean;
  undoStartedAt: number | undefined;
  undoneAt: number | undefined;
  isUndoStuck: boolean;
}

/** A judge of one journal. */
export interface Audit {
  /** The fold, one event behind: for the plan and for natures. */
  readonly run: RunState;
  readonly violations: string[];
  readonly violate: (invariant: string, text: string) => void;
  readonly trails: Map<string, Trail>;
  readonly waits: Map<
    string,
    { readonly node: string; readonly kind: string; readonly until: number | undefined; isOpen: boolean }
  >;
  readonly live: Set<string>;
  readonly counters: Map<string, number>;
  seq: number;
  lastAt: number;
  attempts: number;
  /** Set by a decision after which nothing may start. */
  turned: "rolling-back" | "cancelling" | "failing" | undefined;
  isFinished: boolean;
  cancels: number;
  revision: Hash;
}

/** Begins to judge a journal whose first event made this run. */
export function createAudit(run: RunState): Audit {
  const violations: string[] = [];
  const audit: Audit = {
    run,
    violations,
    violate: (invariant, text) => violations.push(`${invariant}: seq ${audit.seq}: ${text}`),
    trails: new Map(),
    waits: new Map(),
    live: new Set(),
    counters: new Map(),
    seq: 1,
    lastAt: run.createdAt,
    attempts: 0,
    turned: undefined,
    isFinished: false,
    cancels: 0,
    revision: run.revision,
  };
  return audit;
}

/** The trail of a node. */
export function trailOf({ trails }: Audit, node: string): Trail {
  const known = trails.get(node);
  if (known !== undefined) return known;
  const trail: Trail = {
    attempt: 0,
    isLive: false,
    hasStarted: false,
    ending: undefined,
    hasSucceeded: false,
    hasFailed: false,
    isGivenUp: false,
    isApproved: false,
    isAttached: false,
    mayHaveActed: false,
    isUnknown: false,
    labels: [],
    key: undefined,
    failures: 0,
    isRetried: false,
    dueAt: undefined,
    startedAt: undefined,
    undoKey: undefined,
    undoAttempt: 0,
    isUndoLive: false,
    undoStartedAt: undefined,
    undoneAt: undefined,
    isUndoStuck: false,
  };
  trails.set(node, trail);
  return trail;
}
