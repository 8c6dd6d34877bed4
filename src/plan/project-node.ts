import { isJsonObject, type Json } from "../base/index.ts";
import type { RunEvent } from "./event.ts";
import type { NodeReport, WaitReport } from "./projection.ts";

/** Carries the report of a node on by one event about it. */
export function projectNode(node: NodeReport, event: RunEvent, wait?: WaitReport): void {
  switch (event.type) {
    case "node-decided":
      node.path = event.path;
      node.decisions = event.decisions;
      return;
    case "node-started":
      node.status = "running";
      node.attempts += 1;
      node.key = event.key;
      node.startedAt ??= event.at;
      node.retryAt = undefined;
      return;
    case "node-succeeded":
      node.status = "succeeded";
      node.output = event.output;
      node.endedAt = event.at;
      node.error = undefined;
      node.by = event.by;
      return;
    case "node-failed":
      node.status = event.retryAt === undefined ? "failed" : "retry-wait";
      node.retryAt = event.retryAt;
      node.error = event.error;
      node.endedAt = event.retryAt === undefined ? event.at : undefined;
      return;
    case "node-unknown":
      node.status = "unknown";
      node.error = event.error;
      return;
    case "node-skipped":
      node.status = "skipped";
      node.endedAt = event.at;
      return;
    case "wait-opened":
      node.status = "waiting";
      node.startedAt ??= event.at;
      return;
    case "wait-closed":
      return projectAnswer(node, event, wait);
    default:
      projectUndo(node, event);
  }
}

function projectUndo(node: NodeReport, event: RunEvent): void {
  switch (event.type) {
    case "undo-started":
      node.status = "undoing";
      node.undoAttempts += 1;
      return;
    case "undo-succeeded":
      node.status = "undone";
      return;
    case "undo-failed":
      node.status = event.retryAt === undefined ? "undo-stuck" : "undoing";
      node.error = event.error;
      return;
    default:
  }
}

function projectAnswer(
  node: NodeReport,
  event: RunEvent & { readonly type: "wait-closed" },
  wait: WaitReport | undefined,
): void {
  node.by = event.by;
  if (wait?.kind === "approval") return projectApproval(node, event);
  if (wait?.kind === "unknown" || wait?.kind === "failure") return projectVerdict(node, event, wait.kind);
  node.endedAt = event.at;
  node.status = statusAfter(event, wait);
  if (event.how === "answered") node.output = { by: event.by ?? "", value: event.value ?? null };
}

/** A yes lets it start; after a no it has failed. */
function projectApproval(node: NodeReport, event: RunEvent & { readonly type: "wait-closed" }): void {
  node.status = event.how === "withdrawn" ? "skipped" : event.value === true ? "pending" : "failed";
  if (node.status !== "pending") node.endedAt = event.at;
}

function statusAfter(
  { how, value }: { readonly how: string; readonly value?: Json },
  wait: WaitReport | undefined,
): NodeReport["status"] {
  if (how === "withdrawn") return "skipped";
  const isNo = value === false && wait?.answer === undefined;
  return how === "expired" || isNo ? "failed" : "succeeded";
}

/** A person's word about what an attempt did, or about what is to be done about a failure. */
function projectVerdict(
  node: NodeReport,
  { value = null }: { readonly value?: Json },
  kind: "unknown" | "failure",
): void {
  node.status = kind === "failure" ? "failed" : "unknown";
  if (!isJsonObject(value) || value["happened"] !== true) return;
  node.status = "succeeded";
  node.output = value["output"] ?? null;
}
