import { joinLabels, NO_LABELS, type GrowingRun, type Growth, type Label } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import { parsePatch, type PatchOperation, type PlanGraph, type PlanPatch } from "../../plan/index.ts";
import { patch, toLiteral } from "../loop/steps.ts";
import { reserve, RETRY, sayError, sayProblems, type Execution } from "./execution.ts";
import { ownNode, readPlanned } from "./steps.ts";
import { toNode } from "./to-node.ts";

/** The plan as it is, and how many changes have been asked for. */
interface Now {
  readonly plan: PlanGraph;
  readonly number: number;
}

/** Some step failed: the model is asked to change the rest of the plan, within limits. */
export function askForChange(
  execution: Execution,
  run: GrowingRun,
  now: Now & { readonly failed: readonly string[] },
): Growth {
  const { failed, number, plan } = now;
  const { revisions = 3 } = execution.options;
  const failure = failed.map((id) => `${id} (${run.node(id)?.uses ?? ""}): ${errorOf(run, id)}`).join("\n");
  if (number >= revisions) return { rollback: `the plan was changed ${number} times, and still: ${failure}` };
  const labels = failed.reduce((all, id) => joinLabels(all, run.node(id)?.labels ?? NO_LABELS), NO_LABELS);
  return patch(toStep(execution, run, { plan, number: number + 1, failure, labels }));
}

function errorOf(run: GrowingRun, id: string): string {
  const node = run.node(id);
  return node === undefined ? "" : sayError(node);
}

/** Steps whose action brings what may change the rest, and that no change has looked at yet. */
export function newsIn({ options }: Execution, run: GrowingRun, { plan, number }: Now): readonly string[] {
  const { reviewAfter = [] } = options;
  if (reviewAfter.length === 0 || !Object.keys(plan.nodes).some((id) => run.node(id)?.hasStarted === false)) return [];
  const seen = new Set<string>();
  for (let at = 1; at <= number; at += 1) for (const id of seenBy(run, at)) seen.add(id);
  return Object.entries(plan.nodes)
    .filter(([id, { uses }]) => reviewAfter.includes(uses) && run.node(id)?.state === "succeeded" && !seen.has(id))
    .map(([id]) => id);
}

function seenBy(run: GrowingRun, number: number): readonly string[] {
  const given: unknown = run.node(ownNode("change", number))?.with;
  const states: unknown = typeof given === "object" && given !== null && "states" in given ? given.states : undefined;
  return Object.entries(states ?? {}).flatMap(([id, state]) => (state === "succeeded" ? [id] : []));
}

/** Nothing failed, but there are new facts: is the rest of the plan still right? */
export function askForReview(
  execution: Execution,
  run: GrowingRun,
  now: Now & { readonly news: readonly string[] },
): Growth | undefined {
  const { plan, number, news } = now;
  const failure = `Nothing failed. New facts came from ${news.join(", ")}.`;
  return patch(toStep(execution, run, { plan, number: number + 1, failure, labels: NO_LABELS, isReview: true }));
}

interface Step extends Now {
  readonly failure: string;
  readonly labels: readonly Label[];
  readonly isReview?: boolean;
  readonly after?: string;
}

function toStep(execution: Execution, run: GrowingRun, step: Step): JsonObject {
  const { plan, number, failure, labels, isReview, after } = step;
  const states = Object.fromEntries(Object.keys(plan.nodes).map((id) => [id, stateIn(run, id)]));
  const ended = Object.keys(plan.nodes).filter((id) => ["succeeded", "failed", "skipped"].includes(states[id] ?? ""));
  const text = JSON.stringify(plan);
  return {
    op: "add-node",
    id: ownNode("change", number),
    node: {
      uses: `${execution.name}.change`,
      with: {
        of: "${input}",
        plan: toLiteral(text),
        failure: toLiteral(failure),
        states,
        ...(isReview === true && { isReview }),
        ...(after !== undefined && { after }),
      },
      reads: after === undefined ? ended : [...ended, after],
      ...(labels.length > 0 && { labels: [...labels] }),
      onFailure: "observe",
      retry: RETRY,
      counters: reserve(execution, run, text),
    },
  };
}

function stateIn(run: GrowingRun, id: string): string {
  const node = run.node(id);
  if (node === undefined || !node.hasStarted) return "pending";
  return node.state === "open" ? "running" : node.state;
}

/** Carries out what the model answered, or asks again for what can't be used. */
export function afterChange(execution: Execution, run: GrowingRun, { plan, number }: Now): Growth | undefined {
  const id = ownNode("change", number);
  const node = run.node(id);
  if (node === undefined || node.state === "open") return undefined;
  if (node.state !== "succeeded") return { rollback: `${execution.name} could not change its plan: ${sayError(node)}` };
  const planned = readPlanned(node.output);
  const failed = Object.keys(plan.nodes).filter((one) => run.node(one)?.state === "replan");
  switch (planned.tag) {
    case "give-up":
      return { rollback: planned.why };
    case "keep":
      return patch(toRevision(number));
    case "patch":
      return apply(execution, run, { changes: parsePatch(planned.patch), failed, labels: node.labels, number });
    default: {
      const { repairs = 2 } = execution.options;
      const tries = countTries(run, number);
      if (tries > repairs)
        return { rollback: `no change of the plan could be made after ${tries} tries: ${sayProblems(planned)}` };
      const failure = failed.map((one) => `${one}: ${errorOf(run, one)}`).join("\n");
      return patch(toStep(execution, run, { plan, number: number + 1, failure, labels: node.labels, after: id }));
    }
  }
}

/** Answers in a row that could not be used. */
function countTries(run: GrowingRun, number: number): number {
  let tries = 0;
  for (let at = number; at >= 1; at -= 1) {
    const node = run.node(ownNode("change", at));
    if (node === undefined || readPlanned(node.output).tag !== "problems") break;
    tries += 1;
  }
  return tries;
}

interface Application {
  readonly changes: PlanPatch;
  readonly failed: readonly string[];
  readonly labels: readonly Label[];
  readonly number: number;
}

/** What the model changes, as far as it can still be changed, and an end for each step that failed. */
function apply(execution: Execution, run: GrowingRun, { changes, failed, labels, number }: Application): Growth {
  const operations = changes
    .filter((operation) => isPossible(run, operation))
    .flatMap((operation): readonly JsonObject[] => {
      if (operation.op === "remove-node") return [{ op: operation.op, id: operation.id }];
      if (operation.op !== "add-node" && operation.op !== "replace-node") return [];
      return [{ op: operation.op, id: operation.id, node: toNode(execution, run, { node: operation.node, labels }) }];
    });
  const givenUp = failed.map((id) => ({ op: "give-up-node", id }));
  return patch(...operations, ...givenUp, toRevision(number));
}

function isPossible(run: GrowingRun, operation: PatchOperation): boolean {
  if (operation.op !== "replace-node" && operation.op !== "remove-node") return true;
  return run.node(operation.id)?.hasStarted === false;
}

/** Says in the run's output that so many changes have been dealt with. */
function toRevision(revision: number): JsonObject {
  return { op: "set-output", output: { revision } };
}
