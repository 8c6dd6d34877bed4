import { joinLabels, NO_LABELS, type Label } from "../../action/index.ts";
import { compiledAt, nodeAt } from "./access.ts";
import type { NodeState, RunState } from "./state.ts";

/*
 * Labels follow values, never text.
 *
 * 1. (L1) The input of a node has the labels of the run's input, those that the plan writes beside it, and those of
 *    every output that it uses, may look up, or is conditional on, also that it failed; of an `any` join only those of
 *    the winner, beside what it may look up. A node that was skipped has those of what it would have taken in.
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
    if (kind !== "ok" && kind !== "read" && (node.winner ?? from) === from)
      labels = joinLabels(labels, nodeAt(run, from).labels);
  // Also where another edge from the same node stands before this one, and where a join has its winner.
  for (const id of plan.reads ?? []) labels = joinLabels(labels, labelsAt(run, id));
  return labels;
}

/** Labels of a node that was skipped: that it was may say something of what it would have taken in (L1). */
export function skippedLabels(run: RunState, node: NodeState): readonly Label[] {
  const labels = inputLabels(run, node);
  run.isLabelled ||= labels.length > 0; // from now on others have to look for them
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

/**
 * Labels of what the run gives as a whole. Why it failed, and what was written into its plan while it ran, may say
 * something of all that was seen.
 */
export function labelsOfRun(run: RunState): readonly Label[] {
  const isFixed = !run.isPatched && run.finished?.tag === "succeeded";
  const ids = isFixed ? run.plan.output.nodes : run.nodes.map(({ id }) => id);
  return ids.reduce((labels, id) => joinLabels(labels, labelsAt(run, id)), run.labels);
}

function labelsAt(run: RunState, id: string): readonly Label[] {
  const index = run.plan.index.get(id);
  return index === undefined ? NO_LABELS : nodeAt(run, index).labels;
}

/** Labels that a node takes in though its action refuses them. */
export function refusedLabels(run: RunState, node: NodeState): readonly Label[] {
  const { refuses } = node.nature;
  if (refuses.length === 0) return NO_LABELS;
  return inputLabels(run, node).filter((label) => refuses.includes(label));
}
