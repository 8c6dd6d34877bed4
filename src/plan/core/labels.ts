import { joinLabels, NO_LABELS, type Label } from "../../action/index.ts";
import { compiledAt, nodeAt } from "./access.ts";
import type { NodeState, RunState } from "./state.ts";

/*
 * Labels follow values, never text.
 *
 * 1. (L1) The input of a node has the labels of the run's input, those that the plan writes beside it, and those of
 *    every output that it uses, may look up, or is conditional on; of an `any` join only those of the winner.
 * 2. (L2) The output of a node has those of its input, those that its action always gives, and those that the attempt
 *    named. An observed failure is an output too: its message may repeat what came from outside.
 * 3. (L3) What a person answers has none.
 */

/** Labels of what a node takes in (L1). */
export function inputLabels(run: RunState, node: NodeState): readonly Label[] {
  const { node: plan, parents } = compiledAt(run, node.index);
  if (!run.isLabelled && plan.labels === undefined) return NO_LABELS;
  let labels = joinLabels(run.labels, plan.labels ?? NO_LABELS);
  for (const { from, kind } of parents)
    if (kind !== "ok" && kind !== "failed" && (node.winner ?? from) === from)
      labels = joinLabels(labels, nodeAt(run, from).labels);
  return labels;
}

/** Labels of what a node gives (L2). */
export function outputLabels(run: RunState, node: NodeState, named: readonly Label[] = NO_LABELS): readonly Label[] {
  const { gives } = node.nature;
  const isNew = gives.length + named.length > 0 || compiledAt(run, node.index).node.labels !== undefined;
  if (!run.isLabelled && !isNew) return NO_LABELS;
  run.isLabelled = true;
  return joinLabels(joinLabels(inputLabels(run, node), gives), named);
}

/** Labels of what the run gives as a whole. */
export function labelsOfRun(run: RunState): readonly Label[] {
  let { labels } = run;
  for (const id of run.plan.output.nodes) {
    const index = run.plan.index.get(id);
    if (index !== undefined) labels = joinLabels(labels, nodeAt(run, index).labels);
  }
  return labels;
}

/** Labels that a node takes in though its action refuses them. */
export function refusedLabels(run: RunState, node: NodeState): readonly Label[] {
  const { refuses } = node.nature;
  if (refuses.length === 0) return NO_LABELS;
  return inputLabels(run, node).filter((label) => refuses.includes(label));
}
