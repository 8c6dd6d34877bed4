import type { Edge } from "./compiled.ts";

/** The edges of every node, both ways; a node's number is its place in the plan. */
export interface Wires {
  readonly parents: readonly (readonly Edge[])[];
  readonly children: readonly (readonly Edge[])[];
}

/** Gives the numbers of the nodes, parents before children; nodes on or behind a cycle are missing (Kahn, 1962). */
export function sortNodes({ parents, children }: Wires): number[] {
  const open = new Int32Array(parents.length);
  const order: number[] = [];
  for (const [node, edges] of parents.entries()) {
    open[node] = edges.length;
    if (edges.length === 0) order.push(node);
  }
  // The list grows while it is read: what was released last is looked at last.
  for (let next = 0; next < order.length; next++) {
    for (const { to } of children[order[next] ?? 0] ?? []) {
      const left = (open[to] ?? 0) - 1;
      open[to] = left;
      if (left === 0) order.push(to);
    }
  }
  return order;
}

/** Gives for each node the longest path from it to an end, in nodes, itself included. */
export function rankNodes(order: readonly number[], children: readonly (readonly Edge[])[]): Int32Array {
  const ranks = new Int32Array(children.length);
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at] ?? 0;
    let longest = 0;
    for (const { to } of children[node] ?? []) longest = Math.max(longest, ranks[to] ?? 0);
    ranks[node] = longest + 1;
  }
  return ranks;
}

/**
 * Gives a cycle as the numbers along it, without repeating the first: the shortest through one node that is on a
 * cycle. `order` is what `sortNodes` gave. Undefined where there is none.
 */
export function findCycle(wires: Wires, order: readonly number[]): readonly number[] | undefined {
  if (order.length === wires.parents.length) return undefined;
  const isSorted = new Uint8Array(wires.parents.length);
  for (const node of order) isSorted[node] = 1;
  return shortestThrough(walkBack(wires, isSorted), wires);
}

/** What is left unsorted has an unsorted parent each; going from parent to parent must come round. */
function walkBack({ parents }: Wires, isSorted: Uint8Array): number {
  const isSeen = new Uint8Array(isSorted.length);
  let node = isSorted.indexOf(0);
  while (isSeen[node] === 0) {
    isSeen[node] = 1;
    node = (parents[node] ?? []).find(({ from }) => isSorted[from] === 0)?.from ?? node;
  }
  return node;
}

/** Only what is unsorted lies behind an unsorted node, so the search stays among the cycles and what waits for them. */
function shortestThrough(start: number, { children }: Wires): readonly number[] {
  const cameFrom = new Int32Array(children.length).fill(-1);
  const queue = [start];
  for (let next = 0; next < queue.length && cameFrom[start] === -1; next++) {
    const node = queue[next] ?? start;
    for (const { to } of children[node] ?? []) {
      if (cameFrom[to] !== -1) continue;
      cameFrom[to] = node;
      queue.push(to);
    }
  }
  const cycle = [start];
  for (let node = cameFrom[start] ?? start; node !== start; node = cameFrom[node] ?? start) cycle.push(node);
  return cycle.reverse();
}
