import type { Edge } from "./compiled.ts";
import type { Compiled } from "./expression/contract.ts";
import type { PlanNode } from "./graph.ts";
import { complain, type Report } from "./validate/report.ts";
import { shorten } from "./validate/show.ts";
import { createSuggester, didYouMean } from "./validate/suggest.ts";

/** What a node's expressions read. */
export interface Reads {
  readonly input: Compiled;
  readonly when: Compiled | undefined;
  readonly fallback: Compiled | undefined;
}

/** Where edges are gathered. */
export interface EdgeDraft {
  readonly ids: readonly string[];
  readonly index: ReadonlyMap<string, number>;
  readonly parents: Edge[][];
  readonly children: Edge[][];
  readonly report: Report;
  /** Put before every path. */
  readonly prefix: string;
  /** For each node, 1 + the child that last took it as a parent: finds double edges without a set for each node. */
  readonly takenBy: Int32Array;
  readonly suggest: (name: string) => string | undefined;
  edges: number;
}

/** A draft without edges. */
export function createEdgeDraft(ids: readonly string[], report: Report, prefix: string): EdgeDraft {
  const index = new Map<string, number>();
  for (let node = 0; node < ids.length; node++) index.set(ids[node] ?? "", node);
  const takenBy = new Int32Array(ids.length);
  const parents = Array.from(ids, (): Edge[] => []);
  const children = Array.from(ids, (): Edge[] => []);
  return { ids, index, parents, children, report, prefix, takenBy, suggest: createSuggester(ids), edges: 0 };
}

/**
 * Adds the edges from a node's parents, at most one from each. Handlers (`on: failed`, `on: ended`) come first, then
 * the values that are read, then plain order: whoever comes first stays.
 */
export function connectNode(draft: EdgeDraft, to: number, { node, reads }: { node: PlanNode; reads: Reads }): void {
  const { after } = node;
  if (after !== undefined) addHandlers(draft, to, after);
  // Whichever parent of an `any` join is first, the others may have no value.
  const optional = node.join === undefined ? new Set(node.optional) : undefined;
  addReads(draft, { to, at: "with", optional }, reads.input.nodes);
  if (reads.when !== undefined) addReads(draft, { to, at: "when", optional }, reads.when.nodes);
  if (reads.fallback !== undefined) {
    addReads(draft, { to, at: "onFailure.fallback.with", optional }, reads.fallback.nodes);
  }
  if (after !== undefined) addOrder(draft, to, after);
}

function addHandlers(draft: EdgeDraft, to: number, after: NonNullable<PlanNode["after"]>): void {
  for (const edge of after) {
    if (typeof edge === "string") continue;
    const from = take(draft, edge.node, { to, at: "after" });
    if (from !== undefined) addEdge(draft, { from, to, kind: edge.on, isOptional: true });
  }
}

interface Reader {
  readonly to: number;
  readonly at: string;
  /** Undefined: all are optional. */
  readonly optional?: ReadonlySet<string> | undefined;
}

function addReads(draft: EdgeDraft, reader: Reader, ids: readonly string[]): void {
  for (const id of ids) {
    const from = take(draft, id, reader);
    if (from === undefined) continue;
    addEdge(draft, { from, to: reader.to, kind: "data", isOptional: reader.optional?.has(id) ?? true });
  }
}

function addOrder(draft: EdgeDraft, to: number, after: NonNullable<PlanNode["after"]>): void {
  const reader = { to, at: "after" };
  for (const edge of after) {
    if (typeof edge !== "string") continue;
    const from = take(draft, edge, reader);
    if (from !== undefined) addEdge(draft, { from, to, kind: "ok", isOptional: false });
  }
}

/** The number of a parent that has no edge to this child yet. */
function take(draft: EdgeDraft, id: string, { to, at }: Reader): number | undefined {
  const from = draft.index.get(id);
  if (from === undefined) {
    complainOfUnknown(draft, id, `${draft.prefix}nodes.${draft.ids[to] ?? ""}.${at}`);
    return undefined;
  }
  if (draft.takenBy[from] === to + 1) return undefined;
  draft.takenBy[from] = to + 1;
  return from;
}

function addEdge(draft: EdgeDraft, edge: Edge): void {
  draft.parents[edge.to]?.push(edge);
  draft.children[edge.from]?.push(edge);
  draft.edges++;
}

/** Tells that a plan names a node that it doesn't have. */
export function complainOfUnknown({ report, suggest }: EdgeDraft, id: string, path: string): void {
  const fix = didYouMean(suggest(id), "Add the node, or name one that the plan has.");
  complain(report, { code: "PLAN_UNKNOWN_NODE", path, expected: "a node of this plan", got: `"${shorten(id)}"`, fix });
}
