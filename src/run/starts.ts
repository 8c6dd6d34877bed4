import { InputError, RuntimeFailure, type Json } from "../base/index.ts";
import { bindInput, overBudget, resourcesOf, type FailureRecord, type NodeState } from "../plan/index.ts";
import { launch, launchUndo } from "./attempts.ts";
import { launchChild, launchChildUndo } from "./children.ts";
import { choose } from "./choose.ts";
import type { Engine } from "./engine.ts";
import { toFailureRecord } from "./failures.ts";
import { record, timeFor, type Hosted } from "./hosted.ts";
import { keyOfNode, keyOfUndo } from "./keys.ts";
import { mayStart } from "./may-start.ts";
import { awaitClaim, claim, identityOf, settleClaim, takeClaim } from "./ledger.ts";

/** Carries out `start-node`: input, choice, ledger, and then the start in the journal and the attempt after it. */
export function startNode(hosted: Hosted, node: NodeState): void {
  if (hosted.busy.has(node)) return;
  let input: Json;
  try {
    input = bindInput(hosted.state, node);
  } catch (error) {
    return failBefore(hosted, node, error);
  }
  if (node.nature.kind === "choice") return prepare(hosted, node, () => choose(hosted, node, input));
  if (node.nature.hasIdentity && (node.attempt === 0 || !hosted.claims.has(node)))
    return prepare(hosted, node, () => startClaimed(hosted, node, input));
  const key = node.attempt > 0 ? node.key : keyOfNode(hosted.state, node);
  start(hosted, node, { key, input });
}

/** Does what has to wait for something before the start can be recorded. */
function prepare(hosted: Hosted, node: NodeState, work: () => Promise<void> | void): void {
  hosted.busy.add(node);
  const finish = (thrown?: unknown): void => {
    hosted.busy.delete(node);
    if (hosted.engine.death !== undefined) return;
    if (thrown !== undefined && mayStart(hosted, node)) failBefore(hosted, node, thrown);
    hosted.engine.touch(hosted);
  };
  try {
    const working = work();
    if (working === undefined) finish();
    else working.then(() => finish(), finish).catch(hosted.engine.die);
  } catch (error) {
    finish(error);
  }
}

async function startClaimed(hosted: Hosted, node: NodeState, input: Json): Promise<void> {
  const identity = identityOf(hosted, node, input) ?? "";
  for (;;) {
    const answer = await claim(hosted, node, identity);
    if (!mayStart(hosted, node)) return;
    if (answer.tag === "done") return attach(hosted, node, answer.entry);
    if (answer.tag === "mine") {
      if (isTaken(hosted, node, answer.entry.effect)) continue;
      takeClaim(hosted, node, answer.entry);
      start(hosted, node, { key: answer.key, input });
      return settleClaim(hosted, node);
    }
    hosted.waiting += 1;
    hosted.engine.touch(hosted); // its place is free for others
    await new Promise<void>((resolve) => awaitClaim(hosted.engine, answer.by, resolve));
    hosted.waiting -= 1;
  }
}

/** Between the question to the store and its answer another node may have taken the effect. */
function isTaken(hosted: Hosted, node: NodeState, effect: string): boolean {
  const entry = hosted.engine.claims.get(effect)?.entry;
  if (entry === undefined || entry.state !== "started") return entry?.state === "done";
  return entry.run !== hosted.state.run || entry.node !== node.id;
}

function attach(hosted: Hosted, node: NodeState, entry: Awaited<ReturnType<Engine["store"]["effect"]>>): void {
  if (entry === undefined) return;
  record(hosted, {
    type: "node-succeeded",
    at: timeFor(hosted),
    node: node.id,
    attempt: node.attempt,
    output: entry.output ?? null,
    ...(entry.labels !== undefined && { labels: entry.labels }),
    by: "ledger",
    from: { run: entry.run, node: entry.node },
  });
}

function start(hosted: Hosted, node: NodeState, { key, input }: { readonly key: string; readonly input: Json }): void {
  const refusal = overBudget(hosted.state, node); // others of the same decision may have used it up
  if (refusal !== undefined) return failWith(hosted, node, refusal);
  const token = hosted.engine.nextToken();
  const attempt = node.attempt + 1;
  hosted.engine.pool.take(resourcesOf(hosted.state, node));
  record(hosted, { type: "node-started", at: timeFor(hosted), node: node.id, attempt, token, key });
  const isChild = node.nature.kind === "plan";
  hosted.afterCommit.push(() => (isChild ? launchChild(hosted, node, input) : launch(hosted, node, input)));
}

/** Carries out `start-undo`. */
export function startUndo(hosted: Hosted, node: NodeState): void {
  const token = hosted.engine.nextToken();
  const key = keyOfUndo(node.key);
  hosted.engine.pool.take(resourcesOf(hosted.state, node));
  const attempt = (node.undo?.attempt ?? 0) + 1;
  record(hosted, { type: "undo-started", at: timeFor(hosted), node: node.id, attempt, token, key });
  const isChild = node.nature.kind === "plan";
  hosted.afterCommit.push(() => (isChild ? launchChildUndo(hosted, node) : launchUndo(hosted, node, key)));
}

function failBefore(hosted: Hosted, node: NodeState, thrown: unknown): void {
  const isExpected = InputError.is(thrown) || RuntimeFailure.is(thrown);
  const error: FailureRecord = isExpected
    ? toFailureRecord(thrown)
    : { ...toFailureRecord(thrown), class: "permanent" };
  failWith(hosted, node, error);
}

function failWith(hosted: Hosted, node: NodeState, error: FailureRecord): void {
  record(hosted, { type: "node-failed", at: timeFor(hosted), node: node.id, attempt: 0, error });
}
