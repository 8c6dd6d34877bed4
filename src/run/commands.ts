import { fromJsonSchema, toProblems, validateValue } from "../action/index.ts";
import {
  InputError,
  isJsonObject,
  toInputError,
  toRunId,
  toWaitId,
  type Json,
  type JsonSchema,
  type RunId,
} from "../base/index.ts";
import { mayCancel, mayPatch, mayResume, mayRetry, mayRollBack, type PlanPatch, type RunEvent } from "../plan/index.ts";
import { record, timeFor, type Hosted } from "./hosted.ts";
import { toPatched } from "./patch-run.ts";

/** What people and other processes may order of a run that exists. */
export type RunCommand =
  | { readonly type: "answer"; readonly wait: string; readonly by: string; readonly value: Json }
  | { readonly type: "cancel"; readonly run: string; readonly by: string; readonly why?: string }
  | { readonly type: "rollback"; readonly run: string; readonly by: string; readonly why?: string }
  | { readonly type: "retry"; readonly run: string; readonly by: string }
  | { readonly type: "resume"; readonly run: string; readonly by: string }
  | { readonly type: "patch"; readonly run: string; readonly by: string; readonly patch: PlanPatch };

/** The run that a command is for. */
export function runOf(command: RunCommand): RunId {
  if (command.type !== "answer") return toRunId(command.run);
  return toRunId(command.wait.split(":").slice(0, -2).join(":"));
}

/**
 * Records what a command orders.
 *
 * @throws {InputError} when it is not possible in the run's state; nothing has changed then.
 */
export function obey(hosted: Hosted, command: RunCommand): void {
  const at = timeFor(hosted);
  const { state } = hosted;
  const { by } = command;
  switch (command.type) {
    case "answer":
      return answer(hosted, command, at);

    case "cancel":
      demand(mayCancel(state), hosted, "cancelled");
      return record(hosted, { type: "cancel-decided", at, why: command.why ?? `${by} cancelled it`, by });

    case "rollback":
      demand(mayRollBack(state), hosted, "rolled back");
      return record(hosted, { type: "rollback-decided", at, why: command.why ?? `${by} rolled it back`, by });

    case "retry":
      demand(mayRetry(state), hosted, "retried");
      return record(hosted, { type: "run-retried", at, by });

    case "resume":
      demand(mayResume(state), hosted, "resumed");
      return record(hosted, {
        type: "run-resumed",
        at,
        by,
        pins: hosted.engine.registry.pinsOf(state.plan.nodes, state.plan.graph.grows),
      });

    case "patch":
      demand(mayPatch(state), hosted, "changed");
      return record(hosted, toPatched(hosted, command));
  }
}

function demand(isPossible: boolean, { state }: Hosted, what: string): void {
  if (isPossible) return;
  const is = state.finished?.tag ?? state.phase;
  throw new InputError("NOT_POSSIBLE", `Run ${state.run} is ${is}, so it can't be ${what}.`);
}

type Answer = RunCommand & { readonly type: "answer" };

function answer(hosted: Hosted, { wait: id, by, value }: Answer, at: RunEvent["at"]): void {
  const wait = hosted.state.waits.get(toWaitId(id));
  if (wait === undefined)
    throw new InputError("WAIT_NOT_OPEN", `Wait ${id} is not open: it was answered, it expired, or it never was.`);
  if (wait.kind === "timer") throw new InputError("NOT_POSSIBLE", `Wait ${id} is a pause: only the clock ends it.`);
  checkAnswer(wait.answer, value);
  const node = hosted.state.nodes[wait.node]?.id;
  if (node !== undefined)
    record(hosted, { type: "wait-closed", at, wait: wait.wait, node, how: "answered", by, value });
}

function checkAnswer(schema: Json | undefined, value: Json): void {
  if (schema === undefined) {
    if (typeof value === "boolean") return;
    throw new InputError(
      "ANSWER_INVALID",
      `This question takes true or false, not ${JSON.stringify(value).slice(0, 80)}.`,
    );
  }
  const result = validateValue(fromJsonSchema<Json>(isSchema(schema) ? schema : {}), value);
  if (result instanceof Promise || result.issues === undefined) return;
  throw toInputError("The answer does not fit its schema", toProblems(result.issues, "answer", "ANSWER_INVALID"));
}

function isSchema(schema: Json): schema is Exclude<JsonSchema, never> {
  return typeof schema === "boolean" || isJsonObject(schema);
}
