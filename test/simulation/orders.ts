import type { RunId } from "../../src/base/index.ts";
import type { PatchOperation, PlanNode, RunState } from "../../src/plan/index.ts";
import type { RunCommand, Runtime } from "../../src/run/index.ts";
import type { Random } from "../../src/testing/random.ts";

interface Ground {
  readonly runtime: Runtime;
  readonly run: RunId;
  readonly names: readonly string[];
}

/** Draws an order of an operator that depends on where the run is: a patch of its plan. */
export function drawOrder(random: Random, { runtime, run, names }: Ground): RunCommand | undefined {
  const state = runtime.live().find((live) => live.run === run);
  if (state === undefined) return undefined;
  const patch = Array.from({ length: random.between(1, 2) }, (_, at) => drawOperation(random, state, { names, at }));
  return { type: "patch", run, by: "planner", patch };
}

function drawOperation(
  random: Random,
  state: RunState,
  { names, at }: { readonly names: readonly string[]; readonly at: number },
): PatchOperation {
  const ids = state.nodes.map(({ id }) => id);
  const node: PlanNode = {
    uses: random.pick(names),
    with: { effect: "patched" },
    ...(random.chance(0.7) && { after: [random.pick(ids)] }),
    onFailure: random.pick(["skip", "observe", "rollback"]),
  };
  const op = random.pick(["add-node", "replace-node", "remove-node", "set-output"] as const);
  const idle = state.nodes.filter(({ tag }) => tag === "pending" || tag === "ready").map(({ id }) => id);
  const id = random.pick(random.chance(0.8) && idle.length > 0 ? idle : ids);
  switch (op) {
    case "add-node":
      return { op, id: `x${state.seq}-${at}`, node };
    case "replace-node":
      return { op, id, node };
    case "remove-node":
      return { op, id };
    case "set-output":
      return { op, output: { patched: `\${nodes.${id}.output}` } };
  }
}
