import type { Json } from "../base/index.ts";
import { complainOfUnknown, connectNode, createEdgeDraft, type EdgeDraft, type Reads } from "./compile-edges.ts";
import { compileExpression } from "./expression/compile.ts";
import type { Compiled, CompileResult } from "./expression/contract.ts";
import { compileTemplate } from "./expression/template.ts";
import type { PlanGraph, PlanNode } from "./graph.ts";
import { findCycle, sortNodes, type Wires } from "./topology.ts";
import { complain, createReport, type Report } from "./validate/report.ts";

const MOST_EDGES = 1_000_000;
const NOTHING: Compiled = { nodes: [], evaluate: () => null };

/** A plan with its expressions compiled and its nodes numbered and connected: what checking and compiling share. */
export interface Wiring extends Wires {
  readonly ids: readonly string[];
  readonly index: ReadonlyMap<string, number>;
  readonly reads: readonly Reads[];
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
  const ids = Object.keys(graph.nodes);
  const draft = createEdgeDraft(ids, report, prefix);
  const reads: Reads[] = [];
  for (let number = 0; number < ids.length; number++) {
    const id = ids[number] ?? "";
    const node = graph.nodes[id];
    if (node === undefined) continue;
    const read = compileReads(report, node, `${prefix}nodes.${id}`);
    reads.push(read);
    connectNode(draft, number, { node, reads: read });
  }
  const output = compileIfThere(report, graph.output, `${prefix}output`);
  for (const id of output.nodes) if (!draft.index.has(id)) complainOfUnknown(draft, id, `${prefix}output`);
  const order = sortNodes(draft);
  complainOfEdges(draft, order);
  const { index, parents, children, edges } = draft;
  return { ids, index, reads, output, parents, children, order, edges, report };
}

function compileReads(report: Report, node: PlanNode, path: string): Reads {
  return {
    input: compileIfThere(report, node.with, `${path}.with`),
    when: node.when === undefined ? undefined : accept(report, compileExpression(node.when, `${path}.when`)),
    fallback:
      typeof node.onFailure === "object"
        ? compileIfThere(report, node.onFailure.fallback.with, `${path}.onFailure.fallback.with`)
        : undefined,
  };
}

function compileIfThere(report: Report, template: Json | undefined, path: string): Compiled {
  return template === undefined ? NOTHING : accept(report, compileTemplate(template, path));
}

function accept(report: Report, result: CompileResult): Compiled {
  if (result.tag === "compiled") return result.compiled;
  for (const problem of result.problems) complain(report, problem);
  return NOTHING;
}

function complainOfEdges(draft: EdgeDraft, order: readonly number[]): void {
  const { report, prefix, edges } = draft;
  if (edges > MOST_EDGES) {
    const expected = `at most ${MOST_EDGES} edges`;
    const fix = "Put nodes between that gather many parents.";
    complain(report, { code: "PLAN_TOO_LARGE", path: `${prefix}nodes`, expected, got: String(edges), fix });
  }
  const cycle = findCycle(draft, order);
  if (cycle === undefined) return;
  const names = [...cycle, ...cycle.slice(0, 1)].map((node) => draft.ids[node] ?? "");
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
