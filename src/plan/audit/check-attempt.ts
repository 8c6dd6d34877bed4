import type { Label } from "../../action/index.ts";
import type {
  NodeDecided,
  NodeFailed,
  NodeLate,
  NodeSettled,
  NodeSkipped,
  NodeStarted,
  NodeStopping,
  NodeSucceeded,
  NodeUnknown,
} from "../event.ts";
import type { Counters } from "../event.ts";
import type { Retry } from "../graph.ts";
import { planOf, stateOf, strategyOf, takesFallback } from "./facts.ts";
import { demandParents } from "./check-parents.ts";
import { trailOf, type Audit, type Trail } from "./state.ts";

type AttemptEvent =
  | NodeDecided
  | NodeStarted
  | NodeStopping
  | NodeSucceeded
  | NodeFailed
  | NodeUnknown
  | NodeSettled
  | NodeSkipped
  | NodeLate;

/** Judges what is said of a node and its attempts: E1 to E7, E9, E11. */
export function checkAttempt(audit: Audit, event: AttemptEvent): void {
  const trail = trailOf(audit, event.node);
  switch (event.type) {
    case "node-started":
      return checkStart(audit, event, trail);

    case "node-stopping":
      return checkStopping(audit, event, trail);

    case "node-succeeded":
      return checkSuccess(audit, event, trail);

    case "node-failed":
      return checkFailure(audit, event, trail);

    case "node-unknown":
      endAttempt(audit, event, trail);
      trail.mayHaveActed = true;
      trail.isUnknown = true;
      return;

    case "node-settled":
      if (event.answer === "not-done") trail.mayHaveActed = false;
      return;

    case "node-skipped":
      if (trail.isLive || trail.ending !== undefined)
        audit.violate("E7", `${event.node} is skipped though it has started or ended`);
      if (audit.turned !== undefined) audit.violate("E9", `${event.node} is skipped after the run turned`);
      trail.ending = "skipped";
      trail.labels = labelsInto(audit, event.node);
      return;

    default:
  }
}

function checkStart(audit: Audit, event: NodeStarted, trail: Trail): void {
  const { violate } = audit;
  const { node, attempt } = event;
  if (audit.turned !== undefined || audit.isFinished) violate("E9", `${node} starts after the run turned`);
  if (trail.hasSucceeded) violate("E4", `${node} starts after it succeeded`);
  if (trail.ending !== undefined) violate("E4", `${node} starts after it ended`);
  if (trail.isLive) violate("E3", `${node} starts while attempt ${trail.attempt} is out`);
  if (trail.dueAt !== undefined && event.at < trail.dueAt)
    violate("E5", `${node} starts ${trail.dueAt - event.at} ms before its pause is over`);
  if (attempt !== 1 && attempt !== trail.attempt + 1)
    violate("E2", `${node} starts attempt ${attempt} after ${trail.attempt}`);
  if (attempt > 1 && trail.key !== event.key && !mayChangeKey(audit, trail, node))
    violate("E6", `attempt ${attempt} of ${node} has another key than the one before`);
  if (attempt === 1 && trail.hasStarted && trail.mayHaveActed)
    violate("E6", `${node} starts anew while it is in doubt what it did`);
  if (!trail.hasStarted) demandParents(audit, node);
  if (attempt === 1) demandApproval(audit, node, trail);
  if (attempt === 1) trail.failures = 0;
  Object.assign(trail, {
    attempt,
    isLive: true,
    hasStarted: true,
    isUnknown: false,
    key: event.key,
    startedAt: event.at,
    dueAt: undefined,
  });
  audit.live.add(node);
  spend(audit, node);
}

/** After an operator's retry another run may have made the effect, and taken it back: its key is of the past then. */
function mayChangeKey(audit: Audit, { isRetried }: Trail, node: string): boolean {
  return isRetried && audit.run.nodes[audit.run.plan.index.get(node) ?? -1]?.nature.hasIdentity === true;
}

/** E11: what the attempts take never exceeds the budget. */
function spend(audit: Audit, id: string): void {
  const { run, counters, violate } = audit;
  const node = run.nodes[run.plan.index.get(id) ?? -1];
  const { budget } = run.plan.graph;
  audit.attempts += 1;
  if (budget?.attempts !== undefined && audit.attempts > budget.attempts)
    violate("E11", `${audit.attempts} attempts of ${budget.attempts}`);
  for (const taken of [node?.nature.counters ?? {}, planOf(audit, id)?.counters ?? {}])
    for (const [name, units] of Object.entries(taken)) counters.set(name, (counters.get(name) ?? 0) + units);
  for (const [name, limit] of [...Object.entries(budget?.counters ?? {}), ...Object.entries(run.limits)]) {
    const used = counters.get(name) ?? 0;
    if (used > limit) violate("E11", `${used} ${name} of ${limit}`);
  }
}

/** What was reserved makes room for what was used. */
function giveBack({ run, counters }: Audit, id: string, used: Counters | undefined): void {
  const node = run.nodes[run.plan.index.get(id) ?? -1];
  if (used === undefined || node === undefined) return;
  for (const taken of [node.nature.counters, run.plan.graph.nodes[id]?.counters ?? {}])
    for (const [name, units] of Object.entries(taken)) counters.set(name, (counters.get(name) ?? 0) - units);
  for (const [name, units] of Object.entries(used)) counters.set(name, (counters.get(name) ?? 0) + units);
}

/** L4: what needs a person's word does not start without it. */
function demandApproval(audit: Audit, node: string, trail: Trail): void {
  const state = stateOf(audit, node);
  const isApprovedNow = trail.isApproved;
  trail.isApproved = false; // it holds for the attempts of this generation
  if (state === undefined || isApprovedNow) return;
  const { isApproved, refuses } = state.nature;
  const taken = refuses.length === 0 ? [] : labelsInto(audit, node).filter((label) => refuses.includes(label));
  if (isApproved || planOf(audit, node)?.approve === true || taken.length > 0)
    audit.violate("L4", `${node} starts without the approval that it needs`);
}

