import { toNodeId, type Hash, type NodeId } from "../base/index.ts";
import type { Reads } from "./compile-edges.ts";
import { takeWiring, type Wiring } from "./compile-wiring.ts";
import type { CompiledNode, CompiledPlan, Edge, NatureOf } from "./compiled.ts";
import type { PlanGraph, PlanNode } from "./graph.ts";
import { planHash } from "./plan-hash.ts";
import { rankNodes } from "./topology.ts";
import { toPlanError } from "./validate/report.ts";

/** What is known of a plan before it is compiled. */
export interface PlanCompileOptions {
  /** The plan's revision, where it is not the hash of the graph: a patched plan has `revise(previous, patch)`. */
  readonly hash?: Hash;
}

/**
 * Makes a plan ready to run: expressions compiled, nodes numbered in the order of the plan, edges shared by both
 * ends, ranks worked out. Expects a plan in normal form (`parsePlan`). Nested plans are compiled when their turn comes.
 *
 * @throws {InputError} with all problems of expressions, references and edges, as `checkPlan` lists them.
 */
export function compilePlan(graph: PlanGraph, natureOf: NatureOf, options: PlanCompileOptions = {}): CompiledPlan {
  const wiring = takeWiring(graph);
  if (wiring.report.problems.length > 0) throw toPlanError("The plan has problems", wiring.report);
  const ranks = rankNodes(wiring.order, wiring.children);
  const nodes: CompiledNode[] = [];
  for (let index = 0; index < wiring.ids.length; index++) {
    const node = wiring.nodes[index];
    if (node === undefined) continue;
    nodes.push(toCompiledNode({ ...partsOf(wiring, node, index), rank: ranks[index] ?? 1, natureOf }));
  }
  const { index, output, order } = wiring;
  return { graph, hash: options.hash ?? planHash(graph), nodes, index, output, natureOf, order };
}

/** All that a compiled node is made of. */
export interface NodeParts {
  readonly id: NodeId;
  readonly node: PlanNode;
  readonly index: number;
  readonly reads: Reads;
  readonly parents: readonly Edge[];
  readonly children: readonly Edge[];
  readonly rank: number;
  readonly natureOf: NatureOf;
}

/** Puts a compiled node together. */
export function toCompiledNode({ id, node, index, reads, parents, children, rank, natureOf }: NodeParts): CompiledNode {
  const { onFailure } = node;
  return {
    index,
    id,
    node,
    input: reads.input,
    when: reads.when,
    parents,
    children,
    losers: node.join?.any,
    rank,
    nature: natureOf(node),
    fallback:
      reads.fallback === undefined || typeof onFailure !== "object"
        ? undefined
        : { input: reads.fallback, nature: natureOf(onFailure.fallback) },
  };
}

function partsOf(wiring: Wiring, node: PlanNode, index: number): Omit<NodeParts, "rank" | "natureOf"> {
  const { ids, inputs, whens, fallbacks, output, parents, children } = wiring;
  return {
    id: toNodeId(ids[index] ?? ""),
    node,
    index,
    reads: { input: inputs[index] ?? output, when: whens.get(index), fallback: fallbacks.get(index) },
    parents: parents[index] ?? [],
    children: children[index] ?? [],
  };
}
