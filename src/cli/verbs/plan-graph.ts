import { resolve } from "node:path";
import { loadPlan } from "../../executor/index.ts";
import { compilePlan, criticalPath, type CompiledPlan, type Edge } from "../../plan/index.ts";
import { createRegistry } from "../../run/index.ts";
import { builtInTools } from "../../tools/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { badValue } from "../parse-arguments.ts";
import { table } from "../table.ts";
import { oneLine, toJsonText } from "../text.ts";

/** `pawl plan graph FILE`. */
export async function performPlanGraph(context: CliContext): Promise<number> {
  const format = toFormat(context.options.text("format") ?? "table");
  const graph = await loadPlan(resolve(context.cwd, context.arguments[0] ?? ""));
  const plan = compilePlan(graph, createRegistry(builtInTools).natureOf);
  if (context.isJson) context.write(toJsonText(toOut(plan)));
  else for (const line of format === "mermaid" ? mermaid(plan) : rows(plan, context)) context.write(line);
  return EXIT.ok;
}

function toFormat(text: string): "mermaid" | "table" {
  if (text === "mermaid" || text === "table") return text;
  const fix = "Write --format mermaid or --format table.";
  throw badValue("--format", { expected: "mermaid or table", got: JSON.stringify(text), fix });
}

function idAt({ nodes }: CompiledPlan, index: number): string {
  return nodes[index]?.id ?? "";
}

/** A plan as --json prints it (schemas/plan-graph.schema.json); parents come before children. */
function toOut(plan: CompiledPlan): object {
  const critical = criticalPath(plan);
  const nodes = plan.order.flatMap((index) => plan.nodes[index] ?? []);
  return {
    name: plan.graph.name,
    hash: plan.hash,
    nodes: nodes.map(({ id, node }) => ({ node: id, uses: node.uses, isCritical: critical.has(id) })),
    edges: nodes.flatMap(({ parents }) =>
      parents.map(({ from, to, kind }) => ({ from: idAt(plan, from), to: idAt(plan, to), kind })),
    ),
  };
}

function rows(plan: CompiledPlan, { paint }: CliContext): readonly string[] {
  const critical = criticalPath(plan);
  const head = ["", "NODE", "USES", "AFTER", "WHEN"].map((word) => paint("bold", word));
  const lines = plan.order.flatMap((index) => plan.nodes[index] ?? []);
  const body = lines.map(({ id, node, parents }) => [
    critical.has(id) ? "*" : " ",
    oneLine(id),
    oneLine(node.uses),
    oneLine(parents.map(({ from, kind }) => `${idAt(plan, from)}${kindMark(kind)}`).join(", ")),
    oneLine(node.when ?? ""),
  ]);
  return [...table([head, ...body]), paint("dim", "* critical path, counted in nodes")];
}

function kindMark(kind: Edge["kind"]): string {
  return kind === "data" || kind === "ok" ? "" : ` (${kind})`;
}

/** https://mermaid.js.org/syntax/flowchart.html: numbers as ids and quoted labels, so that any name is safe. */
function mermaid(plan: CompiledPlan): readonly string[] {
  const nodes = plan.nodes.map(({ index, id, node }) => `  n${index}["${label(id)}<br/>${label(node.uses)}"]`);
  const edges = plan.nodes.flatMap(({ parents }) =>
    parents.map((edge) => `  n${edge.from} ${arrow(edge)} n${edge.to}`),
  );
  return ["flowchart TD", ...nodes, ...edges];
}

function arrow({ kind }: Edge): string {
  if (kind === "data") return "-->";
  return kind === "ok" ? "-.->" : `-. ${kind} .->`;
}

function label(text: string): string {
  return oneLine(text).replaceAll(/[^\p{L}\p{N} ._-]/gu, (character) => `#${character.codePointAt(0) ?? 0};`);
}
