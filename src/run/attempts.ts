import type { EffectDefinition, UndoContext } from "../action/index.ts";
import { PermanentError, type Json } from "../base/index.ts";
import {
  usageOf,
  bindInput,
  limitOf,
  resourcesOf,
  toNodeFailed,
  toUndoFailed,
  type FailureRecord,
  type NodeState,
  type RunEvent,
} from "../plan/index.ts";
import type { Engine } from "./engine.ts";
import { Performance, toWork, withCheckedInput, type Attempt, type Settlement, type Work } from "./gateway.ts";
import { record, timeFor, type Hosted } from "./hosted.ts";
import { createNews, type News } from "./news.ts";

const LONGEST_UNDO_MS = 300_000;
const LONGEST_CHECK_MS = 60_000;

/** Performs an attempt whose start is durable. */
export function launch(hosted: Hosted, node: NodeState, input: Json): void {
  begin(hosted, node, {
    attempt: node.attempt,
    key: node.key,
    input,
    idleMs: limitOf(hosted.state, node, "idleMs"),
    work: toWork,
    settle: settleNode,
    late: recordLate,
  });
}

function recordLate(hosted: Hosted, node: NodeState, late: { attempt: number; settlement: Settlement }): void {
  const { attempt, settlement } = late;
  if (hosted.state.phase === "finished") return;
  const at = timeFor(hosted);
  record(hosted, { type: "node-late", at, node: node.id, attempt, outcome: toEvidence(settlement) });
}

/** Performs an undo whose start is durable. It has a time limit even where the action has none. */
export function launchUndo(hosted: Hosted, node: NodeState, key: string): void {
  const attempt = node.undo?.attempt ?? 1;
  const { output, key: undoes } = node;
  const input = tryBind(hosted, node);
  const callOff = hosted.engine.clock.timer(limitOf(hosted.state, node, "timeoutMs") ?? LONGEST_UNDO_MS, () => {
    if (node.undo?.tag === "running" && node.undo.attempt === attempt) hosted.work.get(node)?.stop("timeout");
  });
  begin(hosted, node, {
    attempt,
    key,
    input,
    idleMs: undefined,
    work: (effect) => withCheckedInput(effect, toUndo(effect, output, undoes)),
    settle: (of, undone, settlement) => {
      callOff(); // a timer that is left keeps the process alive
      settleUndo(of, undone, settlement);
    },
    late: () => {},
  });
}

/** Asks an action whether an attempt of unknown outcome happened. A check has no effect, so it is not journaled. */
export function launchCheck(hosted: Hosted, node: NodeState): void {
  hosted.busy.add(node);
  const input = tryBind(hosted, node);
  const news = createNews(hosted, node);
  const finish = (answer: Answer): void => {
    callOff();
    hosted.busy.delete(node);
    if (hosted.engine.death !== undefined || node.tag !== "unknown") return;
    const at = timeFor(hosted);
    const base = { at, node: node.id, attempt: node.attempt, by: "check" } as const;
    if (answer.tag === "done")
      recordDone(hosted, node, {
        type: "node-succeeded",
        ...base,
        output: answer.output,
        ...labelsIn(news.attested()),
      });
    else record(hosted, { type: "node-settled", ...base, answer: answer.tag });
    hosted.engine.touch(hosted);
  };
  const attempt: Attempt = {
    run: hosted.state.run,
    node: node.id,
    attempt: node.attempt,
    key: node.key,
    token: node.token,
    input,
    idleMs: undefined,
    news: news.context,
    settle: (settlement) => finish(toAnswer(settlement)),
    late: () => {},
    idle: () => {},
  };
  const performance = new Performance(hosted.engine, attempt);
  const callOff = hosted.engine.clock.timer(LONGEST_CHECK_MS, () => performance.stop("timeout"));
  performance.begin((context) => {
    const effect = hosted.engine.registry.effectOf(usageOf(hosted.state, node), node.path);
    return withCheckedInput(effect, (checked) => effect.check?.(checked))(context);
  });
}

/** What an attempt or an undo is, and what becomes of its outcome. */
interface Plan extends Pick<Attempt, "attempt" | "key" | "input" | "idleMs"> {
  readonly work: (effect: EffectDefinition) => Work;
  readonly settle: (hosted: Hosted, node: NodeState, settlement: Settlement) => void;
  readonly late: (hosted: Hosted, node: NodeState, late: { attempt: number; settlement: Settlement }) => void;
}

function begin(hosted: Hosted, node: NodeState, plan: Plan): void {
  const { engine, state } = hosted;
  const { attempt, key, input, idleMs } = plan;
  const uses = resourcesOf(state, node);
  const news = createNews(hosted, node);
  const performance = new Performance(engine, {
    run: state.run,
    node: node.id,
    attempt,
    key,
    token: node.token,
    input,
    idleMs,
    news: news.context,
    settle: (settlement) =>
      ifAlive(hosted, () => {
        hosted.work.delete(node);
        release(engine, uses);
        plan.settle(hosted, node, settlement.tag === "unknown" ? settlement : { ...settlement, ...news.attested() });
      }),
    late: (settlement) => ifAlive(hosted, () => plan.late(hosted, node, { attempt, settlement })),
    idle: () => ifAlive(hosted, () => stopIdle(hosted, node, performance)),
  });
  hosted.work.set(node, performance); // before it begins: it may settle at once
  performance.begin((context) => plan.work(engine.registry.effectOf(usageOf(state, node), node.path))(context));
}

