import type { ResourceUse } from "../../action/index.ts";
import type { Draft } from "./draft.ts";
import { compiledAt } from "./access.ts";
import type { NodeState, RunState } from "./state.ts";

const NONE: readonly ResourceUse[] = [];

/** Gives what an attempt or an undo of a node holds: what its action says and what the plan adds. */
export function resourcesOf(run: RunState, node: NodeState): readonly ResourceUse[] {
  const ofPlan = compiledAt(run, node.index).node.resources ?? NONE;
  if (ofPlan.length === 0) return node.nature.resources;
  const units = new Map<string, number>();
  for (const use of [...node.nature.resources, ...ofPlan])
    units.set(use.name, Math.max(units.get(use.name) ?? 0, use.units));
  return [...units].map(([name, count]) => ({ name, units: count }));
}

/** Takes what a node needs out of what is free, all or nothing. Who asks for more than there is takes all. */
export function takeResources(draft: Draft, node: NodeState): boolean {
  const uses = resourcesOf(draft.run, node);
  if (uses.length === 0) return true;
  const taken = (draft.taken ??= new Map());
  for (const { name, units } of uses) {
    const needed = Math.min(units, draft.capacity(name));
    if (draft.free(name) - (taken.get(name) ?? 0) < needed) return false;
  }
  for (const { name, units } of uses) taken.set(name, (taken.get(name) ?? 0) + units);
  return true;
}
