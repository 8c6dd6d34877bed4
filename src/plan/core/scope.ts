import type { Json } from "../../base/index.ts";
import type { NodeView, Scope } from "../expression/contract.ts";
import { compiledAt, nodeAt } from "./access.ts";
import type { NodeState, RunState } from "./state.ts";

/**
 * What the expressions of a node can see: the recorded outputs of its parents (E8). The node of an `any` join sees
 * only the parent that came first, so that every attempt has the same input.
 */
export function scopeOf(run: RunState, reader?: NodeState): Scope {
  return {
    input: run.input,
    node: (id) => {
      const index = run.plan.index.get(id);
      if (index === undefined) return undefined;
      if (reader?.winner !== undefined && reader.winner !== index) return PENDING;
      return viewOf(nodeAt(run, index));
    },
  };
}

const PENDING: NodeView = { state: "pending", output: null };

function viewOf(node: NodeState): NodeView {
  return { state: node.ended ?? "pending", output: node.output };
}

/**
 * Gives the input of a node's next attempt.
 *
 * @throws {InputError} when an expression fails.
 */
export function bindInput(run: RunState, node: NodeState): Json {
  const compiled = compiledAt(run, node.index);
  const input = node.onFallback ? compiled.fallback?.input : compiled.input;
  return (input ?? compiled.input).evaluate(scopeOf(run, node));
}
