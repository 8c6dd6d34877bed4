import type { Label } from "../action/index.ts";
import type { Json, JsonObject, JsonSchema } from "../base/index.ts";

/**
 * A plan as data, in the one normal form that the file and the builder share: what equals its default is left out.
 * Strings inside `with` and `output` may hold `${ expression }`; `when` is an expression without the braces.
 */
export interface PlanGraph {
  readonly name: string;
  /** JSON Schema (2020-12) of the run's input. Absent: anything. */
  readonly input?: JsonSchema;
  readonly nodes: Readonly<Record<string, PlanNode>>;
  /** Template of the run's output. Absent: null. */
  readonly output?: Json;
  readonly budget?: Budget;
  /** Plans that nodes of this plan use by name (`uses: plan`, `with: { plan: NAME, input }`). */
  readonly plans?: Readonly<Record<string, PlanGraph>>;
  /**
   * The registered action that makes this plan grow while it runs (an agent). The run can't succeed before a patch
   * takes this away (`stop-growing`).
   */
  readonly grows?: string;
}

/** One node. The nature of what it does (repeat, undo, check) belongs to the action, not to the node. */
export interface PlanNode {
  /** `process`, `http`, `wait`, `ask`, `plan`, or the name of a registered action. */
  readonly uses: string;
  /** Template of the action's input. */
  readonly with?: Json;
  /** Order edges, without data. */
  readonly after?: readonly AfterEdge[];
  /** The node is skipped unless this is true; evaluated once, when its parents have ended. */
  readonly when?: string;
  /** Parents that may be skipped without this node being skipped; their values are then null. */
  readonly optional?: readonly string[];
  /** Absent: all parents. `any`: the first parent that succeeds starts it, and says what happens to the others. */
  readonly join?: { readonly any: Losers };
  /** Absent: `rollback`. */
  readonly onFailure?: FailureStrategy;
  readonly retry?: Retry;
  readonly timeoutMs?: number;
  readonly idleMs?: number;
  readonly totalMs?: number;
  /** Beside those of the action. Capacity is the executor's word (1 where it says nothing). */
  readonly resources?: readonly NodeResource[];
  /** Higher first, among nodes that could start; then the longer remaining path. Absent: 0. */
  readonly priority?: number;
  /** What one attempt reserves of the run's counters, beside what the action says. */
  readonly counters?: Readonly<Record<string, number>>;
  /** Earlier nodes whose inputs and outcomes the action may look up; waited for until they have ended, however that is. */
  readonly reads?: readonly string[];
  /** Labels of what stands in `with` itself: where whoever wrote it had it from. */
  readonly labels?: readonly Label[];
  /** It waits for a person's word before it starts, whatever the action says. */
  readonly approve?: true;
  /** Nature of a `process` or `http` node, for which the file is the code. */
  readonly effect?: JsonObject;
}

/** `ok` (default): the parent succeeded or was skipped. `failed`: it failed for good. `ended`: any of these. */
export type AfterEdge = string | { readonly node: string; readonly on: "failed" | "ended" };

/** What an `any` join does with the parents that were not first. */
export type Losers = "leave" | "cancel" | "undo";

export type FailureStrategy =
  | "rollback"
  | "fail"
  | "skip"
  | "observe"
  | "ask"
  | "replan"
  | { readonly fallback: { readonly uses: string; readonly with?: Json; readonly effect?: JsonObject } };

/** `attempts` counts the first one too. Pauses grow: backoffMs, backoffMs * factor, ... up to maxBackoffMs. */
export interface Retry {
  readonly attempts: number;
  /** Default 1,000. */
  readonly backoffMs?: number;
  /** Default 2. */
  readonly factor?: number;
  /** Default 60,000. */
  readonly maxBackoffMs?: number;
  /** Share of the pause that is random, 0 to 1. Default 0.2. */
  readonly jitter?: number;
  /** Which failures are tried again. Default: `transient` and `timeout`. */
  readonly on?: readonly ("transient" | "timeout" | "permanent")[];
}

export interface NodeResource {
  readonly name: string;
  readonly units: number;
}

/**
 * What the run may use in all, kept over restarts. Reserved before each attempt; what an attempt says that it did not
 * use of its counters is given back.
 */
export interface Budget {
  readonly attempts?: number;
  /** From the run's creation, waits included. */
  readonly wallMs?: number;
  readonly counters?: Readonly<Record<string, number>>;
}
