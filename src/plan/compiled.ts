import type { Hash, NodeId } from "../base/index.ts";
import type { Compiled } from "./expression/contract.ts";
import type { Losers, PlanGraph, PlanNode } from "./graph.ts";
import type { Nature } from "./nature.ts";

/**
 * Looks up what the core must know of an action: that of a node (or of its fallback, which has the same shape), or,
 * with the path that policies chose, that of a choice's variant.
 */
export type NatureOf = (node: Pick<PlanNode, "uses" | "with" | "effect">, path?: readonly string[]) => Nature;

/** An edge to a parent or a child, as one record that both ends share. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  /** `data`: a value is used. `read`: the action may look it up, however it ended. `ok`, `failed`, `ended`: an order edge. */
  readonly kind: "data" | "read" | "ok" | "failed" | "ended";
  /** A data edge whose parent may be skipped. */
  readonly isOptional: boolean;
}

/** A node with everything about it worked out once. */
export interface CompiledNode {
  readonly index: number;
  readonly id: NodeId;
  readonly node: PlanNode;
  readonly input: Compiled;
  readonly when: Compiled | undefined;
  readonly parents: readonly Edge[];
  readonly children: readonly Edge[];
  readonly losers: Losers | undefined;
  /** Longest path from here to an end, in nodes, this one included. */
  readonly rank: number;
  readonly nature: Nature;
  /** Of the fallback action, where there is one. */
  readonly fallback: { readonly input: Compiled; readonly nature: Nature } | undefined;
}

/** A plan ready to run: validated, numbered, wired. Immutable; one per plan revision. */
export interface CompiledPlan {
  readonly graph: PlanGraph;
  readonly hash: Hash;
  readonly nodes: readonly CompiledNode[];
  readonly index: ReadonlyMap<string, number>;
  readonly output: Compiled;
  readonly natureOf: NatureOf;
  /** Parents before children. */
  readonly order: readonly number[];
}
