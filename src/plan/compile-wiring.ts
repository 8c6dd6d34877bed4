import type { Json, Problem } from "../base/index.ts";
import { compileExpression, compileTemplate } from "./compile-expressions.ts";
import type { Edge } from "./compiled.ts";
import type { Compiled, CompileResult } from "./expression/contract.ts";
import type { PlanGraph, PlanNode } from "./graph.ts";
import { findCycle, sortNodes, type Wires } from "./topology.ts";
import { complain, type Report } from "./validate/report.ts";
import { shorten } from "./validate/show.ts";
import { createSuggester, didYouMean } from "./validate/suggest.ts";

const MOST_EDGES = 1_000_000;
const NOTHING: Compiled = { nodes: [], evaluate: () => null };

/** A plan with its expressions compiled and its nodes numbered and connected: what checking and compiling share. */
export interface Wiring extends Wires {
  readonly ids: readonly string[];
  readonly index: ReadonlyMap<string, number>;
  readonly inputs: readonly Compiled[];
  readonly whens: readonly (Compiled | undefined)[];
  /** Inputs of the fallback actions, by node. */
  readonly fallbacks: ReadonlyMap<number, Compiled>;
  readonly output: Compiled;
  /** Parents before children; shorter than `ids` where there is a cycle. */
  readonly order: readonly number[];
  /** What is wrong with expressions, references and edges. */
  readonly report: Report;
}

interface Draft {
  readonly ids: readonly string[];
  readonly index: ReadonlyMap<string, number>;
  readonly parents: Edge[][];
  readonly children: Edge[][];
  /** For each node, 1 + the child that last took it as a parent: finds double edges without a set for each node. */
  readonly takenBy: Int32Array;
  readonly report: Report;
  readonly prefix: string;
  readonly suggest: (name: string) => string | undefined;
  edges: number;
}

/**
 * Connects a plan. There is one edge between two nodes: where a value is used and the parent is in `after` too, the
 * data edge stays; but `on: failed` and `on: ended` stay, and the value may then be null.
 */
export function wirePlan(graph: PlanGraph, prefix: string = ""): Wiring {
  const report: Report = { problems: [], more: 0 };
  const ids = Object.keys(graph.nodes);
  const index = new Map<string, number>();
  for (let node = 0; node < ids.length; node++) index.set(ids[node] ?? "", node);
  const takenBy = new Int32Array(ids.length);
  const children: Edge[][] = Array.from(ids, () => []);
  const draft: Draft = { ids, index, parents: [], children, takenBy, report, prefix, suggest: createSuggester(ids), edges: 0 };
  const inputs: Compiled[] = [];
  const whens: (Compiled | undefined)[] = [];
  const fallbacks = new Map<number, Compiled>();
  for (let number = 0; number < ids.length; number++) {
    const id = ids[number] ?? "";
    const node = graph.nodes[id];
    if (node === undefined) continue;
    const path = `${prefix}nodes.${id}`;
    const input = takeTemplate(report, node.with, `${path}.with`);
    const when = node.when === undefined ? undefined : take(report, compileExpression(node.when, `${path}.when`));
    const fallback = takeFallback(report, node, path);
    inputs.push(input);
    whens.push(when);
    if (fallback !== undefined) fallbacks.set(number, fallback);
    connect(draft, node, { number, input, when, fallback });
  }
  const output = takeTemplate(report, graph.output, `${prefix}output`);
  for (const id of output.nodes) if (!index.has(id)) complainOfUnknown(draft, id, `${prefix}output`);
  if (draft.edges > MOST_EDGES) complainOfSize(draft);
  const order = sortNodes(draft);
  if (order.length < ids.length) complainOfCycle(draft, order);
  const { parents } = draft;
  return { ids, index, inputs, whens, fallbacks, output, parents, children, order, report };
}

function takeTemplate(report: Report, template: Json | undefined, path: string): Compiled {
  return template === undefined ? NOTHING : take(report, compileTemplate(template, path));
}

