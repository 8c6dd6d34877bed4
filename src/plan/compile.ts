import { toNodeId, type Hash } from "../base/index.ts";
import { takeWiring, type Wiring } from "./compile-wiring.ts";
import type { CompiledNode, CompiledPlan, NatureOf } from "./compiled.ts";
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
    if (node !== undefined) nodes.push(toCompiledNode({ wiring, node, index, rank: ranks[index] ?? 1, natureOf }));
  }
  const { index, output, order } = wiring;
  return { graph, hash: options.hash ?? planHash(graph), nodes, index, output, natureOf, order };
}

interface Parts {
  readonly wiring: Wiring;
  readonly node: PlanNode;
  readonly index: number;
  readonly rank: number;
  readonly natureOf: NatureOf;
}

function toCompiledNode({ wiring, node, index, rank, natureOf }: Parts): CompiledNode {
  const { onFailure } = node;
  const fallback = wiring.fallbacks.get(index);
  return {
    index,
    id: toNodeId(wiring.ids[index] ?? ""),
    node,
    input: wiring.inputs[index] ?? wiring.output,
    when: wiring.whens.get(index),
    parents: wiring.parents[index] ?? [],
    children: wiring.children[index] ?? [],
    losers: node.join?.any,
    rank,
    nature: natureOf(node),
    fallback:
      fallback === undefined || typeof onFailure !== "object"
        ? undefined
        : { input: fallback, nature: natureOf(onFailure.fallback) },
  };
}
