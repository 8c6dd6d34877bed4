import type { Edge } from "./compiled.ts";
import type { Compiled } from "./expression/contract.ts";
import type { PlanNode } from "./graph.ts";
import type { Wires } from "./topology.ts";
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
  readonly idOf: (index: number) => string;
  readonly indexOf: (id: string) => number | undefined;
  /** In the order of the nodes that they lead to. */
  readonly edges: Edge[];
  readonly report: Report;
  /** Put before every path. */
  readonly prefix: string;
  /** For each node, 1 + the child that last took it as a parent: finds double edges without a set for each node. */
  readonly takenBy: Int32Array;
  readonly suggest: (name: string) => string | undefined;
}

/** Shared by all nodes without edges; never written to. */
const NO_EDGES: Edge[] = [];

/** A draft without edges. */
export function createEdgeDraft(ids: readonly string[], report: Report, prefix: string): NumberedDraft {
  const index = new Map<string, number>();
  for (let node = 0; node < ids.length; node++) index.set(ids[node] ?? "", node);
  return {
    index,
    idOf: (node) => ids[node] ?? "",
    indexOf: (id) => index.get(id),
    edges: [],
    report,
    prefix,
    takenBy: new Int32Array(ids.length),
    suggest: createSuggester(ids),
  };
}

/** A draft over all nodes of a plan. */
export interface NumberedDraft extends EdgeDraft {
  readonly index: ReadonlyMap<string, number>;
}

/**
 * Adds the edges from a node's parents, at most one from each. Handlers (`on: failed`, `on: ended`) come first, then
 * the values that are read, then plain order, then what may be looked up: whoever comes first stays.
 */
export function connectNode(draft: EdgeDraft, to: number, { node, reads }: { node: PlanNode; reads: Reads }): void {
  const { after } = node;
  if (after !== undefined) addHandlers(draft, to, after);
  // Whichever parent of an `any` join is first, the others may have no value.
  const optional = node.join === undefined ? toSet(node.optional) : undefined;
  addReads(draft, { to, at: "with", optional }, reads.input.nodes);
  if (reads.when !== undefined) addReads(draft, { to, at: "when", optional }, reads.when.nodes);
  if (reads.fallback !== undefined) {
    addReads(draft, { to, at: "onFailure.fallback.with", optional }, reads.fallback.nodes);
  }
  if (after !== undefined) addOrder(draft, to, after);
  if (node.reads !== undefined) addLookups(draft, to, node.reads);
}

const NONE: ReadonlySet<string> = new Set();

function toSet(ids: readonly string[] | undefined): ReadonlySet<string> {
  return ids === undefined ? NONE : new Set(ids);
}

function addHandlers(draft: EdgeDraft, to: number, after: NonNullable<PlanNode["after"]>): void {
  for (const edge of after) {
    if (typeof edge === "string") continue;
    const from = take(draft, edge.node, { to, at: "after" });
    if (from !== undefined) draft.edges.push({ from, to, kind: edge.on, isOptional: true });
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
    draft.edges.push({ from, to: reader.to, kind: "data", isOptional: reader.optional?.has(id) ?? true });
  }
}

function addOrder(draft: EdgeDraft, to: number, after: NonNullable<PlanNode["after"]>): void {
  const reader = { to, at: "after" };
  for (const edge of after) {
    if (typeof edge !== "string") continue;
    const from = take(draft, edge, reader);
    if (from !== undefined) draft.edges.push({ from, to, kind: "ok", isOptional: false });
  }
}

function addLookups(draft: EdgeDraft, to: number, ids: readonly string[]): void {
  for (const id of ids) {
    const from = take(draft, id, { to, at: "reads" });
    if (from !== undefined) draft.edges.push({ from, to, kind: "read", isOptional: true });
  }
}

/** The number of a parent that has no edge to this child yet. */
function take(draft: EdgeDraft, id: string, { to, at }: Reader): number | undefined {
  const from = draft.indexOf(id);
  if (from === undefined) {
    complainOfUnknown(draft, id, `${draft.prefix}nodes.${draft.idOf(to)}.${at}`);
    return undefined;
  }
  if (draft.takenBy[from] === to + 1) return undefined;
  draft.takenBy[from] = to + 1;
  return from;
}

/** Tells that a plan names a node that it doesn't have. */
export function complainOfUnknown({ report, suggest }: EdgeDraft, id: string, path: string): void {
  const fix = didYouMean(suggest(id), "Add the node, or name one that the plan has.");
  complain(report, { code: "PLAN_UNKNOWN_NODE", path, expected: "a node of this plan", got: `"${shorten(id)}"`, fix });
}

/** A list of a given length; what it holds at first is overwritten. */
function makeList(length: number, edges: readonly Edge[]): Edge[] {
  return edges.slice(0, length);
}

/**
 * Gives each node its edges, in lists of just the length that they need: one that grows by `push` starts with room
 * for 17, which in a large plan is most of the memory.
 */
export function shareEdges({ edges }: EdgeDraft, size: number): Wires {
  const parents: (readonly Edge[])[] = [];
  const places = new Int32Array(size);
  let at = 0;
  for (let node = 0; node < size; node++) {
    const start = at;
    for (let edge = edges[at]; edge?.to === node; edge = edges[++at]) places[edge.from] = (places[edge.from] ?? 0) + 1;
    parents.push(start === at ? NO_EDGES : edges.slice(start, at));
  }
  const children: Edge[][] = [];
  for (const count of places) children.push(count === 0 ? NO_EDGES : makeList(count, edges));
  // From the back, so that each list is in the order of the nodes.
  for (let last = edges.length - 1; last >= 0; last--) {
    const edge = edges[last];
    if (edge === undefined) continue;
    const place = (places[edge.from] ?? 0) - 1;
    places[edge.from] = place;
    const list = children[edge.from];
    if (list !== undefined) list[place] = edge;
  }
  return { parents, children };
}
