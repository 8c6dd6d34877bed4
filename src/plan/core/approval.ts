import type { Json } from "../../base/index.ts";
import type { WaitOpened } from "../event.ts";
import { compiledAt } from "./access.ts";
import type { Draft } from "./draft.ts";
import { inputLabels, refusedLabels } from "./labels.ts";
import type { NodeState, RunState } from "./state.ts";

/**
 * Says why a node may not start before a person allows it; undefined: it may. Who wrote the plan, be it a model, can
 * ask for approval and never take it away: the action's own word and the labels of the values count all the same.
 */
export function whyApprove(run: RunState, node: NodeState): string | undefined {
  if (node.approved || node.nature.kind === "ask" || node.nature.kind === "wait") return undefined;
  const refused = refusedLabels(run, node);
  if (refused.length > 0) return `${node.nature.action} does not take in what is ${refused.join(" and ")}`;
  if (node.nature.isApproved) return `${node.nature.action} is always asked for`;
  return compiledAt(run, node.index).node.approve === true ? "the plan asks for it" : undefined;
}

/** What the journal says when a node waits to be allowed. */
export function toApproval(
  { run, now }: Draft,
  node: NodeState,
  { wait, why, input }: { readonly wait: WaitOpened["wait"]; readonly why: string; readonly input: Json },
): WaitOpened {
  const { action, undo } = node.nature;
  const show: Json = { action, input, why, undo, labels: [...inputLabels(run, node)] };
  return { type: "wait-opened", at: now, wait, node: node.id, kind: "approval", show };
}
