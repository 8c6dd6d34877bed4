import type { GrowingRun, Label } from "../../action/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import type { PlanNode } from "../../plan/index.ts";
import { isEffect, isRun } from "../loop/calls.ts";
import type { Execution } from "./execution.ts";

/** A node as it is added: with the labels of the answer that it came from, and asked for where that is wanted. */
export function toNode(
  { options, tools }: Execution,
  run: GrowingRun,
  { node, labels }: { readonly node: PlanNode; readonly labels: readonly Label[] },
): JsonObject {
  const tool = tools.get(node.uses);
  const isAsked = options.approve === "all" || (options.approve === "effects" && tool !== undefined && isEffect(tool));
  const all = [...new Set([...(node.labels ?? []), ...labels])];
  const share = tool !== undefined && isRun(tool) ? shareOf(run) : {};
  const data: Json = JSON.parse(JSON.stringify(node));
  return {
    ...(isJsonObject(data) ? data : {}),
    ...(all.length > 0 && { labels: all }),
    ...(node.onFailure === undefined && { onFailure: "replan" }),
    ...(isAsked && tool !== undefined && { approve: true }),
    ...(tool !== undefined && { counters: { ...node.counters, calls: 1, ...share } }),
  };
}

/** An agent among the nodes gets a part of what is left, and gives back what it did not use. */
function shareOf(run: GrowingRun): JsonObject {
  const parts = ["tokens", "microUsd", "steps"].map((counter) => [counter, Math.floor(run.left(counter) / 3)] as const);
  return Object.fromEntries(parts.filter(([, part]) => Number.isFinite(part) && part > 0));
}
