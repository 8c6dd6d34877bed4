import { toNodeId } from "../base/index.ts";
import { connectNode, type EdgeDraft } from "./compile-edges.ts";
import { compileOutput, compileReads, placesOf } from "./compile-wiring.ts";
import { toCompiledNode, type NodeParts } from "./compile.ts";
import type { CompiledNode, CompiledPlan, Edge, NatureOf } from "./compiled.ts";
import type { Compiled } from "./expression/contract.ts";
import type { PlanPatch } from "./patch.ts";
import { createReport } from "./validate/report.ts";

/** What a patch that only adds brings, worked out without looking at the nodes that are there. */
export interface Extension {
  readonly nodes: readonly CompiledNode[];
  /** Edges from nodes that are there to new ones. */
  readonly edges: readonly Edge[];
  /** Absent: the output stays. */
  readonly output?: Compiled;
}

/** A patch is looked at when it is proposed and again when it is folded. */
const known = new WeakMap<PlanPatch, { readonly plan: CompiledPlan; readonly extension: Extension | undefined }>();

/**
 * Compiles what a patch adds to a plan in O(what it adds), where a whole compilation would make a plan that grows by
 * one node at a time cost O(n²). Undefined where that is not possible: it changes or removes nodes, a new node refers to one
 * that comes later or not at all, or something is wrong with it; then the plan is compiled whole.
 *
 * The ranks of the nodes that are there stay as they were: what is to be started next is decided among the new ones.
 */
export function extendPlan(plan: CompiledPlan, patch: PlanPatch, natureOf: NatureOf): Extension | undefined {
  const seen = known.get(patch);
  if (seen?.plan === plan) return seen.extension;
  const extension = extend(plan, patch, natureOf);
  known.set(patch, { plan, extension });
  return extension;
}

function extend(plan: CompiledPlan, patch: PlanPatch, natureOf: NatureOf): Extension | undefined {
  const report = createReport();
  const added = new Map<string, number>();
  const before = plan.nodes.length;
  const draft: EdgeDraft = {
    indexOf: (id) => plan.index.get(id) ?? added.get(id),
    edges: [],
    report,
    prefix: "",
    takenBy: new Int32Array(before + patch.length),
    suggest: () => undefined,
    idOf: () => "",
  };
  const parts: Part[] = [];
  let output: Compiled | undefined;
  for (const operation of patch) {
    if (operation.op === "replace-node" || operation.op === "remove-node") return undefined;
    if (operation.op === "set-output") output = compileOutput(report, operation.output);
    if (operation.op !== "add-node") continue;
    const { id, node } = operation;
    if (draft.indexOf(id) !== undefined || id !== id.toLowerCase()) return undefined;
    const index = before + added.size;
    const reads = compileReads({ report, places: placesOf(""), id }, node);
    const from = draft.edges.length;
    connectNode(draft, index, { node, reads });
    added.set(id, index);
    parts.push({ id: toNodeId(id), node, reads, index, parents: draft.edges.slice(from), natureOf });
  }
  if (output?.nodes.some((id) => draft.indexOf(id) === undefined) === true) return undefined;
  if (report.problems.length > 0) return undefined;
  return {
    nodes: compileAll(parts, draft.edges),
    edges: draft.edges.filter((edge) => edge.from < before),
    ...(output !== undefined && { output }),
  };
}

type Part = Omit<NodeParts, "rank" | "children">;

/** From the last to the first, so that the ranks of the children are known. */
function compileAll(parts: readonly Part[], edges: readonly Edge[]): readonly CompiledNode[] {
  const compiled = new Map<number, CompiledNode>();
  for (const part of parts.toReversed()) {
    const children = edges.filter(({ from }) => from === part.index);
    const rank = 1 + Math.max(0, ...children.map(({ to }) => compiled.get(to)?.rank ?? 0));
    compiled.set(part.index, toCompiledNode({ ...part, children, rank }));
  }
  return parts.map(({ index }) => compiled.get(index)).filter((node) => node !== undefined);
}
