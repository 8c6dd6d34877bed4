import type { Json } from "../base/index.ts";
import { compileTemplateLazily, type PathAround } from "./compile-template.ts";
import {
  complainOfUnknown,
  connectNode,
  createEdgeDraft,
  shareEdges,
  type EdgeDraft,
  type Reads,
} from "./compile-edges.ts";
import { compileExpression } from "./expression/compile.ts";
import type { Compiled, CompileResult } from "./expression/contract.ts";
import type { PlanGraph, PlanNode } from "./graph.ts";
import { tableOf } from "./node-table.ts";
import { findCycle, sortNodes, type Wires } from "./topology.ts";
import { complain, createReport, passOn, type Report } from "./validate/report.ts";

const MOST_EDGES = 1_000_000;
const NOTHING: Compiled = { nodes: [], evaluate: () => null };

/** A plan with its expressions compiled and its nodes numbered and connected: what checking and compiling share. */
export interface Wiring extends Wires {
  readonly ids: readonly string[];
  /** By number: looking them up by id in a large table is ten times slower. */
  readonly nodes: readonly PlanNode[];
  readonly index: ReadonlyMap<string, number>;
  /** Inputs of the nodes, by number. */
  readonly inputs: readonly Compiled[];
  /** Conditions, of the nodes that have one. */
  readonly whens: ReadonlyMap<number, Compiled>;
  /** Inputs of fallbacks, of the nodes that have one. */
  readonly fallbacks: ReadonlyMap<number, Compiled>;
  readonly output: Compiled;
  /** Parents before children; shorter than `ids` where there is a cycle. */
  readonly order: readonly number[];
  readonly edges: number;
  /** What is wrong with expressions, references and edges. */
  readonly report: Report;
}

/** Wirings that were checked and not compiled yet. A plan is never changed, so that they stay true. */
const checked = new WeakMap<PlanGraph, Wiring>();

/** Wires a plan and keeps the result until `takeWiring`. */
export function wireForCheck(graph: PlanGraph, prefix: string): Wiring {
  const wiring = wirePlan(graph, prefix);
  checked.set(graph, wiring);
  return wiring;
}

/** The wiring that a check left behind, or a new one. */
export function takeWiring(graph: PlanGraph): Wiring {
  const wiring = checked.get(graph) ?? wirePlan(graph, "");
  checked.delete(graph);
  return wiring;
}

/**
 * Connects a plan. A value that is read makes a data edge, in `when` and in a fallback's `with` too. There is one
 * edge between two nodes: where the parent is in `after` as well, the data edge stays; but `on: failed` and
 * `on: ended` stay as they are, and the value is then null unless the parent succeeded.
 */
function wirePlan(graph: PlanGraph, prefix: string): Wiring {
  const report = createReport();
  const { ids, nodes } = tableOf(graph);
  const draft = createEdgeDraft(ids, report, prefix);
  const inputs: Compiled[] = [];
  const whens = new Map<number, Compiled>();
  const fallbacks = new Map<number, Compiled>();
  const places = placesOf(prefix);
  for (let number = 0; number < ids.length; number++) {
    const node = nodes[number];
    if (node === undefined) continue;
    const reads = compileReads({ report, places, id: ids[number] ?? "" }, node);
    inputs.push(reads.input);
    if (reads.when !== undefined) whens.set(number, reads.when);
    if (reads.fallback !== undefined) fallbacks.set(number, reads.fallback);
    connectNode(draft, number, { node, reads });
  }
  const output = compileOutput(report, graph.output, prefix);
  for (const id of output.nodes) if (!draft.index.has(id)) complainOfUnknown(draft, id, `${prefix}output`);
  const { parents, children } = shareEdges(draft, ids.length);
  const order = sortNodes({ parents, children });
  complainOfSize(draft);
  complainOfCycle(draft, { parents, children }, order);
  return {
    ids,
    nodes,
    index: draft.index,
    inputs,
    whens,
    fallbacks,
    output,
    parents,
    children,
    order,
    edges: draft.edges.length,
    report,
  };
}

/** Compiles the output of a plan. */
export function compileOutput(report: Report, template: Json | undefined, prefix: string = ""): Compiled {
  return compileInput({ report, places: placesOf(prefix), id: "output" }, template, { before: prefix, after: "" });
}

/** What stands around the id of a node in the paths of its parts. */
interface Places {
  readonly input: PathAround;
  readonly fallback: PathAround;
  readonly when: PathAround;
}

interface Spot {
  readonly report: Report;
  readonly places: Places;
  readonly id: string;
}

/** The places of a node's parts in a plan. */
export function placesOf(prefix: string): Places {
  const before = `${prefix}nodes.`;
  return {
    input: { before, after: ".with" },
    fallback: { before, after: ".onFailure.fallback.with" },
    when: { before, after: ".when" },
  };
}

/** Compiles the expressions of a node. */
export function compileReads(spot: Spot, { with: input, when, onFailure }: PlanNode): Reads {
  const { input: around, fallback, when: aroundWhen } = spot.places;
  return {
    input: compileInput(spot, input, around),
    when: when === undefined ? undefined : compileCondition(spot, when, aroundWhen),
    fallback: typeof onFailure === "object" ? compileInput(spot, onFailure.fallback.with, fallback) : undefined,
  };
}

function compileInput({ report, id }: Spot, template: Json | undefined, around: PathAround): Compiled {
  return template === undefined ? NOTHING : accept(report, compileTemplateLazily(template, id, around));
}

function compileCondition({ report, id }: Spot, when: string, { before, after }: PathAround): Compiled {
  return accept(report, compileExpression(when, before + id + after));
}

function accept(report: Report, result: CompileResult): Compiled {
  if (result.tag === "compiled") return result.compiled;
  for (const problem of result.problems) passOn(report, problem);
  return NOTHING;
}

function complainOfSize({ report, prefix, edges }: EdgeDraft): void {
  if (edges.length <= MOST_EDGES) return;
  const expected = `at most ${MOST_EDGES} edges`;
  const fix = "Put nodes between that gather many parents.";
  complain(report, { code: "PLAN_TOO_LARGE", path: `${prefix}nodes`, expected, got: String(edges.length), fix });
}

function complainOfCycle({ idOf, report, prefix }: EdgeDraft, wires: Wires, order: readonly number[]): void {
  const cycle = findCycle(wires, order);
  if (cycle === undefined) return;
  const names = [...cycle, ...cycle.slice(0, 1)].map(idOf);
  complain(report, {
    code: "PLAN_CYCLE",
    path: `${prefix}nodes.${names[0] ?? ""}`,
    expected: "no node that waits for itself",
    got: shortenWalk(names).join(" -> "),
    fix: "Take one of these edges away.",
  });
}

function shortenWalk(names: readonly string[]): readonly string[] {
  if (names.length <= 20) return names;
  return [...names.slice(0, 9), `… (${names.length - 18} more)`, ...names.slice(-9)];
}
