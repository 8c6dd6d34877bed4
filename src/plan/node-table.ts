import type { PlanGraph, PlanNode } from "./graph.ts";

/** The nodes of a plan as lists, in the order of the plan. */
export interface NodeTable {
  readonly ids: readonly string[];
  readonly nodes: readonly PlanNode[];
}

/** Listing the keys of 100,000 nodes takes a third of the time in which their text was parsed: it is done once. */
const tables = new WeakMap<PlanGraph["nodes"], NodeTable>();

/** Keeps the lists of a plan's nodes, for whoever needs them next. */
export function keepTable(nodes: PlanGraph["nodes"], table: NodeTable): void {
  tables.set(nodes, table);
}

/** Gives the nodes of a plan as lists. */
export function tableOf({ nodes }: PlanGraph): NodeTable {
  return tables.get(nodes) ?? listNodes(nodes);
}

function listNodes(table: PlanGraph["nodes"]): NodeTable {
  const ids: string[] = [];
  const nodes: PlanNode[] = [];
  for (const id of Object.keys(table)) {
    const node = table[id];
    if (node === undefined) continue;
    ids.push(id);
    nodes.push(node);
  }
  return { ids, nodes };
}
