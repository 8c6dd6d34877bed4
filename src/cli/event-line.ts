import type { FailureRecord, RunEvent } from "../plan/index.ts";
import { brief, oneLine } from "./text.ts";

/** Tells an event in a line of plain text. */
export function tellEvent(event: RunEvent): string {
  return oneLine(tell(event));
}

function tell(event: RunEvent): string {
  if ("node" in event) return `${event.node}: ${tellNode(event)}`;
  switch (event.type) {
    case "run-created":
      return `created, plan ${event.plan.slice(0, 12)}`;
    case "rollback-decided":
      return `rolling back: ${event.why}`;
    case "cancel-decided":
      return `cancelling: ${event.why}`;
    case "fail-decided":
      return `failing: ${event.why}`;
    case "run-suspended":
      return `suspended: ${event.reason}`;
    case "run-resumed":
      return `resumed by ${event.by}`;
    case "run-retried":
      return `retried by ${event.by}`;
    case "plan-patched":
      return `plan changed by ${event.by}`;
    case "run-finished":
      return event.why === undefined ? event.tag : `${event.tag}: ${event.why}`;
  }
}

type NodeEvent = Extract<RunEvent, { readonly node: unknown }>;

function tellNode(event: NodeEvent): string {
  switch (event.type) {
    case "node-decided":
      return `chose ${event.path.join(" > ")}`;
    case "node-started":
      return `started, attempt ${event.attempt}`;
    case "node-stopping":
      return `told to stop (${event.why})`;
    case "node-succeeded":
      return `succeeded${event.by === undefined ? "" : ` (by ${event.by})`}`;
    case "node-failed":
      return `failed: ${failure(event.error)}${again(event)}`;
    case "node-unknown":
      return `outcome unknown (${event.why})`;
    case "node-settled":
      return `looked into: ${event.answer}`;
    case "node-skipped":
      return `skipped (${event.why})`;
    case "node-late":
      return "a late outcome came, and changes nothing";
    default:
      return tellUndoOrWait(event);
  }
}

function tellUndoOrWait(event: Extract<NodeEvent, { readonly type: `undo-${string}` | `wait-${string}` }>): string {
  switch (event.type) {
    case "undo-started":
      return `undo started, attempt ${event.attempt}`;
    case "undo-succeeded":
      return "undone";
    case "undo-failed":
      return `undo failed: ${failure(event.error)}${again(event)}`;
    case "wait-opened":
      return event.kind === "timer" ? "waits for the clock" : `asks ${brief(event.show)} (${event.wait})`;
    case "wait-closed":
      return event.how === "answered" ? `${event.by ?? "someone"} answered ${brief(event.value ?? null)}` : event.how;
  }
}

function failure({ message, code }: FailureRecord): string {
  return `${message} [${code}]`;
}

function again({ at, retryAt }: { readonly at: number; readonly retryAt?: number }): string {
  return retryAt === undefined ? "" : `, again in ${Math.max(0, retryAt - at)} ms`;
}
