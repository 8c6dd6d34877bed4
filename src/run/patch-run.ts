import { InputError, toInputError } from "../base/index.ts";
import {
  applyPatch,
  checkPlan,
  compilePlan,
  extendPlan,
  revise,
  startedNodesIn,
  waitsForPatch,
  type CompiledNode,
  type Pins,
  type PlanPatch,
  type PlanPatched,
} from "../plan/index.ts";
import { timeFor, type Hosted } from "./hosted.ts";

/**
 * Gives what the journal says when a run's plan is changed.
 *
 * @throws {InputError} PATCH_REFUSED, and all that `checkPlan` says of the changed plan; nothing has changed then.
 */
export function toPatched(
  hosted: Hosted,
  { patch, by }: { readonly patch: PlanPatch; readonly by: string },
): PlanPatched {
  const { state } = hosted;
  demandPossible(hosted, patch);
  const nodes = addedNodes(hosted, patch);
  return {
    type: "plan-patched",
    at: timeFor(hosted),
    patch,
    revision: revise(state.revision, patch),
    by,
    pins: newPins(hosted, nodes),
  };
}

function demandPossible({ state }: Hosted, patch: PlanPatch): void {
  const started = startedNodesIn(state, patch);
  if (started.length > 0)
    throw new InputError("PATCH_REFUSED", `Only nodes that have not started can change: ${started.join(", ")} has.`);
  for (const operation of patch)
    if (operation.op === "give-up-node" && !waitsForPatch(state, operation.id))
      throw new InputError(
        "PATCH_REFUSED",
        `Only a node that failed with onFailure: replan can be given up; ${operation.id} did not.`,
      );
}

/** What only adds is checked by itself; everything else together with the plan. */
function addedNodes({ state, engine }: Hosted, patch: PlanPatch): readonly CompiledNode[] {
  const { registry } = engine;
  const extension = extendPlan(state.plan, patch, state.plan.natureOf);
  const isKnown = extension?.nodes.every(({ node }) => isPlain(node) && registry.names.has(node.uses)) === true;
  if (extension !== undefined && isKnown) return extension.nodes;
  const graph = applyPatch(state.plan.graph, patch);
  const { errors } = checkPlan(graph, (name) => (registry.names.has(name) ? { ok: true } : { ok: false }));
  if (errors.length > 0) throw toInputError("The changed plan has problems", errors);
  const changed = new Set(patch.flatMap((operation) => ("node" in operation ? [operation.id] : [])));
  return compilePlan(graph, registry.natureOf).nodes.filter(({ id }) => changed.has(id));
}

/** Whether there is nothing to check about a node but its expressions, its references and its action. */
function isPlain(node: CompiledNode["node"]): boolean {
  const { after, optional, join, onFailure, uses } = node;
  return (
    [after, optional, join].every((field) => field === undefined) && typeof onFailure !== "object" && uses !== "plan"
  );
}

function newPins({ state, engine }: Hosted, nodes: readonly CompiledNode[]): Pins {
  const pins = Object.entries(engine.registry.pinsOf(nodes));
  return Object.fromEntries(pins.filter(([name]) => state.pins[name] === undefined));
}
