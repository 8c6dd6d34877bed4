import type { AnyAction, PlanDefinition } from "../../action/index.ts";
import {
  compilePlan,
  type CompiledNode,
  type CompiledPlan,
  type Edge,
  type PlanGraph,
  type PlanNode,
} from "../../plan/index.ts";
import { createRegistry, graphOf } from "../../run/index.ts";
import { isApproved, reservedBy, undoOf } from "./nature.ts";

/** Plans of plans are looked into this deep. */
const DEEPEST = 8;
const FREE: ReadonlySet<string> = new Set(["ask", "wait"]);

/** Bounds. Without `most` nobody can say how much it will be. */
export interface Bounds {
  readonly least: number;
  readonly most: number | undefined;
}

/** An action at a node of the plan, or of a plan inside it: then the id has the outer one before it. */
export interface NodeUse {
  readonly node: string;
  readonly action: string;
}

/** What a plan will cost, as far as it can be known before it runs. */
export interface PlanEstimate {
  readonly nodes: number;
  /** Attempts of actions; questions and pauses cost none. */
  readonly attempts: Bounds;
  /** What is reserved of the run's counters, such as `tokens` and `microUsd`, where an action or node says so. */
  readonly counters: Readonly<Record<string, Bounds>>;
  /** Effects that can't be undone. */
  readonly irreversible: readonly NodeUse[];
  /** Nodes that wait for a person, if their turn comes. */
  readonly waits: readonly string[];
  /** Agents and others whose steps are not known before they run. */
  readonly open: readonly NodeUse[];
}

/**
 * Gives bounds of what a plan costs: at least what its unconditional nodes take with one attempt each, at most all nodes with
 * all their attempts and fallbacks, and never more than the plan's own budget. Expects a plan that was checked.
 */
export function estimateCost(plan: PlanGraph, tools: readonly AnyAction[]): PlanEstimate {
  return estimate(plan, new Map(tools.map((tool) => [tool.name, tool])), 0);
}

type Tools = ReadonlyMap<string, AnyAction>;

interface Tally {
  readonly attempts: { least: number; most: number | undefined };
  readonly counters: Map<string, { least: number; most: number | undefined }>;
  readonly irreversible: NodeUse[];
  readonly waits: string[];
  readonly open: NodeUse[];
}

function estimate(plan: PlanGraph, tools: Tools, depth: number): PlanEstimate {
  const compiled = compilePlan(plan, createRegistry([...tools.values()]).natureOf);
  const tally: Tally = {
    attempts: { least: 0, most: 0 },
    counters: new Map(),
    irreversible: [],
    waits: [],
    open: [],
  };
  const isSure = findSure(compiled);
  for (const node of compiled.nodes) addNode(tally, node, { isSure: isSure[node.index] === true, tools, depth });
  const { budget = {} } = plan;
  const counters = [...tally.counters].map(([name, bounds]) => [name, bound(bounds, budget.counters?.[name])] as const);
  return {
    nodes: compiled.nodes.length,
    attempts: bound(tally.attempts, budget.attempts),
    counters: Object.fromEntries(counters),
    irreversible: tally.irreversible,
    waits: tally.waits,
    open: tally.open,
  };
}

function bound({ least, most }: Bounds, limit: number | undefined): Bounds {
  if (limit === undefined) return { least, most };
  return { least: Math.min(least, limit), most: Math.min(most ?? limit, limit) };
}

/** Which nodes run whatever happens, failures aside. */
function findSure({ nodes, order }: CompiledPlan): readonly boolean[] {
  const sure = nodes.map(() => false);
  const isLost = new Set<number>();
  for (const { losers, parents } of nodes) if (losers !== undefined) for (const { from } of parents) isLost.add(from);
  for (const index of order) {
    const node = nodes[index];
    if (node !== undefined) sure[index] = isUnconditional(node, sure) && !isLost.has(index);
  }
  return sure;
}

function isUnconditional({ when, losers, parents }: CompiledNode, sure: readonly boolean[]): boolean {
  if (when !== undefined) return false;
  const isHeld = ({ from, kind, isOptional }: Edge): boolean =>
    kind === "failed" || (kind === "data" && !isOptional && sure[from] !== true);
  return losers === undefined ? !parents.some(isHeld) : parents.some(({ from }) => sure[from] === true);
}

