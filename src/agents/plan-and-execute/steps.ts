import type { GrowingRun } from "../../action/index.ts";
import { isJsonObject, type Json, type JsonObject, type Problem } from "../../base/index.ts";
import { applyPatch, parsePatch, parsePlan, type PlanGraph } from "../../plan/index.ts";

/** Ids of the planner's own nodes; a plan may not use them. */
export const OWN = "pawl_";
export type StepKind = "plan" | "ok" | "change";

/** Id of one of the planner's own nodes, counted from 1. */
export function ownNode(kind: StepKind, number: number): string {
  return `${OWN}${kind}_${number}`;
}

/** How many nodes of a kind there are. */
export function countOf(run: GrowingRun, kind: StepKind): number {
  let count = 0;
  while (run.node(ownNode(kind, count + 1)) !== undefined) count += 1;
  return count;
}

/** What a planning or replanning step gave. */
export type Planned =
  | { readonly tag: "plan"; readonly plan: PlanGraph }
  | { readonly tag: "patch"; readonly patch: readonly JsonObject[] }
  | { readonly tag: "keep" }
  | { readonly tag: "give-up"; readonly why: string }
  | { readonly tag: "problems"; readonly text: string; readonly problems: readonly Problem[] };

/** Reads what a planning step gave, as it stands in the journal. */
export function readPlanned(output: Json): Planned {
  const { tag, plan, patch, why, text, problems } = isJsonObject(output) ? output : {};
  if (tag === "plan") return { tag, plan: parsePlan(plan) };
  if (tag === "patch" && Array.isArray(patch)) return { tag, patch: patch.filter(isJsonObject) };
  if (tag === "keep") return { tag };
  if (tag === "give-up") return { tag, why: textOf(why) };
  const list = Array.isArray(problems) ? problems.filter(isJsonObject) : [];
  return { tag: "problems", text: textOf(text), problems: list.map(readProblem) };
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function readProblem({ code, path, expected, got, fix }: JsonObject): Problem {
  return { code: textOf(code), path: textOf(path), expected: textOf(expected), got: textOf(got), fix: textOf(fix) };
}

/** How many of the changes have been dealt with: it stands in the run's output. */
export function revisionOf({ output }: GrowingRun): number {
  const revision = isJsonObject(output) ? output["revision"] : undefined;
  return typeof revision === "number" ? revision : 0;
}

/** The plan as it is now, without the planner's own nodes: the one that was accepted, and the changes since. */
export function planNow(run: GrowingRun, first: PlanGraph): PlanGraph {
  const last = revisionOf(run);
  let plan = first;
  for (let number = 1; number <= last; number += 1) {
    const node = run.node(ownNode("change", number));
    const planned = node?.state === "succeeded" ? readPlanned(node.output) : undefined;
    if (planned?.tag === "patch") plan = applyPatch(plan, parsePatch(planned.patch));
  }
  return plan;
}
