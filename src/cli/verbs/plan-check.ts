import { resolve } from "node:path";
import { describeProblem, InputError, toPrintable, type Problem } from "../../base/index.ts";
import { loadPlan } from "../../executor/index.ts";
import { checkPlan, planHash } from "../../plan/index.ts";
import { createRegistry } from "../../run/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { plainTools } from "../agents/tool-table.ts";
import { loadConfig } from "../config.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { nearest } from "../suggest.ts";
import { oneLine, toJsonText } from "../text.ts";

/** What a check found, as --json prints it (schemas/plan-check.schema.json). */
interface Checked {
  readonly ok: boolean;
  readonly name: string | null;
  readonly hash: string | null;
  readonly nodes: number;
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** `pawl plan check FILE`: 0 if it can run here, 2 if not. */
export async function performPlanCheck(context: CliContext): Promise<number> {
  const checked = await check(context);
  if (context.isJson) context.write(toJsonText(checked));
  else show(context, checked);
  return checked.ok ? EXIT.ok : EXIT.badInput;
}

async function check(context: CliContext): Promise<Checked> {
  const { use = [] } = await loadConfig(context);
  const names = [...createRegistry([...builtInTools, ...use, ...plainTools()]).names];
  try {
    const graph = await loadPlan(resolve(context.cwd, context.arguments[0] ?? ""));
    const { errors, warnings } = checkPlan(graph, (name) => {
      if (names.includes(name)) return { ok: true };
      const suggestion = nearest(name, names);
      return suggestion === undefined ? { ok: false } : { ok: false, suggestion };
    });
    const nodes = Object.keys(graph.nodes).length;
    return { ok: errors.length === 0, name: graph.name, hash: planHash(graph), nodes, errors, warnings };
  } catch (error) {
    if (!(error instanceof InputError) || error.problems.length === 0) throw error;
    return { ok: false, name: null, hash: null, nodes: 0, errors: error.problems, warnings: [] };
  }
}

function show({ write, paint }: CliContext, { ok, name, hash, nodes, errors, warnings }: Checked): void {
  for (const problem of errors) write(`${paint("red", "✗ error")}    ${toPrintable(describeProblem(problem))}`);
  for (const problem of warnings) write(`${paint("yellow", "! warning")}  ${toPrintable(describeProblem(problem))}`);
  if (ok) write(`${paint("green", "✓ ok")}  ${oneLine(name ?? "")}, ${nodes} nodes, ${(hash ?? "").slice(0, 12)}`);
}
