import type { GrowingRun, Label } from "../../action/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import type { PlanNode } from "../../plan/index.ts";
import { COUNTERS } from "../loop/agent.ts";
import { isEffect, isRun } from "../loop/calls.ts";
import type { Execution } from "./execution.ts";

/** A node as it is added: with the labels of the answer that it came from, and asked for where that is wanted. */
export function toNode(
  execution: Execution,
  run: GrowingRun,
  { node, labels }: { readonly node: PlanNode; readonly labels: readonly Label[] },
): JsonObject {
  const all = [...new Set([...(node.labels ?? []), ...labels])];
  const data: Json = JSON.parse(JSON.stringify(node));
  return {
    ...(isJsonObject(data) ? data : {}),
    ...(all.length > 0 && { labels: all }),
    ...(node.onFailure === undefined && { onFailure: "replan" }),
    ...rulesOf(execution, run, node),
  };
}

/** What its planner says of a call of a tool; questions and pauses are free. */
function rulesOf({ options, tools }: Execution, run: GrowingRun, node: PlanNode): JsonObject {
  const tool = tools.get(node.uses);
  if (tool === undefined) return {};
  const isAsked = options.approve === "all" || (options.approve === "effects" && isEffect(tool));
  const share = isRun(tool) ? shareOf(run) : { calls: 1 };
  return { counters: { ...node.counters, ...share }, ...(isAsked && { approve: true }) };
}

/** An agent among the nodes gets a part of what is left, and gives back what it did not use. */
function shareOf(run: GrowingRun): JsonObject {
  const parts = COUNTERS.map((counter) => [counter, Math.floor(run.left(counter) / 3)] as const);
  return Object.fromEntries(parts.filter(([, part]) => Number.isFinite(part) && part > 0));
}
