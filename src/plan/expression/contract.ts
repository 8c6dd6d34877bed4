import type { Json } from "../../base/index.ts";
import type { Problem } from "../../base/index.ts";

/** What an expression can see. */
export interface Scope {
  /** The run's input. */
  readonly input: Json;
  /** A parent that has ended; undefined for a node that the plan doesn't have. */
  readonly node: (id: string) => NodeView | undefined;
}

/** A node as expressions see it: `nodes.ID.output`, `nodes.ID.state`. */
export interface NodeView {
  readonly state: "succeeded" | "failed" | "skipped" | "pending";
  readonly output: Json;
}

/** A value that is read: `nodes.ID.output.a.b`, or `input.a` (then `node` is undefined). */
export interface Reference {
  readonly node: string | undefined;
  readonly path: readonly string[];
}

/** A checked expression or template, ready to be evaluated any number of times. */
export interface Compiled {
  /** Ids of the nodes whose values it reads, in order of first use, without repeats. */
  readonly nodes: readonly string[];
  /**
   * Gives its value, strict JSON.
   *
   * @throws {InputError} EXPRESSION_FAILED (a missing field, a wrong type, ...) or EXPRESSION_TOO_COSTLY.
   */
  readonly evaluate: (scope: Scope) => Json;
}

/** What compiling gives: the thing, or every problem. */
export type CompileResult =
  | { readonly tag: "compiled"; readonly compiled: Compiled }
  | { readonly tag: "refused"; readonly problems: readonly Problem[] };
