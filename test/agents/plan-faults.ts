/** Whether a plan may run, found out without any of the code that reads plans. */
import type { AnyAction } from "../../src/action/index.ts";
import type { PlanGraph, PlanNode } from "../../src/plan/index.ts";

const PLAN_FIELDS = ["name", "nodes", "output", "budget"];
const NODE_FIELDS =
  "uses with after when optional join onFailure retry timeoutMs idleMs totalMs resources priority counters reads labels approve".split(
    " ",
  );
const REFERENCE = /\bnodes(?:\.([A-Za-z_]\w*)|\[\s*["']([^"']+)["']\s*\])/gu;

/** What the plan must keep within. */
interface Most {
  readonly nodes: number;
  readonly expressions: number;
  readonly depth: number;
}

/** Everything that should have been refused. */
export function findFaults(plan: PlanGraph, tools: readonly AnyAction[], most: Most): readonly string[] {
  const names = new Set([...tools.map(({ name }) => name), "ask", "wait"]);
  const nodes = Object.entries(plan.nodes);
  const parents = new Map(nodes.map(([id, node]) => [id, parentsOf(node)]));
  parents.set("the output", new Set(referencesIn([plan.output])));
  return [
    ...strangers(Object.keys(plan), PLAN_FIELDS).map((field) => `the plan has ${field}`),
    ...nodes.flatMap(([id, node]) => findNodeFaults(id, node, names)),
    ...findExcess(plan, most),
    ...findLostParents(parents),
    ...(hasCircle(parents) ? ["the plan has a circle"] : []),
  ];
}

function findNodeFaults(id: string, node: PlanNode, names: ReadonlySet<string>): readonly string[] {
  const fallback = typeof node.onFailure === "object" ? node.onFailure.fallback : undefined;
  const uses = fallback === undefined ? [node.uses] : [node.uses, fallback.uses];
  return [
    ...uses.filter((name) => !names.has(name)).map((name) => `${id} uses ${name}`),
    ...strangers(Object.keys(node), NODE_FIELDS).map((field) => `${id} has ${field}`),
    ...strangers(Object.keys(fallback ?? {}), ["uses", "with"]).map((field) => `${id} has ${field} in its fallback`),
  ];
}

function findExcess(plan: PlanGraph, most: Most): readonly string[] {
  const text = JSON.stringify(plan);
  const count = Object.keys(plan.nodes).length;
  return [
    ...(count === 0 || count > most.nodes ? [`the plan has ${count} nodes`] : []),
    ...(text.split("${").length - 1 > most.expressions ? ["the plan has too many expressions"] : []),
    ...(depthOf(plan) > most.depth ? [`the plan is ${depthOf(plan)} deep`] : []),
    ...(/"(?:__proto__|constructor|prototype)":/u.test(text) ? ["the plan has a key that reaches prototypes"] : []),
  ];
}

function parentsOf({ with: input, when, onFailure, after = [], reads = [], optional = [] }: PlanNode): Set<string> {
  const condition = when === undefined ? undefined : `\${${when}}`;
  const fallback = typeof onFailure === "object" ? onFailure.fallback.with : undefined;
  const order = after.map((edge) => (typeof edge === "string" ? edge : edge.node));
  return new Set([...referencesIn([input, condition, fallback]), ...order, ...reads, ...optional]);
}

function findLostParents(parents: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  return [...parents].flatMap(([id, all]) =>
    [...all].filter((parent) => !parents.has(parent)).map((parent) => `${id} needs ${parent}, which is not there`),
  );
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
