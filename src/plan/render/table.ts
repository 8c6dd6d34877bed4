import type { AfterEdge, PlanGraph, PlanNode } from "../graph.ts";
import { readsOfNode, shownText } from "./shown.ts";

const HEAD = ["node", "uses", "needs", "when", "on failure", "retry"] as const;
/** Parents that one cell names. */
const NAMED = 6;

/**
 * Writes a plan as a table for a terminal: one line a node, columns aligned. `needs` names the parents whose values
 * are read, then those that are only waited for in brackets. No text of the plan reaches the terminal unescaped.
 */
export function toTable(graph: PlanGraph): string {
  const rows = [HEAD, ...Object.entries(graph.nodes).map(([id, node]) => toRow(id, node))];
  const widths = HEAD.map((_, column) => rows.reduce((widest, row) => Math.max(widest, widthOf(row[column] ?? "")), 0));
  const lines = rows.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0)).join("  "));
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

function toRow(id: string, node: PlanNode): readonly string[] {
  return [id, node.uses, toNeeds(node), node.when ?? "", toStrategy(node), toRetry(node)].map(shownText);
}

function toNeeds(node: PlanNode): string {
  const optional = new Set(node.optional);
  const reads = readsOfNode(node);
  const isRead = new Set(reads);
  const data = reads.map((id) => (optional.has(id) ? `${id}?` : id));
  const order = (node.after ?? []).flatMap((edge) => toOrder(edge, isRead));
  const all = [...data, ...order];
  const some = all.length <= NAMED ? all : [...all.slice(0, NAMED), `and ${all.length - NAMED} more`];
  const join = node.join === undefined ? "" : `any of (${node.join.any} the others): `;
  return `${join}${some.join(", ")}`;
}

function toOrder(edge: AfterEdge, isRead: ReadonlySet<string>): readonly string[] {
  if (typeof edge !== "string") return [`[${edge.node} ${edge.on}]`];
  return isRead.has(edge) ? [] : [`[${edge}]`];
}

function toStrategy({ onFailure = "rollback" }: PlanNode): string {
  return typeof onFailure === "string" ? onFailure : `fallback ${onFailure.fallback.uses}`;
}

function toRetry({ retry }: PlanNode): string {
  return retry === undefined ? "" : `${retry.attempts} attempts`;
}

/** Code points, which is what a terminal counts for the scripts of most plans. */
function widthOf(text: string): number {
  return Array.from(text).length;
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(width - widthOf(cell));
}