function ifAlive(hosted: Hosted, act: () => void): void {
  if (hosted.engine.death !== undefined) return;
  try {
    act();
  } catch (error) {
    return hosted.engine.die(error); // an event that the state refuses is our bug, not the action's
  }
  hosted.engine.touch(hosted);
}

function stopIdle(hosted: Hosted, node: NodeState, performance: Performance): void {
  if (hosted.work.get(node) !== performance || node.stopping !== undefined) return;
  record(hosted, { type: "node-stopping", at: timeFor(hosted), node: node.id, attempt: node.attempt, why: "idle" });
  hosted.afterCommit.push(() => performance.stop("idle"));
}

/** Resources that come free may let any run go on. */
export function release(engine: Engine, uses: ReturnType<typeof resourcesOf>): void {
  if (uses.length === 0) return;
  engine.pool.give(uses);
  for (const other of engine.hosted.values()) engine.touch(other);
}

/** Records how an attempt ended. */
export function settleNode(hosted: Hosted, node: NodeState, settlement: Settlement): void {
  const at = timeFor(hosted);
  const base = { at, node: node.id, attempt: node.attempt } as const;
  switch (settlement.tag) {
    case "succeeded":
      return recordDone(hosted, node, {
        type: "node-succeeded",
        ...base,
        output: settlement.output,
        ...attestedIn(settlement),
      });

    case "failed":
      record(hosted, {
        ...toNodeFailed(hosted.state, node, { error: settlement.error, at }),
        ...attestedIn(settlement),
      });
      return;

    case "unknown": {
      const { error } = settlement;
      record(hosted, {
        type: "node-unknown",
        ...base,
        why: whyUnknown(node, error),
        ...(error !== undefined && { error }),
      });
    }
  }
}

function attestedIn({ labels, used }: ReturnType<News["attested"]>): ReturnType<News["attested"]> {
  return { ...(labels !== undefined && { labels }), ...(used !== undefined && { used }) };
}

function labelsIn({ labels }: ReturnType<News["attested"]>): Pick<ReturnType<News["attested"]>, "labels"> {
  return labels === undefined ? {} : { labels };
}

function whyUnknown(node: NodeState, error: FailureRecord | undefined): "timeout" | "stopped" | "said" {
  if (error !== undefined) return "said";
  const isTime = node.stopping === "timeout" || node.stopping === "idle" || node.stopping === "total";
  return isTime ? "timeout" : "stopped";
}

function recordDone(hosted: Hosted, node: NodeState, event: RunEvent & { readonly type: "node-succeeded" }): void {
  record(hosted, event);
}

/** Records how an undo ended. */
export function settleUndo(hosted: Hosted, node: NodeState, settlement: Settlement): void {
  const at = timeFor(hosted);
  const attempt = node.undo?.attempt ?? 1;
  if (settlement.tag === "succeeded") {
    record(hosted, { type: "undo-succeeded", at, node: node.id, attempt });
    return;
  }
  const error = settlement.error ?? { class: "timeout", code: "TIMED_OUT", message: "The undo took too long." };
  record(hosted, toUndoFailed(hosted.state, node, { error, at }));
}

function toUndo(effect: EffectDefinition, output: Json, undoes: string): Work {
  const { undo } = effect;
  if (typeof undo !== "function") throw new PermanentError("UNDO_MISSING", "The action has no undo any more.");
  return (context) => {
    const undoContext: UndoContext<Json, Json> = { ...context, output, undoes };
    const done = undo(undoContext);
    return done instanceof Promise ? done.then(() => null) : null;
  };
}

function tryBind(hosted: Hosted, node: NodeState): Json {
  return bindInput(hosted.state, node);
}

function toEvidence(settlement: Settlement): { readonly output: Json } | { readonly error: FailureRecord } {
  if (settlement.tag === "succeeded") return { output: settlement.output };
  return { error: settlement.error ?? { class: "cancelled", code: "STOPPED", message: "It stopped." } };
}

type Answer = { readonly tag: "done"; readonly output: Json } | { readonly tag: "not-done" | "cannot-tell" };

function toAnswer(settlement: Settlement): Answer {
  if (settlement.tag !== "succeeded") return { tag: "cannot-tell" };
  const { output } = settlement;
  if (typeof output !== "object" || output === null || !("tag" in output)) return { tag: "cannot-tell" };
  if (output.tag === "done" && "output" in output) return { tag: "done", output: output.output };
  return output.tag === "not-done" ? { tag: "not-done" } : { tag: "cannot-tell" };
}
