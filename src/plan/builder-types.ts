import type { Action, Limits } from "../action/index.ts";
import type { JsonObject, StandardSchema } from "../base/index.ts";
import type { FailureRecord } from "./event.ts";
import type { Losers, NodeResource, Retry } from "./graph.ts";
import type { Bind, Handle, Ref, Template } from "./handles.ts";

/** An order edge for a handler; made by `p.failed` and `p.ended`. */
export interface OrderEdge {
  readonly node: Handle<unknown>;
  readonly on: "failed" | "ended";
}

/** When a node's turn comes. */
export interface FlowOptions {
  /** Runs after these, without using their values: after success or skip of a handle's node, or as an edge says. */
  readonly after?: readonly (Handle<unknown> | OrderEdge)[];
  /** The node is skipped unless this is true: cel`${left.left} > 0`. */
  readonly when?: Handle<boolean>;
  /** `any`: the first parent that succeeds starts it; `{ any }` says what happens to the others (default `leave`). */
  readonly join?: "any" | { readonly any: Losers };
  /** Higher first, among nodes that could start. Default 0. */
  readonly priority?: number;
}

/** What the options of every step have in common. Times are milliseconds; a plan can only lower those of the action. */
export interface StepBase extends FlowOptions, Limits {
  /** How many attempts in all, or the full retry rule. Default: one attempt. */
  readonly retry?: number | Retry;
  /** Held while an attempt runs, beside those of the action; a name alone takes one unit. */
  readonly resources?: readonly (string | NodeResource)[];
  /** What one attempt reserves of the run's counters, beside what the action says. */
  readonly counters?: Readonly<Record<string, number>>;
  /** Nature of an action for which the plan is the code (`process`, `http`). */
  readonly effect?: JsonObject;
}

/** An action that is taken when the step has failed: with the same input, or with an input of its own. */
export type Fallback<I, O, J> =
  | { readonly fallback: Action<I, O>; readonly with?: undefined }
  | { readonly fallback: Action<J, O>; readonly with: Bind<J> };

/** Options of a step whose failure is dealt with by the engine. Default for `onFailure`: `rollback`. */
export interface StepOptions<I, O, J> extends StepBase {
  readonly onFailure?: "rollback" | "fail" | "skip" | "ask" | Fallback<I, O, J>;
}

/** Options of a step whose failure is an output. */
export interface ObserveOptions extends StepBase {
  readonly onFailure: "observe";
}

/** What an observed step gives in place of its output when it failed for good. */
export interface Observed {
  readonly error: Pick<FailureRecord, "class" | "code" | "message">;
}

/** A question to a person. */
export interface AskOptions extends FlowOptions {
  /** What the person is shown. */
  readonly show: Template;
  /** From the opening of the question, in milliseconds; then the node fails. Default: never. */
  readonly expiresMs?: number;
  readonly onFailure?: "rollback" | "fail" | "skip";
}

/** What a person answered. */
export interface Answer<V> {
  readonly by: string;
  readonly value: V;
}

/** How long to wait: milliseconds from now, or until an instant (milliseconds since 1970, or ISO 8601 text). */
export type WaitTime = { readonly ms: Bind<number> } | { readonly until: Bind<number | string> };

/** Builds a plan. Ids name the nodes: 1 to 64 letters, digits, `_` or `-`, each once. */
export interface Builder {
  /**
   * Adds a step: an action, a choice, or a plan, with its input. Gives the handle of its output.
   *
   * @throws {InputError} PLAN_DUPLICATE_NODE, HANDLE_FOREIGN, HANDLE_MISUSED, BINDING_NOT_JSON, ACTION_NAME_TAKEN,
   *   ACTION_MISSING.
   */
  step<I, O>(id: string, action: Action<I, O>, input: NoInfer<Bind<I>>, options: ObserveOptions): Ref<O | Observed>;
  step<I, O, J = never>(
    id: string,
    action: Action<I, O>,
    input: NoInfer<Bind<I>>,
    options?: StepOptions<NoInfer<I>, NoInfer<O>, J>,
  ): Ref<O>;

  /**
   * Asks a person. Without `answer` it is an approval: the value is true, and a no fails the node.
   *
   * @throws {InputError} as `step`, and SCHEMA_NOT_JSON when `answer` can't be written as JSON Schema.
   */
  ask<V>(id: string, options: AskOptions & { readonly answer: StandardSchema<V, unknown> }): Ref<Answer<V>>;
  ask(id: string, options: AskOptions): Ref<Answer<true>>;

  /** Waits. @throws {InputError} as `step`. */
  wait(id: string, time: WaitTime, options?: FlowOptions): Ref<null>;

  /** For `after`: once that node has failed for good. */
  failed(ref: Handle<unknown>): OrderEdge;
  /** For `after`: once that node has ended, whichever way. */
  ended(ref: Handle<unknown>): OrderEdge;
}
