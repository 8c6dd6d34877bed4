import type { AfterEdge, PlanGraph, PlanNode } from "../graph.ts";
import { readsOfNode, shownText } from "./shown.ts";

/** A label's text: all that Mermaid or a page around it could take as markup is written as an entity. */
function escape(text: string): string {
  return shownText(text).replace(/[^\p{L}\p{N} _.,:!?=+*/()-]/gu, (character) => `#${character.codePointAt(0) ?? 63};`);
}

/** Ids may be words of Mermaid, such as `end`: each gets a name of its own. */
function nameOf(index: number): string {
  return `n${index}`;
}

/**
 * Draws a plan as a Mermaid flowchart: arrows for values, dashed ones for order, hexagons for questions to people,
 * conditions in the label. Any text of the plan appears as text only.
 *
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function toMermaid(graph: PlanGraph): string {
  const ids = Object.keys(graph.nodes);
  const names = new Map(ids.map((id, index) => [id, nameOf(index)]));
  const shapes = Object.entries(graph.nodes).map(([id, node]) => `  ${names.get(id) ?? ""}${toShape(id, node)}`);
  const edges = Object.entries(graph.nodes).flatMap(([id, node]) => toEdges(names, id, node));
  return ["flowchart TD", ...shapes, ...edges, ""].join("\n");
}

function toShape(id: string, node: PlanNode): string {
  const lines = [id, node.uses === id ? "" : node.uses, node.when === undefined ? "" : `when ${node.when}`];
  const label = lines
    .filter((line) => line !== "")
    .map(escape)
    .join("<br/>");
  return node.uses === "ask" ? `{{"${label}"}}` : `["${label}"]`;
}

function toEdges(names: ReadonlyMap<string, string>, id: string, node: PlanNode): readonly string[] {
  const to = names.get(id) ?? "";
  const optional = new Set(node.optional);
  const handled = new Map(node.after?.map((edge) => [nodeOf(edge), endingOf(edge)]));
  const reads = readsOfNode(node).filter((read) => names.has(read) && (handled.get(read) ?? "ok") === "ok");
  const data = reads.map((read) => `  ${names.get(read) ?? ""} -->${optional.has(read) ? "|optional|" : ""} ${to}`);
  const isRead = new Set(reads);
  const order = [...handled]
    .filter(([parent]) => names.has(parent) && !isRead.has(parent))
    .map(([parent, on]) => `  ${names.get(parent) ?? ""} -.->${on === "ok" ? "" : `|${on}|`} ${to}`);
  return [...data, ...order];
}

function nodeOf(edge: AfterEdge): string {
  return typeof edge === "string" ? edge : edge.node;
}

function endingOf(edge: AfterEdge): string {
  return typeof edge === "string" ? "ok" : edge.on;
}
