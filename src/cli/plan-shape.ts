import type { AnyAction } from "../action/index.ts";
import type { NodeId } from "../base/index.ts";
import { compilePlan, criticalPath, type NodeReport, type RunReport } from "../plan/index.ts";
import { createRegistry } from "../run/index.ts";
import type { StoreDriver } from "../store/index.ts";
import { builtInTools } from "../tools/index.ts";

/** What a view needs of a plan beside its nodes. */
export interface PlanShape {
  /** One longest path, counted in nodes. */
  readonly critical: ReadonlySet<NodeId>;
  /** Parents before children: a node and its parents. */
  readonly order: readonly { readonly id: NodeId; readonly parents: readonly NodeId[] }[];
}

/** Larger plans are shown without a critical path: compiling them costs more than it tells. */
const MOST_NODES = 5_000;

/** Reads the shape of a run's plan from the store. */
export async function readShape(
  driver: StoreDriver,
  actions: readonly AnyAction[],
  report: RunReport,
): Promise<PlanShape | undefined> {
  if (report.nodes.size > MOST_NODES) return undefined;
  const reader = await driver.read();
  try {
    const graph = await reader.plan(report.plan);
    if (graph === undefined) return undefined;
    const { natureOf } = createRegistry([...builtInTools, ...actions]);
    const plan = compilePlan(graph, natureOf, { hash: report.plan });
    const idOf = (index: number): NodeId[] => (plan.nodes[index] === undefined ? [] : [plan.nodes[index].id]);
    const order = plan.order.flatMap((index) => {
      const node = plan.nodes[index];
      return node === undefined ? [] : [{ id: node.id, parents: node.parents.flatMap(({ from }) => idOf(from)) }];
    });
    return { critical: criticalPath(plan), order };
  } finally {
    await reader.close();
  }
}

/** The longest path through a run by the time that its nodes really took, in milliseconds. */
export function criticalMs({ order }: PlanShape, nodes: ReadonlyMap<string, NodeReport>): number {
  const ends = new Map<NodeId, number>();
  let longest = 0;
  for (const { id, parents } of order) {
    const before = parents.reduce((most, parent) => Math.max(most, ends.get(parent) ?? 0), 0);
    const { startedAt, endedAt } = nodes.get(id) ?? {};
    const took = startedAt === undefined || endedAt === undefined ? 0 : Math.max(0, endedAt - startedAt);
    ends.set(id, before + took);
    longest = Math.max(longest, before + took);
  }
  return longest;
}