/** Labels of a node's input, gathered anew from the plan and the recorded outcomes. */
function labelsInto(audit: Audit, id: string): readonly Label[] {
  const { run, trails } = audit;
  const compiled = run.plan.nodes[run.plan.index.get(id) ?? -1];
  const winner = stateOf(audit, id)?.winner;
  const found = new Set<Label>([...run.labels, ...(compiled?.node.labels ?? [])]);
  for (const { from, kind } of compiled?.parents ?? []) {
    const parent = run.plan.nodes[from]?.id ?? "";
    if (kind !== "ok" && kind !== "read" && (winner ?? from) === from)
      for (const label of trails.get(parent)?.labels ?? []) found.add(label);
  }
  for (const read of compiled?.node.reads ?? []) for (const label of trails.get(read)?.labels ?? []) found.add(label);
  return [...found];
}

/** L2: what came out has the labels of what went in, of the action, and of the attempt. */
function noteLabels(audit: Audit, id: string, { labels = [] }: Pick<NodeSucceeded, "labels">): void {
  const gives = stateOf(audit, id)?.nature.gives ?? [];
  const trail = trailOf(audit, id);
  trail.labels = [...new Set([...labelsInto(audit, id), ...gives, ...labels])];
}

function checkStopping(audit: Audit, event: NodeStopping, trail: Trail): void {
  if (!trail.isLive) audit.violate("E2", `${event.node} is told to stop though nothing is out`);
  if (event.why !== "timeout") return;
  const { timeoutMs } = planOf(audit, event.node) ?? {};
  const { run } = audit;
  const ofAction = run.nodes[run.plan.index.get(event.node) ?? -1]?.nature.limits.timeoutMs;
  const limit = Math.min(timeoutMs ?? Infinity, ofAction ?? Infinity);
  if (trail.startedAt !== undefined && event.at < trail.startedAt + limit)
    audit.violate("T1", `${event.node} is timed out early`);
}

/** E2: one outcome for an attempt. */
function endAttempt(audit: Audit, event: { readonly node: string; readonly attempt: number }, trail: Trail): void {
  if (!trail.isLive) audit.violate("E2", `attempt ${event.attempt} of ${event.node} ends though it is not out`);
  else if (event.attempt !== trail.attempt)
    audit.violate("E2", `attempt ${event.attempt} of ${event.node} ends, but ${trail.attempt} is out`);
  trail.isLive = false;
  audit.live.delete(event.node);
}

function checkSuccess(audit: Audit, event: NodeSucceeded, trail: Trail): void {
  const { node, by } = event;
  if (by === undefined) endAttempt(audit, event, trail);
  else if (trail.isLive) audit.violate("E2", `${node} succeeds by ${by} while an attempt is out`);
  if (by === "ledger" || by === "fork") {
    if (!trail.hasStarted) demandParents(audit, node);
    if (audit.turned !== undefined) audit.violate("E9", `${node} attaches after the run turned`);
    trail.isAttached = true;
  }
  if (trail.hasSucceeded) audit.violate("E4", `${node} succeeds a second time`);
  giveBack(audit, node, event.used);
  noteLabels(audit, node, event);
  trail.hasSucceeded = true;
  trail.mayHaveActed = false;
  trail.ending ??= "succeeded";
}

function checkFailure(audit: Audit, event: NodeFailed, trail: Trail): void {
  const { node, attempt, retryAt } = event;
  if (trail.isLive) endAttempt(audit, event, trail);
  else if (attempt > 0 && (attempt !== trail.attempt || !(trail.isUnknown || trail.mayHaveActed)))
    audit.violate("E2", `attempt ${attempt} of ${node} fails though it is not out`);
  if (trail.hasSucceeded) audit.violate("E4", `${node} fails after it succeeded`);
  giveBack(audit, node, event.used);
  trail.labels = [...trail.labels, ...(event.labels ?? [])]; // an attempt that is repeated gives nothing beside
  const { retry } = planOf(audit, node) ?? {};
  if (retryAt === undefined) {
    noteLabels(audit, node, trail);
    return failForGood(audit, node, trail);
  }
  const failures = trail.failures + (attempt > 0 ? 1 : 0);
  if (failures >= (retry?.attempts ?? 1))
    audit.violate("E5", `${node} is tried again after ${failures} failures of ${retry?.attempts ?? 1}`);
  if (retry !== undefined && retryAt - event.at < shortestPause(retry, trail.failures))
    audit.violate("E5", `the pause of ${node} is too short`);
  trail.failures = failures;
  trail.dueAt = retryAt;
}

function shortestPause(
  { backoffMs = 1_000, factor = 2, maxBackoffMs = 60_000, jitter = 0.2 }: Retry,
  failures: number,
): number {
  return Math.floor(Math.min(maxBackoffMs, backoffMs * factor ** failures) * (1 - jitter));
}

/** What a final failure means for the children. */
export function failForGood(audit: Audit, node: string, trail: Trail): void {
  const strategy = strategyOf(audit, node);
  trail.dueAt = undefined;
  trail.hasFailed = true;
  if (stateOf(audit, node)?.lost === true) trail.ending ??= "skipped"; // a join went on without it
  else if (strategy === "skip") trail.ending = "failed";
  else if (strategy === "observe") trail.ending = "succeeded";
  else if (takesFallback(audit, node))
    trail.mayHaveActed &&= audit.run.nodes[audit.run.plan.index.get(node) ?? -1]?.nature.undo !== "not-needed";
}
