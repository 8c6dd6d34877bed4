import type { Json } from "../base/index.ts";
import type { PlanNode } from "./graph.ts";

/** One change of a running plan. Only nodes that have not started may be changed or removed. */
export type PatchOperation =
  | { readonly op: "add-node"; readonly id: string; readonly node: PlanNode }
  | { readonly op: "replace-node"; readonly id: string; readonly node: PlanNode }
  | { readonly op: "remove-node"; readonly id: string }
  | { readonly op: "set-output"; readonly output: Json }
  /** A node that failed with the strategy `replan` ends as skipped: others take its place. */
  | { readonly op: "give-up-node"; readonly id: string }
  /** The run may use so much more of its counters. */
  | { readonly op: "add-budget"; readonly counters: Readonly<Record<string, number>> }
  /** The plan grows no further: the run may come to its end. */
  | { readonly op: "stop-growing" };

/** A change of a running plan: applied whole or not at all, one journal record. */
export type PlanPatch = readonly PatchOperation[];
