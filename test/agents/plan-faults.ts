/** Whether a plan may run, found out without any of the code that reads plans. */
import type { AnyAction } from "../../src/action/index.ts";
import type { PlanGraph } from "../../src/plan/index.ts";

const PLAN_FIELDS = ["name", "nodes", "output", "budget"];
const NODE_FIELDS = [
  ...["uses", "with", "after", "when", "optional", "join", "onFailure", "retry", "timeoutMs", "idleMs", "totalMs"],
  ...["resources", "priority", "counters", "reads", "labels", "approve"],
];
const REFERENCE = /\bnodes(?:\.([A-Za-z_]\w*)|\[\s*["']([^"']+)["']\s*\])/gu;

/** What the plan must keep within. */
interface Most {
  readonly nodes: number;
  readonly expressions: number;
  readonly depth: number;
}

/** Everything that should have been refused. */
export function findFaults(plan: PlanGraph, tools: readonly AnyAction[], most: Most): readonly string[] {
  const faults: string[] = [];
  const text = JSON.stringify(plan);
  const ids = new Set(Object.keys(plan.nodes));
  const names = new Set([...tools.map(({ name }) => name), "ask", "wait"]);
  faults.push(...strangers(Object.keys(plan), PLAN_FIELDS).map((field) => `the plan has ${field}`));
  if (ids.size === 0 || ids.size > most.nodes) faults.push(`the plan has ${ids.size} nodes`);
  if (text.split("${").length - 1 > most.expressions) faults.push("the plan has too many expressions");
  if (depthOf(plan) > most.depth) faults.push(`the plan is ${depthOf(plan)} deep`);
  if (/"(?:__proto__|constructor|prototype)":/u.test(text)) faults.push("the plan has a key that reaches prototypes");
  const parents = new Map<string, ReadonlySet<string>>();
  for (const [id, node] of Object.entries(plan.nodes)) {
    const { onFailure } = node;
    const uses = typeof onFailure === "object" ? [node.uses, onFailure.fallback.uses] : [node.uses];
    for (const name of uses) if (!names.has(name)) faults.push(`${id} uses ${name}`);
    faults.push(...strangers(Object.keys(node), NODE_FIELDS).map((field) => `${id} has ${field}`));
    if (typeof onFailure === "object" && Object.hasOwn(onFailure.fallback, "effect"))
      faults.push(`${id} has an effect in its fallback`);
    const read = referencesIn([
      node.with,
      node.when === undefined ? undefined : `\${${node.when}}`,
      typeof onFailure === "object" ? onFailure.fallback.with : undefined,
    ]);
    const after = [...(node.after ?? []), ...(node.reads ?? [])].map((edge) =>
      typeof edge === "string" ? edge : edge.node,
    );
    parents.set(id, new Set([...read, ...after, ...(node.optional ?? [])]));
  }
  parents.set("the output", new Set(referencesIn([plan.output])));
  for (const [id, all] of parents)
    for (const parent of all) if (!ids.has(parent)) faults.push(`${id} needs ${parent}, which is not there`);
  if (hasCircle(parents)) faults.push("the plan has a circle");
  return faults;
}

function strangers(fields: readonly string[], known: readonly string[]): readonly string[] {
  return fields.filter((field) => !known.includes(field));
}

/** Nodes that are named inside `${ }`. Texts of the plans here hold no braces of other kinds. */
function referencesIn(values: readonly unknown[]): readonly string[] {
  const text = JSON.stringify(values.filter((value) => value !== undefined)).replaceAll('\\"', "'");
  const expressions = text.match(/\$\{[^}]*\}/gu) ?? [];
  return expressions.flatMap((expression) =>
    [...expression.matchAll(REFERENCE)].map(([, plain, quoted]) => plain ?? quoted ?? ""),
  );
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Takes away nodes without parents until none is left to be taken. */
function hasCircle(parents: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const open = new Map(parents);
  for (let taken = true; taken;) {
    taken = false;
    for (const [id, all] of open) {
      if ([...all].some((parent) => open.has(parent))) continue;
      open.delete(id);
      taken = true;
    }
  }
  return open.size > 0;
}
