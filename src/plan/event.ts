import type { Label } from "../action/index.ts";
import type { FailureClass, Hash, Instant, Json, NodeId, RunId, WaitId } from "../base/index.ts";
import type { PlanPatch } from "./patch.ts";
import type { Pins } from "./pin.ts";

/** A failure as the journal keeps it. No stack: a journal must not change when code moves. */
export interface FailureRecord {
  readonly class: FailureClass | "timeout";
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** Points at a node of a run: who made an effect that another run attached to. */
export interface Origin {
  readonly run: RunId;
  readonly node: NodeId;
}

/** Amounts by the name of a counter, such as `tokens`. */
export type Counters = Readonly<Record<string, number>>;

/** What an attempt said of itself beside its outcome. */
interface Attested {
  /** Labels of what came out, beside those that follow from its input and its action. */
  readonly labels?: readonly Label[];
  /** What it really used of the counters that were reserved for it. Absent: all of them. */
  readonly used?: Counters;
}

/** The first event of every journal. */
export interface RunCreated {
  readonly type: "run-created";
  readonly at: Instant;
  readonly run: RunId;
  /** Revision 0: the hash of the plan. */
  readonly plan: Hash;
  readonly input: Json;
  readonly tags: readonly string[];
  /** Every random choice of the run is a function of this. */
  readonly seed: string;
  /** The actions as they were, by name. A node that has not started must still find the same version. */
  readonly pins: Pins;
  readonly parent?: Origin;
  /** Labels of the input. */
  readonly labels?: readonly Label[];
  /** Counters that its parent reserved for it: it may use these and no more. */
  readonly limits?: Counters;
  readonly fork?: { readonly run: RunId; readonly from: NodeId };
}

/** A policy chose a variant, before the attempt. `path` names the variant, and those inside it where choices nest. */
export interface NodeDecided {
  readonly type: "node-decided";
  readonly at: Instant;
  readonly node: NodeId;
  readonly path: readonly string[];
  readonly decisions: readonly {
    readonly choice: string;
    readonly variant: string;
    readonly propensity: number;
    readonly probabilities: Readonly<Record<string, number>>;
    readonly policy: string;
    readonly state: Json;
    readonly reason?: string;
  }[];
}

/** Durable before the effect. */
export interface NodeStarted {
  readonly type: "node-started";
  readonly at: Instant;
  readonly node: NodeId;
  readonly attempt: number;
  readonly token: number;
  readonly key: string;
}

/** The attempt was told to stop; its outcome is still awaited for the grace time. */
export interface NodeStopping {
  readonly type: "node-stopping";
  readonly at: Instant;
  readonly node: NodeId;
  readonly attempt: number;
  readonly why: "timeout" | "idle" | "total" | "cancel" | "rollback" | "lost" | "shutdown";
}

export interface NodeSucceeded extends Attested {
  readonly type: "node-succeeded";
  readonly at: Instant;
  readonly node: NodeId;
  readonly attempt: number;
  readonly output: Json;
  /** Absent: the attempt itself said so. Attached outputs (`ledger`, `fork`) are never undone by this run. */
  readonly by?: "check" | "person" | "ledger" | "fork";
  readonly from?: Origin;
}

/** The attempt failed. With `retryAt` it will be tried again; without, the node's strategy decides. */
export interface NodeFailed extends Attested {
  readonly type: "node-failed";
  readonly at: Instant;
  readonly node: NodeId;
  /** 0 when it failed before any attempt (its input could not be made). */
  readonly attempt: number;
  readonly error: FailureRecord;
  readonly retryAt?: Instant;
}

/** The attempt may or may not have acted: it timed out, was fenced off, or died with the process. */
export interface NodeUnknown {
  readonly type: "node-unknown";
  readonly at: Instant;
  readonly node: NodeId;
  readonly attempt: number;
  /** `said`: the action itself said that it does not know (code OUTCOME_UNKNOWN). */
  readonly why: "timeout" | "crash" | "stopped" | "said";
  /** What is known, where the action said something. */
  readonly error?: FailureRecord;
}

/** An unknown outcome was looked into, and it is not "done" (which would be `node-succeeded`). */
export interface NodeSettled {
  readonly type: "node-settled";
  readonly at: Instant;
  readonly node: NodeId;
  readonly attempt: number;
  readonly answer: "not-done" | "cannot-tell";
  readonly by: "check" | "person";
}

export interface NodeSkipped {
  readonly type: "node-skipped";
  readonly at: Instant;
  readonly node: NodeId;
  readonly why: "condition" | "parent" | "lost" | "person";
}

/** An outcome that came after the attempt was fenced off: evidence, changes nothing. */
export interface NodeLate {
  readonly type: "node-late";
  readonly at: Instant;
  readonly node: NodeId;
  readonly attempt: number;
  readonly outcome: { readonly output: Json } | { readonly error: FailureRecord };
}

export interface UndoStarted {
  readonly type: "undo-started";
  readonly at: Instant;
  readonly node: NodeId;
  readonly attempt: number;
  readonly token: number;
  readonly key: string;
}

export interface UndoSucceeded {
  readonly type: "undo-succeeded";
  readonly at: Instant;
  readonly node: NodeId;
  readonly attempt: number;
}

/** With `retryAt` it will be tried again; without, the node is stuck until an operator says retry. */
export interface UndoFailed {
  readonly type: "undo-failed";
  readonly at: Instant;
  readonly node: NodeId;
  readonly attempt: number;
  readonly error: FailureRecord;
  readonly retryAt?: Instant;
}

/**
 * `ask`: the plan's question. `approval`: may it start? `timer`: a pause. `unknown`: did it happen? `failure`: what to
 * do about a failure?
 */
export type WaitKind = "ask" | "approval" | "timer" | "unknown" | "failure";

export interface WaitOpened {
  readonly type: "wait-opened";
  readonly at: Instant;
  readonly wait: WaitId;
  readonly node: NodeId;
  readonly kind: WaitKind;
  readonly show: Json;
  /** JSON Schema of the answer. */
  readonly answer?: Json;
  readonly until?: Instant;
}

export interface WaitClosed {
  readonly type: "wait-closed";
  readonly at: Instant;
  readonly wait: WaitId;
  readonly node: NodeId;
  readonly how: "answered" | "expired" | "fired" | "withdrawn";
  readonly by?: string;
  readonly value?: Json;
}

/** From here on nothing starts any more, except undos. */
export interface RollbackDecided {
  readonly type: "rollback-decided";
  readonly at: Instant;
  readonly why: string;
  readonly cause?: NodeId;
  readonly by?: string;
}

export interface CancelDecided {
  readonly type: "cancel-decided";
  readonly at: Instant;
  readonly why: string;
  readonly by: string;
}

/** A node with the strategy `fail` failed: what runs may end, nothing starts, nothing is undone. */
export interface FailDecided {
  readonly type: "fail-decided";
  readonly at: Instant;
  readonly why: string;
  readonly cause?: NodeId;
}

export interface RunSuspended {
  readonly type: "run-suspended";
  readonly at: Instant;
  readonly reason: string;
  readonly details: Json;
}

/** An operator lets a suspended run go on, with the actions as they are now. */
export interface RunResumed {
  readonly type: "run-resumed";
  readonly at: Instant;
  readonly by: string;
  readonly pins: Pins;
}

/** An operator's retry: stuck undos of a rollback, or the failed nodes of a failed run, may go again. */
export interface RunRetried {
  readonly type: "run-retried";
  readonly at: Instant;
  readonly by: string;
}

export interface PlanPatched {
  readonly type: "plan-patched";
  readonly at: Instant;
  readonly patch: PlanPatch;
  /** H(previous revision, patch). */
  readonly revision: Hash;
  readonly by: string;
  /** Pins of the actions that the patch brought. */
  readonly pins: Pins;
}

export type FinalTag = "succeeded" | "failed" | "rolled-back" | "rollback-stuck" | "cancelled";

export interface RunFinished {
  readonly type: "run-finished";
  readonly at: Instant;
  readonly tag: FinalTag;
  /** Only with `succeeded`. */
  readonly output?: Json;
  readonly why?: string;
  readonly undone: readonly NodeId[];
  readonly notUndone: readonly { readonly node: NodeId; readonly why: string }[];
}

/** All that can stand in a journal. Past facts, noun first. */
export type RunEvent =
  | RunCreated
  | NodeDecided
  | NodeStarted
  | NodeStopping
  | NodeSucceeded
  | NodeFailed
  | NodeUnknown
  | NodeSettled
  | NodeSkipped
  | NodeLate
  | UndoStarted
  | UndoSucceeded
  | UndoFailed
  | WaitOpened
  | WaitClosed
  | RollbackDecided
  | CancelDecided
  | FailDecided
  | RunSuspended
  | RunResumed
  | RunRetried
  | PlanPatched
  | RunFinished;
