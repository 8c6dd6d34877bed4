import type { NodeState } from "../core/state.ts";
import { trailOf, type Audit } from "./state.ts";

/**
 * R2: where v comes after u, by any path, the undo of v is done before that of u starts. Goes over the plan once, from
 * its ends to its beginnings, with the latest undo of what comes after each node.
 */
export function checkUndoOrder(audit: Audit): void {
  const { run, violations } = audit;
  const { order, nodes } = run.plan;
  const latest = new Float64Array(nodes.length);
  const who = new Int32Array(nodes.length).fill(-1);
  for (let at = order.length - 1; at >= 0; at -= 1) {
    const index = order[at] ?? 0;
    for (const edge of nodes[index]?.children ?? []) {
      const child = run.nodes[edge.to];
      if (child === undefined || !cameAfter(audit, child, index)) continue;
      const own = undoneAt(audit, child.id);
      const isOwn = own >= (latest[edge.to] ?? 0);
      const last = isOwn ? own : (latest[edge.to] ?? 0);
      if (last <= (latest[index] ?? 0)) continue;
      latest[index] = last;
      who[index] = isOwn ? edge.to : (who[edge.to] ?? -1);
    }
    const id = nodes[index]?.id;
    const started = id === undefined ? undefined : trailOf(audit, id).undoStartedAt;
    if (started !== undefined && started < (latest[index] ?? 0))
      violations.push(
        `R2: seq ${started}: the undo of ${id} starts before that of ${nodes[who[index] ?? -1]?.id} is done`,
      );
  }
}

/**
 * Whether a child really waited for a parent: of the parents of an any-join only the winner comes before it, and what a
 * join went on without, before it began, waited for none.
 */
function cameAfter(audit: Audit, child: NodeState, parent: number): boolean {
  if (audit.run.plan.nodes[child.index]?.losers !== undefined && child.winner !== parent) return false;
  return !child.lost || trailOf(audit, child.id).hasStarted;
}

/** When the undo of a node was done; never, for one that is stuck or has begun; 0 for one that needs none. */
function undoneAt(audit: Audit, id: string): number {
  const trail = trailOf(audit, id);
  if (trail.undoneAt !== undefined) return trail.undoneAt;
  return trail.undoStartedAt === undefined ? 0 : Infinity;
}
