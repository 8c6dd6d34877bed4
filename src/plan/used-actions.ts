import type { AnyAction, PlanDefinition } from "../action/index.ts";
import { InputError, type JsonObject } from "../base/index.ts";
import { show } from "./validate/show.ts";

/** Names that mean something else in a plan than a registered action. */
const BUILT_IN: ReadonlySet<string> = new Set(["ask", "wait", "plan"]);

/** The actions of a plan that is being built, by name; also those inside its plans and choices, which share the names. */
export interface UsedActions {
  readonly direct: Map<string, AnyAction>;
  readonly all: Map<string, AnyAction>;
}

/** An empty table. */
export function createUsedActions(): UsedActions {
  return { direct: new Map(), all: new Map() };
}

/**
 * Notes that a plan uses an action.
 *
 * @throws {InputError} ACTION_MISSING when it is none, ACTION_NAME_TAKEN when another action has its name.
 */
export function useAction(used: UsedActions, action: AnyAction, where: string): void {
  noteAction(used.all, action, where);
  used.direct.set(action.name, used.direct.get(action.name) ?? action);
}

function noteAction(all: Map<string, AnyAction>, action: AnyAction, where: string): void {
  if (!isAction(action)) {
    const fix = "Pass what defineQuery, defineAction, defineChoice or definePlan gave.";
    throw new InputError("ACTION_MISSING", `${where}: expected an action, got ${show(action)}. ${fix}`);
  }
  const known = all.get(action.name);
  if (known === action) return;
  if (known !== undefined && !isSamePlan(known, action)) refuseName(action.name, where, "that name for another action");
  if (BUILT_IN.has(action.name)) refuseName(action.name, where, "a name that plans keep for their own nodes");
  all.set(action.name, action);
  for (const inner of innerActions(action)) noteAction(all, inner, `${where} > ${action.name}`);
}

function refuseName(name: string, where: string, got: string): never {
  const fix = "Give one of them another name, or define it once and use that.";
  throw new InputError("ACTION_NAME_TAKEN", `${where}: expected "${name}" to name one action, got ${got}. ${fix}`);
}

function isAction(value: unknown): value is AnyAction {
  return typeof value === "object" && value !== null && "definition" in value && "name" in value;
}

function innerActions({ definition }: AnyAction): readonly AnyAction[] {
  if (definition.tag === "plan") return definition.uses;
  return definition.tag === "choice" ? Object.values(definition.variants) : [];
}

/** Plans are data: two of them with one content are the same. */
function isSamePlan(one: AnyAction, other: AnyAction): boolean {
  const [a, b] = [one.definition, other.definition];
  if (a.tag !== "plan" || b.tag !== "plan" || a.uses.length !== b.uses.length) return false;
  return sameText(a.graph, b.graph) && usesSame(a, b);
}

function usesSame(a: PlanDefinition, b: PlanDefinition): boolean {
  return a.uses.every((action, index) => action === b.uses[index]);
}

function sameText(a: JsonObject, b: JsonObject): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
