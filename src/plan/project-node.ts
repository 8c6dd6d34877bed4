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
  const { how, value = null, by, at } = event;
  if (wait?.kind === "unknown" || wait?.kind === "failure") {
    node.status = wait.kind === "failure" ? "failed" : "unknown";
    const isDone = typeof value === "object" && value !== null && "happened" in value && value.happened === true;
    if (isDone) node.status = "succeeded";
    if (isDone && "output" in value) node.output = value.output;
    node.by = by;
    return;
  }
  node.endedAt = at;
  node.by = by;
  if (how === "withdrawn") node.status = "skipped";
  else if (how === "expired" || (value === false && wait?.answer === undefined)) node.status = "failed";
  else node.status = "succeeded";
  if (how === "answered") node.output = { by: by ?? "", value };
}
