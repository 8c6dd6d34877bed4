import type { Hash } from "../../base/index.ts";
import { addBudget } from "../apply-patch.ts";
import type { CompiledNode, CompiledPlan, Edge } from "../compiled.ts";
import type { Extension } from "../extend-plan.ts";
import type { PlanGraph, PlanNode } from "../graph.ts";
import type { PlanPatch } from "../patch.ts";
import { newNode, newReadyQueue } from "./create.ts";
import { settleNew } from "./endings.ts";
import type { RunState } from "./state.ts";

/** The lists of a plan that is a run's own. */
interface OwnLists {
  readonly nodes: CompiledNode[];
  readonly index: Map<string, number>;
  readonly order: number[];
  readonly graphNodes: Record<string, PlanNode>;
}

/** By run: a plan is shared among runs until one of them grows. */
const lists = new WeakMap<RunState, OwnLists>();

/** Adds to a run's plan what a patch brings, in O(what it brings). What was there keeps its number and its rank. */
export function growPlan(
  run: RunState,
  patch: PlanPatch,
  { extension, revision }: { readonly extension: Extension; readonly revision: Hash },
): void {
  const own = ownLists(run);
  const before = own.nodes.length;
  for (const edge of extension.edges) addChild(own, edge);
  for (const node of extension.nodes) {
    own.index.set(node.id, node.index);
    own.order.push(node.index);
    own.nodes.push(node);
    own.graphNodes[node.id] = node.node;
    run.nodes.push(newNode(node));
  }
  const { output = run.plan.output } = extension;
  run.plan = { ...run.plan, graph: toGraph(run.plan.graph, patch), hash: revision, output };
  run.open += extension.nodes.length;
  for (const node of run.nodes.slice(before)) settleNew(run, node);
}

function addChild({ nodes }: OwnLists, edge: Edge): void {
  const parent = nodes[edge.from];
  if (parent !== undefined) nodes[edge.from] = { ...parent, children: [...parent.children, edge] };
}

/** The nodes are in the graph's own table already. */
function toGraph(graph: PlanGraph, patch: PlanPatch): PlanGraph {
  let { output, grows, budget } = graph;
  for (const operation of patch) {
    if (operation.op === "set-output") output = operation.output ?? undefined;
    if (operation.op === "add-budget") budget = addBudget(budget, operation.counters);
    if (operation.op === "stop-growing") grows = undefined;
  }
  const { output: _, grows: __, budget: ___, ...rest } = graph;
  return {
    ...rest,
    ...(output !== undefined && { output }),
    ...(budget !== undefined && { budget }),
    ...(grows !== undefined && { grows }),
  };
}

function ownLists(run: RunState): OwnLists {
  const known = lists.get(run);
  if (run.ownsPlan && known !== undefined) return known;
  const { plan } = run;
  const own: OwnLists = {
    nodes: [...plan.nodes],
    index: new Map(plan.index),
    order: [...plan.order],
    graphNodes: { ...plan.graph.nodes },
  };
  lists.set(run, own);
  run.ownsPlan = true;
  const owned: CompiledPlan = { ...plan, ...own, graph: { ...plan.graph, nodes: own.graphNodes } };
  run.plan = owned;
  const ready = newReadyQueue(owned);
  run.ready.visit((index) => {
    ready.push(index);
    return true;
  });
  run.ready = ready;
  return own;
}
