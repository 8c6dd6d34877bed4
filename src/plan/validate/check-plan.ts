import { isJsonObject, type Problem } from "../../base/index.ts";
import { wireForCheck, type Wiring } from "../compile-wiring.ts";
import type { PlanGraph } from "../graph.ts";
import { isReading, type Work } from "./builtins.ts";
import { checkAllEdges } from "./check-edges.ts";
import { checkBudget, findSkippable, warnOfNullOutput, warnOfSilentSkips } from "./check-skips.ts";
import { allProblems, complain, createReport, type Report } from "./report.ts";
import { shorten, show, under } from "./show.ts";
import { createSuggester, didYouMean } from "./suggest.ts";

/** Tells whether an action is known by name; `suggestion` is the name that was probably meant. */
export type Knows = (name: string) => { readonly ok: true } | { readonly ok: false; readonly suggestion?: string };

/** What a check found: with errors a plan can't run, warnings are for its author. */
export interface PlanCheck {
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** One plan of those that are checked together, the outer one or one nested in it. */
export interface CheckedPlan {
  readonly graph: PlanGraph;
  readonly wiring: Wiring;
  /** Put before every path: empty, or `plans.NAME.`. */
  readonly prefix: string;
  readonly errors: Report;
  readonly warnings: Report;
}

/** Built-in actions that every engine has; `process` and `http` are offered or not. */
const ALWAYS: ReadonlySet<string> = new Set(["wait", "ask", "plan"]);

/**
 * Checks what the parts of a plan say of each other, nested plans included. Expects a plan in normal form
 * (`parsePlan`). Linear in nodes and edges; the work on expressions is kept for the `compilePlan` that follows.
 *
 * Errors: expressions, PLAN_UNKNOWN_NODE, PLAN_UNKNOWN_ACTION, PLAN_CYCLE, PLAN_DEAD_HANDLER, PLAN_BAD_JOIN,
 * PLAN_TOO_LARGE. Warnings: PLAN_SILENT_SKIP, PLAN_MAYBE_NULL, PLAN_NO_NATURE, PLAN_TIGHT_BUDGET, PLAN_UNUSED.
 */
export function checkPlan(graph: PlanGraph, knows: Knows): PlanCheck {
  const errors = createReport();
  const warnings = createReport();
  const isKnown = remember(knows);
  const open: { readonly graph: PlanGraph; readonly prefix: string }[] = [{ graph, prefix: "" }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { graph: current, prefix } = next;
    const wiring = wireForCheck(current, prefix);
    checkOne({ graph: current, wiring, prefix, errors, warnings }, isKnown);
    for (const [name, nested] of Object.entries(current.plans ?? {})) {
      open.push({ graph: nested, prefix: `${under(`${prefix}plans`, name)}.` });
    }
  }
  return { errors: allProblems(errors), warnings: allProblems(warnings) };
}

function remember(knows: Knows): Knows {
  const answers = new Map<string, ReturnType<Knows>>();
  return (name) => {
    const known = answers.get(name) ?? knows(name);
    answers.set(name, known);
    return known;
  };
}

function checkOne(plan: CheckedPlan, knows: Knows): void {
  const { wiring, errors } = plan;
  for (const problem of wiring.report.problems) complain(errors, problem);
  errors.more += wiring.report.more;
  const used = new Set<string>();
  checkGrower(plan, knows);
  const check: NodeCheck = { knows, used };
  for (let index = 0; index < wiring.ids.length; index++) checkNode(plan, index, check);
  checkAllEdges(plan);
  warnOfUnused(plan, used);
  if (wiring.order.length < wiring.ids.length) return;
  const skippable = findSkippable(plan);
  warnOfSilentSkips(plan);
  warnOfNullOutput(plan, skippable);
  checkBudget(plan, skippable);
}

function checkGrower({ graph, prefix, errors }: CheckedPlan, knows: Knows): void {
  if (graph.grows === undefined) return;
  const known = knows(graph.grows);
  if (known.ok) return;
  complain(errors, {
    code: "PLAN_UNKNOWN_ACTION",
    path: `${prefix}grows`,
    expected: "the name of a registered agent",
    got: `"${shorten(graph.grows)}"`,
    fix: didYouMean(known.suggestion, "Register the agent, or take `grows` away."),
  });
}

interface NodeCheck {
  readonly knows: Knows;
  /** Names of the nested plans that were used so far. */
  readonly used: Set<string>;
}

function checkNode(plan: CheckedPlan, index: number, check: NodeCheck): void {
  const { ids, nodes } = plan.wiring;
  const node = nodes[index];
  const id = ids[index] ?? "";
  if (node === undefined) return;
  checkWork(plan, { work: node, id, at: "" }, check);
  if (typeof node.onFailure !== "object") return;
  checkWork(plan, { work: node.onFailure.fallback, id, at: ".onFailure.fallback" }, check);
}

/** Work of a node, and where it stands in it. */
interface PlacedWork {
  readonly work: Work;
  readonly id: string;
  readonly at: string;
}

function checkWork(plan: CheckedPlan, placed: PlacedWork, { knows, used }: NodeCheck): void {
  const { uses, effect, with: input } = placed.work;
  if (uses === "plan") checkNested(plan, placed, used);
  if (ALWAYS.has(uses)) return;
  const known = knows(uses);
  if (!known.ok) complainOfAction(plan, placed, known.suggestion);
  const isByFile = uses === "process" || (uses === "http" && !isReading(input));
  if (isByFile && effect === undefined) warnOfNoNature(plan, placed);
}

function pathOf({ prefix }: CheckedPlan, { id, at }: PlacedWork): string {
  return `${prefix}nodes.${id}${at}`;
}

function complainOfAction(plan: CheckedPlan, placed: PlacedWork, suggestion: string | undefined): void {
  complain(plan.errors, {
    code: "PLAN_UNKNOWN_ACTION",
    path: `${pathOf(plan, placed)}.uses`,
    expected: "the name of a known action",
    got: `"${shorten(placed.work.uses)}"`,
    fix: didYouMean(suggestion, "Register the action, or correct the name."),
  });
}

function checkNested(plan: CheckedPlan, placed: PlacedWork, used: Set<string>): void {
  const { work } = placed;
  const name = isJsonObject(work.with) ? work.with["plan"] : undefined;
  const plans = plan.graph.plans ?? {};
  if (typeof name === "string" && Object.hasOwn(plans, name)) {
    used.add(name);
    return;
  }
  const near = typeof name === "string" ? createSuggester(Object.keys(plans))(name) : undefined;
  const fix = didYouMean(near, "Add the plan under `plans`, or correct the name.");
  const problem = {
    path: `${pathOf(plan, placed)}.with.plan`,
    expected: "the name of a plan in `plans`",
    got: show(name),
    fix,
  };
  complain(plan.errors, { code: "PLAN_UNKNOWN_ACTION", ...problem });
}

function warnOfNoNature(plan: CheckedPlan, placed: PlacedWork): void {
  complain(plan.warnings, {
    code: "PLAN_NO_NATURE",
    path: `${pathOf(plan, placed)}.effect`,
    expected: "what is known of the effect",
    got: `nothing, so this ${placed.work.uses} node is never repeated after a crash and can't be undone`,
    fix: "Add effect: { repeat: safe | keyed | never, undo: not-needed | impossible | { ... } }.",
  });
}

function warnOfUnused({ graph, prefix, warnings }: CheckedPlan, used: ReadonlySet<string>): void {
  for (const name of Object.keys(graph.plans ?? {})) {
    if (used.has(name)) continue;
    const path = under(`${prefix}plans`, name);
    const fix = "Use it from a node (uses: plan, with: { plan: NAME }), or remove it.";
    complain(warnings, {
      code: "PLAN_UNUSED",
      path,
      expected: "a nested plan that some node uses",
      got: "none does",
      fix,
    });
  }
}