function takeFallback(report: Report, node: PlanNode, path: string): Compiled | undefined {
  if (typeof node.onFailure !== "object") return undefined;
  return takeTemplate(report, node.onFailure.fallback.with, `${path}.onFailure.fallback.with`);
}

function take(report: Report, result: CompileResult): Compiled {
  if (result.tag === "compiled") return result.compiled;
  for (const problem of result.problems) complain(report, problem);
  return NOTHING;
}

interface Reads {
  readonly number: number;
  readonly input: Compiled;
  readonly when: Compiled | undefined;
  readonly fallback: Compiled | undefined;
}

function connect(draft: Draft, node: PlanNode, reads: Reads): void {
  const { number } = reads;
  const parents: Edge[] = [];
  draft.parents.push(parents);
  const ends = node.after === undefined ? undefined : connectHandlers(draft, node.after, reads);
  const isOptional = (id: string): boolean => node.join !== undefined || (node.optional?.includes(id) ?? false);
  for (const id of reads.input.nodes) addEdge(draft, id, { to: number, kind: "data", isOptional: isOptional(id), at: "with" });
  for (const id of reads.when?.nodes ?? []) addEdge(draft, id, { to: number, kind: "data", isOptional: isOptional(id), at: "when" });
  for (const id of reads.fallback?.nodes ?? []) {
    addEdge(draft, id, { to: number, kind: "data", isOptional: isOptional(id), at: "onFailure.fallback.with" });
  }
  if (ends === undefined) return;
  for (const edge of node.after ?? []) {
    if (typeof edge === "string") addEdge(draft, edge, { to: number, kind: "ok", isOptional: false, at: "after" });
  }
}

/** Edges to handlers come first: nothing else may take their place. */
function connectHandlers(draft: Draft, after: NonNullable<PlanNode["after"]>, { number }: Reads): true {
  for (const edge of after) {
    if (typeof edge === "object") addEdge(draft, edge.node, { to: number, kind: edge.on, isOptional: true, at: "after" });
  }
  return true;
}

type NewEdge = Omit<Edge, "from"> & { readonly at: string };

function addEdge(draft: Draft, id: string, { to, kind, isOptional, at }: NewEdge): void {
  const from = draft.index.get(id);
  if (from === undefined) {
    complainOfUnknown(draft, id, `${draft.prefix}nodes.${draft.ids[to] ?? ""}.${at}`);
    return;
  }
  if (draft.takenBy[from] === to + 1) return;
  draft.takenBy[from] = to + 1;
  const edge: Edge = { from, to, kind, isOptional };
  draft.parents[to]?.push(edge);
  draft.children[from]?.push(edge);
  draft.edges++;
}

function complainOfUnknown({ report, suggest }: Draft, id: string, path: string): void {
  const fix = didYouMean(suggest(id), "Add the node, or name one that the plan has.");
  complain(report, { code: "PLAN_UNKNOWN_NODE", path, expected: "a node of this plan", got: `"${shorten(id)}"`, fix });
}

function complainOfSize({ report, prefix, edges }: Draft): void {
  const expected = `at most ${MOST_EDGES} edges`;
  const fix = "Put nodes between that gather many parents.";
  complain(report, { code: "PLAN_TOO_LARGE", path: `${prefix}nodes`, expected, got: String(edges), fix });
}

function complainOfCycle(draft: Draft, order: readonly number[]): void {
  const cycle = findCycle(draft, order) ?? [];
  const names = [...cycle, ...cycle.slice(0, 1)].map((node) => draft.ids[node] ?? "");
  const middle = names.length > 20 ? [...names.slice(0, 9), `… (${names.length - 18} more)`, ...names.slice(-9)] : names;
  const problem: Problem = {
    code: "PLAN_CYCLE",
    path: `${draft.prefix}nodes.${names[0] ?? ""}`,
    expected: "no node that waits for itself",
    got: middle.join(" -> "),
    fix: "Take one of these edges away.",
  };
  complain(draft.report, problem);
}
