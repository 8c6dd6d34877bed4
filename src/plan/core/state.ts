import type { Label } from "../../action/index.ts";
import type { Hash, Instant, Json, NodeId, RunId, WaitId } from "../../base/index.ts";
import type { CompiledPlan } from "../compiled.ts";
import type { Counters, FailureRecord, NodeStopping, NodeUnknown, Origin, RunFinished, WaitKind } from "../event.ts";
import type { Nature } from "../nature.ts";
import type { Pins } from "../pin.ts";
import type { MinHeap } from "./min-heap.ts";

/** Where a node is in its life. */
export type NodeTag =
  | "pending"
  | "ready"
  | "running"
  | "retry-wait"
  | "waiting"
  | "unknown"
  | "succeeded"
  | "failed"
  | "skipped"
  | "compensating"
  | "compensated"
  | "compensation-stuck";

/** How a node ended, as its children see it. A failure that is observed counts as success. */
export type Ending = "succeeded" | "skipped" | "failed";

/** Where the undo of a node is. */
interface UndoState {
  readonly tag: "ready" | "running" | "retry-wait" | "done" | "stuck";
  /** Attempts begun. */
  readonly attempt: number;
  /** Attempts that failed; interrupted ones do not count. */
  readonly failures: number;
  readonly error: FailureRecord | undefined;
}

/** The live state of one node. Only `evolve` changes it. */
export interface NodeState {
  /** Its number in the current revision of the plan. */
  index: number;
  readonly id: NodeId;
  tag: NodeTag;
  ended: Ending | undefined;
  /** What the node is right now: its action, the chosen variant, or its fallback. */
  nature: Nature;
  onFallback: boolean;
  /** The variants chosen for it, once a policy has decided. */
  path: readonly string[] | undefined;
  /** Part of its key: rises when the effect is to be made anew (fallback, operator's retry). */
  generation: number;
  /** Attempts begun in this generation. */
  attempt: number;
  /** Attempts of this generation that count against `retry.attempts`. */
  failures: number;
  /** Attempts that died with the process since an operator last looked. */
  crashes: number;
  openParents: number;
  /** The parent that started an `any` join. */
  winner: number | undefined;
  /** An `any` join went on without this node. */
  lost: boolean;
  output: Json;
  /** Labels of its output; those that the attempt named, until it has ended. */
  labels: readonly Label[];
  /** A person has allowed it to start, in this generation. */
  approved: boolean;
  error: FailureRecord | undefined;
  /** A failure whose strategy has not been carried out yet. */
  strategy: "rollback" | "fail" | "ask" | "settle" | "replan" | undefined;
  stopping: NodeStopping["why"] | undefined;
  unknown: { readonly why: NodeUnknown["why"]; readonly settled: "no" | "not-done" | "cannot-tell" } | undefined;
  /** An attempt of this generation may have acted, and nobody has found out yet. Outlives later attempts that fail. */
  doubt: NodeUnknown["why"] | undefined;
  wait: WaitId | undefined;
  /** The output is another run's, or this run's copy of it: not ours to undo. */
  attached: Origin | undefined;
  undo: UndoState | undefined;
  key: string;
  token: number;
  /** Token of its last attempt: where it stands among those that hold the same resource. An undo does not move it. */
  turn: number;
  /** When a pause ends. */
  dueAt: Instant | undefined;
  firstStartedAt: Instant | undefined;
  startedAt: Instant | undefined;
  endedAt: Instant | undefined;
  /** Changes with every change of tag; a timer of an older stamp is stale. */
  stamp: number;
}

/** What a run is doing. `suspended` remembers what it was doing in `resumes`. */
export type Phase = "running" | "failing" | "rolling-back" | "cancelling" | "suspended" | "finished";

/** A wait that is open. */
export interface OpenWait {
  readonly wait: WaitId;
  readonly node: number;
  readonly kind: WaitKind;
  readonly show: Json;
  readonly answer: Json | undefined;
  readonly openedAt: Instant;
  readonly until: Instant | undefined;
}

/** Something that comes due. `stamp` is the node's at the time; -1 for the run's own. */
export interface Timer {
  readonly at: Instant;
  readonly node: number;
  readonly kind: "attempt" | "total" | "retry" | "wait" | "undo-retry" | "wall";
  readonly stamp: number;
}

/** The order of a rollback: how many dependents of each node must be clear before its turn comes. */
export interface UndoPlan {
  readonly blockers: Int32Array;
  readonly dependencies: readonly (readonly number[])[];
  /** Nodes whose turn it is and that have not been undone yet. */
  readonly open: Set<number>;
  /** Nodes to be undone in all that are not done. */
  left: number;
}

/** The state of a run: the fold of its journal. Owned and changed in place by `evolve`; read by everyone else. */
export interface RunState {
  readonly run: RunId;
  readonly input: Json;
  readonly seed: string;
  readonly tags: readonly string[];
  readonly parent: Origin | undefined;
  /** Labels of the input. */
  readonly labels: readonly Label[];
  /** What the parent allows of its counters. */
  readonly limits: Counters;
  readonly createdAt: Instant;
  plan: CompiledPlan;
  /** The plan's lists are this run's own, and may grow in place. */
  ownsPlan: boolean;
  revision: Hash;
  /** Its plan was changed while it ran. */
  isPatched: boolean;
  pins: Pins;
  phase: Phase;
  /** What a suspended run goes back to, and what a retry of a stuck one does. */
  resumes: Phase;
  suspended: string | undefined;
  why: string | undefined;
  cause: NodeId | undefined;
  nodes: NodeState[];
  /** Anything in it has a label; while not, labels cost nothing. */
  isLabelled: boolean;
  /** Number of events folded: the sequence number of the last. */
  seq: number;
  lastAt: Instant;
  ready: MinHeap<number>;
  timers: MinHeap<Timer>;
  /** Nodes that need a decision other than a plain start. */
  attention: Set<number>;
  /** Nodes with an attempt or an undo out. */
  live: Set<number>;
  /** Nodes whose outcome is unknown, or was when they were given up. */
  uncertain: Set<number>;
  /** Nodes that wait for their next attempt. */
  retrying: number;
  waits: Map<WaitId, OpenWait>;
  /** Nodes that have not ended. */
  open: number;
  readonly used: { attempts: number; readonly counters: Map<string, number> };
  /** Who held each exclusive resource, in order. */
  holders: Map<string, number[]>;
  undoPlan: UndoPlan | undefined;
  finished: RunFinished | undefined;
}
