import type { Json } from "../../base/index.ts";
import { compileExpression } from "../expression/compile.ts";
import { compileTemplate } from "../expression/template.ts";
import type { PlanNode } from "../graph.ts";
import { shorten } from "../validate/show.ts";

const LONGEST = 80;

/** Text of a plan as it may be shown: short, and without control or direction-changing characters. */
export function shownText(text: string): string {
  return shorten(text, LONGEST);
}

/** Ids of the nodes whose values a node reads; expressions that can't be read count as reading nothing. */
export function readsOfNode(node: PlanNode): readonly string[] {
  const fallback = typeof node.onFailure === "object" ? node.onFailure.fallback.with : undefined;
  const reads = [...readsOf(node.with), ...readsOfCondition(node.when), ...readsOf(fallback)];
  return [...new Set(reads)];
}

function readsOf(template: Json | undefined): readonly string[] {
  if (template === undefined) return [];
  const result = compileTemplate(template, "");
  return result.tag === "compiled" ? result.compiled.nodes : [];
}

function readsOfCondition(when: string | undefined): readonly string[] {
  if (when === undefined) return [];
  const result = compileExpression(when, "");
  return result.tag === "compiled" ? result.compiled.nodes : [];
}