interface Look {
  readonly isSure: boolean;
  readonly tools: Tools;
  readonly depth: number;
}

function addNode(tally: Tally, { id, node }: CompiledNode, look: Look): void {
  const { onFailure, retry, approve } = node;
  const isAsked = node.uses === "ask" || approve === true;
  const action = look.tools.get(node.uses);
  if (isAsked || (action !== undefined && isApproved(action))) tally.waits.push(id);
  addWork(tally, { id, node, action, most: retry?.attempts ?? 1 }, look);
  if (typeof onFailure !== "object") return;
  const { fallback } = onFailure;
  const other = look.tools.get(fallback.uses);
  if (fallback.uses === "ask" || (other !== undefined && isApproved(other))) tally.waits.push(id);
  addWork(
    tally,
    { id, node: { ...fallback, ...countersOf(node) }, action: other, most: 1 },
    { ...look, isSure: false },
  );
}

function countersOf({ counters }: PlanNode): Pick<PlanNode, "counters"> {
  return counters === undefined ? {} : { counters };
}

interface Work {
  readonly id: string;
  readonly node: PlanNode;
  readonly action: AnyAction | undefined;
  readonly most: number;
}

function addWork(tally: Tally, work: Work, look: Look): void {
  const { id, node, action, most } = work;
  if (FREE.has(node.uses)) return;
  const sure = look.isSure ? 1 : 0;
  add(tally.attempts, { least: sure, most }, 1);
  for (const [name, amount] of Object.entries(node.counters ?? {}))
    add(counterOf(tally, name), { least: amount * sure, most: amount * most }, 1);
  if (action === undefined) return void tally.open.push({ node: id, action: node.uses });
  const { name: used, definition } = action;
  if (definition.tag === "plan")
    return addPlan(tally, work, { ...look, inner: estimateInner({ name: used, definition }, look) });
  if (undoOf(action) === "impossible") tally.irreversible.push({ node: id, action: action.name });
  for (const [name, { least, most: upper }] of reservedBy(action))
    add(counterOf(tally, name), { least: least * sure, most: upper }, most);
}

/** A plan inside the plan. What the outer node reserves of a counter is all that the inner run has of it. */
function addPlan(tally: Tally, { id, node, most }: Work, look: Look & { readonly inner: PlanEstimate }): void {
  const { inner, isSure } = look;
  const atLeast = ({ least }: Bounds): number => (isSure ? least : 0);
  add(tally.attempts, { ...inner.attempts, least: atLeast(inner.attempts) }, most);
  for (const [name, bounds] of Object.entries(inner.counters))
    if (node.counters?.[name] === undefined) add(counterOf(tally, name), { ...bounds, least: atLeast(bounds) }, most);
  const under = (inside: string): string => (inside === "" ? id : `${id}/${inside}`);
  tally.irreversible.push(...inner.irreversible.map((use) => ({ ...use, node: under(use.node) })));
  tally.waits.push(...inner.waits.map(under));
  tally.open.push(...inner.open.map((use) => ({ ...use, node: under(use.node) })));
}

/** Of an agent only its budget is known, and that it is one. */
function estimateInner({ name, definition }: PlanAction, { tools, depth }: Look): PlanEstimate {
  const graph = graphOf(definition);
  if (definition.grow === undefined && depth < DEEPEST)
    return estimate(graph, new Map([...tools, ...definition.uses.map((use) => [use.name, use] as const)]), depth + 1);
  const { attempts, counters = {} } = graph.budget ?? {};
  return {
    nodes: 0,
    attempts: { least: 0, most: attempts },
    counters: Object.fromEntries(Object.entries(counters).map(([counter, most]) => [counter, { least: 0, most }])),
    irreversible: [],
    waits: [],
    open: [{ node: "", action: name }],
  };
}

interface PlanAction {
  readonly name: string;
  readonly definition: PlanDefinition;
}

function counterOf({ counters }: Tally, name: string): { least: number; most: number | undefined } {
  const known = counters.get(name) ?? { least: 0, most: 0 };
  counters.set(name, known);
  return known;
}

/** Adds bounds; the upper one is paid `times` times. */
function add(sum: { least: number; most: number | undefined }, bounds: Bounds, times: number): void {
  sum.least += bounds.least;
  sum.most = sum.most === undefined || bounds.most === undefined ? undefined : sum.most + bounds.most * times;
}
