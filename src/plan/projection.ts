import { toNodeId, type Hash, type Instant, type Json, type NodeId, type RunId, type WaitId } from "../base/index.ts";
import type { RunTag } from "./core/view.ts";
import type { FailureRecord, NodeDecided, Origin, RunEvent, RunFinished, WaitKind } from "./event.ts";
import type { PlanGraph } from "./graph.ts";
import { projectNode } from "./project-node.ts";

/** A node's state as people see it; the core's finer states are folded into these. */
export type NodeStatus =
  | "pending"
  | "running"
  | "retry-wait"
  | "waiting"
  | "unknown"
  | "succeeded"
  | "failed"
  | "skipped"
  | "undoing"
  | "undone"
  | "undo-stuck";

/** One node of a run, as its journal tells it. */
export interface NodeReport {
  readonly id: NodeId;
  readonly uses: string;
  status: NodeStatus;
  /** Attempts begun in all. */
  attempts: number;
  undoAttempts: number;
  startedAt: Instant | undefined;
  endedAt: Instant | undefined;
  /** When the next attempt is due. */
  retryAt: Instant | undefined;
  output: Json;
  error: FailureRecord | undefined;
  key: string | undefined;
  /** The variants that policies chose. */
  path: readonly string[] | undefined;
  decisions: NodeDecided["decisions"] | undefined;
  /** Who said that it is done, where it wasn't the attempt itself. */
  by: string | undefined;
}

/** A question or a pause that is open. */
export interface WaitReport {
  readonly wait: WaitId;
  readonly run: RunId;
  readonly node: NodeId;
  readonly kind: WaitKind;
  readonly show: Json;
  /** JSON Schema of the answer; absent: true or false. */
  readonly answer: Json | undefined;
  readonly openedAt: Instant;
  readonly until: Instant | undefined;
}

/** A run as its journal tells it: what lists, trees and other processes show. It needs no actions to be made. */
export interface RunReport {
  readonly run: RunId;
  readonly planName: string;
  readonly plan: Hash;
  revision: Hash;
  readonly input: Json;
  readonly tags: readonly string[];
  readonly createdAt: Instant;
  readonly parent: Origin | undefined;
  readonly fork: { readonly run: RunId; readonly from: NodeId } | undefined;
  updatedAt: Instant;
  seq: number;
  tag: RunTag;
  why: string | undefined;
  suspended: string | undefined;
  readonly nodes: Map<string, NodeReport>;
  readonly waits: Map<WaitId, WaitReport>;
  end: RunFinished | undefined;
}

/** Begins a report with the first event of a journal. @throws {DefectError} never; a wrong first event gives undefined. */
export function reportRun(graph: PlanGraph, event: RunEvent): RunReport | undefined {
  if (event.type !== "run-created") return undefined;
  const nodes = Object.entries(graph.nodes).map(([id, { uses }]) => [id, newNode(id, uses)] as const);
  return {
    run: event.run,
    planName: graph.name,
    plan: event.plan,
    revision: event.plan,
    input: event.input,
    tags: event.tags,
    createdAt: event.at,
    parent: event.parent,
    fork: event.fork,
    updatedAt: event.at,
    seq: 1,
    tag: "running",
    why: undefined,
    suspended: undefined,
    nodes: new Map(nodes),
    waits: new Map(),
    end: undefined,
  };
}

function newNode(id: string, uses: string): NodeReport {
  return {
    id: toNodeId(id),
    uses,
    status: "pending",
    attempts: 0,
    undoAttempts: 0,
    startedAt: undefined,
    endedAt: undefined,
    retryAt: undefined,
    output: null,
    error: undefined,
    key: undefined,
    path: undefined,
    decisions: undefined,
    by: undefined,
  };
}

/** Carries a report on by one event. */
export function updateReport(report: RunReport, event: RunEvent): void {
  report.seq += 1;
  report.updatedAt = event.at;
  switch (event.type) {
    case "wait-opened": {
      const { wait, node, kind, show, answer, at, until } = event;
      report.waits.set(wait, { wait, run: report.run, node, kind, show, answer, openedAt: at, until });
      break;
    }
    case "wait-closed":
      closeWait(report, event);
      return;
    case "plan-patched":
      report.revision = event.revision;
      for (const operation of event.patch) {
        if (operation.op === "remove-node") report.nodes.delete(operation.id);
        else if (operation.op === "add-node" || operation.op === "replace-node")
          report.nodes.set(operation.id, newNode(operation.id, operation.node.uses));
      }
      return;
    default:
  }
  if ("node" in event) {
    const node = report.nodes.get(event.node);
    if (node !== undefined) projectNode(node, event);
  } else projectDecision(report, event);
  if (report.tag === "running" || report.tag === "waiting") report.tag = isWaiting(report) ? "waiting" : "running";
}

function closeWait(report: RunReport, event: RunEvent & { readonly type: "wait-closed" }): void {
  const wait = report.waits.get(event.wait);
  report.waits.delete(event.wait);
  const node = report.nodes.get(event.node);
  if (node !== undefined && wait !== undefined) projectNode(node, event, wait);
  if (report.tag === "waiting") report.tag = "running";
}

function projectDecision(report: RunReport, event: RunEvent): void {
  switch (event.type) {
    case "rollback-decided":
      report.tag = "rolling-back";
      report.why = event.why;
      return;
    case "cancel-decided":
      report.tag = "cancelling";
      report.why = event.why;
      return;
    case "fail-decided":
      report.why = event.why;
      return;
    case "run-suspended":
      report.tag = "suspended";
      report.suspended = event.reason;
      return;
    case "run-resumed":
      report.tag = "running";
      report.suspended = undefined;
      return;
    case "run-retried":
      report.tag = report.end?.tag === "rollback-stuck" ? "rolling-back" : "running";
      report.end = undefined;
      return;
    case "run-finished":
      report.tag = event.tag;
      report.end = event;
      return;
    default:
  }
}

function isWaiting(report: RunReport): boolean {
  if (report.waits.size === 0) return false;
  for (const { status } of report.nodes.values())
    if (status === "running" || status === "retry-wait" || status === "unknown") return false;
  return true;
}
