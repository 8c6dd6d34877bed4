import type { GrowingRun, Growth, Label } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import type { PlanGraph } from "../../plan/index.ts";
import { reportOf } from "../loop/end.ts";
import { patch } from "../loop/steps.ts";
import type { Execution } from "./execution.ts";
import { toNode } from "./to-node.ts";
import { afterChange, askForChange, askForReview, newsIn } from "./change.ts";
import { countOf, planNow, revisionOf } from "./steps.ts";

/** The plan that was accepted, and the labels of the answer that it came from. */
interface Accepted {
  readonly first: PlanGraph;
  readonly labels: readonly Label[];
}

/** Carries a plan out: its nodes, changes of it where a step failed or brought new facts, and its end. */
export function carryOut(execution: Execution, run: GrowingRun, { first, labels }: Accepted): Growth | undefined {
  const ids = Object.keys(first.nodes);
  if (revisionOf(run) === 0 && ids.every((id) => run.node(id) === undefined)) {
    const nodes = Object.entries(first.nodes);
    return patch(
      ...nodes.map(([id, node]) => ({ op: "add-node", id, node: toNode(execution, run, { node, labels }) })),
    );
  }
  const plan = planNow(run, first);
  const number = countOf(run, "change");
  if (number > revisionOf(run)) return afterChange(execution, run, { plan, number });
  const failed = Object.keys(plan.nodes).filter((id) => run.node(id)?.state === "replan");
  if (failed.length > 0) return askForChange(execution, run, { plan, number, failed });
  const news = newsIn(execution, run, { plan, number });
  if (news.length > 0) return askForReview(execution, run, { plan, number, news });
  return Object.keys(plan.nodes).some((id) => run.node(id)?.state === "open") ? undefined : end(execution, run, plan);
}

/** Every node has ended: the output of the plan, or what its last nodes gave. */
function end(execution: Execution, run: GrowingRun, plan: PlanGraph): Growth {
  const output: JsonObject = {
    answer: plan.output ?? lastOutputs(plan),
    ended: "done",
    revisions: revisionOf(run),
    ...reportOf(execution, run),
  };
  return patch({ op: "set-output", output }, { op: "stop-growing" });
}

/** What nobody reads is what the plan was made for. */
function lastOutputs({ nodes }: PlanGraph): JsonObject {
  const text = JSON.stringify(Object.values(nodes));
  const last = Object.keys(nodes).filter((id) => !new RegExp(`nodes\\.${id}\\b`, "u").test(text));
  return Object.fromEntries(last.map((id) => [id, `\${nodes.${id}.output}`]));
}
