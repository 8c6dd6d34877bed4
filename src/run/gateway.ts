import { validateValue, toProblems, type AttemptContext, type EffectDefinition } from "../action/index.ts";
import { checkStrictJson, PermanentError, toInputError, type Json, type StandardSchema } from "../base/index.ts";
import type { FailureRecord } from "../plan/index.ts";
import { isUncertain, toFailureRecord } from "./failures.ts";
import type { News } from "./news.ts";
import type { Clock } from "./ports.ts";

/*
 * Every effect goes through here.
 *
 * 1. (J4) `begin` is called only when the start of the attempt is durable.
 * 2. (E2, E3) `settle` is called exactly once: with the outcome, or, when an attempt that was told to stop has not
 *    ended after the grace time, with `unknown`: it is fenced off, and what comes later goes to `late`.
 */

/** How an attempt ended. */
export type Settlement =
  | ({ readonly tag: "succeeded"; readonly output: Json } & ReturnType<News["attested"]>)
  | ({ readonly tag: "failed"; readonly error: FailureRecord } & ReturnType<News["attested"]>)
  | { readonly tag: "unknown"; readonly error: FailureRecord | undefined };

/** What an attempt is and where its outcome goes. */
export interface Attempt {
  readonly run: string;
  readonly node: string;
  readonly attempt: number;
  readonly key: string;
  readonly token: number;
  readonly input: Json;
  readonly idleMs: number | undefined;
  readonly news: News["context"];
  readonly settle: (settlement: Settlement) => void;
  readonly late: (settlement: Settlement) => void;
  /** No sign of life for `idleMs`. */
  readonly idle: () => void;
}

/** What is done with the input once it is checked: `run`, `undo` or `check` of an action. */
export type Work = (context: AttemptContext<Json>) => unknown;

/** The clock, and how long an attempt may go on after it was told to stop. */
export interface Timing {
  readonly clock: Clock;
  readonly graceMs: number;
}

/** One attempt, from its begin until its outcome is known. */
export class Performance {
  readonly #timing: Timing;
  readonly #attempt: Attempt;
  readonly #abort = new AbortController();
  #isSettled = false;
  #isStopping = false;
  #callOffIdle: (() => void) | undefined;
  #callOffGrace: (() => void) | undefined;

  constructor(timing: Timing, attempt: Attempt) {
    this.#timing = timing;
    this.#attempt = attempt;
  }

  /** Performs it. To be called once. */
  begin(work: Work): void {
    const { input, key, token, run, node, attempt, news } = this.#attempt;
    const { signal } = this.#abort;
    this.#watchIdle();
    let value: unknown;
    try {
      const alive = (): void => this.#watchIdle();
      value = work({ ...news, input, key, token, run, node, attempt, signal, alive });
    } catch (error) {
      return this.#fail(error);
    }
    if (!isThenable(value)) return this.#finish(value);
    value.then(
      (ready) => this.#finish(ready),
      (error: unknown) => this.#fail(error),
    );
  }

  /** Aborts its signal; after `graceMs` it is fenced off. */
  stop(why: string): void {
    if (this.#isSettled || this.#isStopping) return;
    this.#isStopping = true;
    const { clock, graceMs } = this.#timing;
    this.#callOffGrace = clock.timer(graceMs, () => this.#end({ tag: "unknown", error: undefined }));
    this.#abort.abort(new Error(why));
  }

  #watchIdle(): void {
    const { idleMs, idle } = this.#attempt;
    if (idleMs === undefined || this.#isSettled) return;
    this.#callOffIdle?.();
    this.#callOffIdle = this.#timing.clock.timer(idleMs, idle);
  }

  #finish(value: unknown): void {
    const output = toOutput(value);
    if (output instanceof PermanentError) this.#fail(output);
    else this.#end({ tag: "succeeded", output });
  }

  #fail(thrown: unknown): void {
    const error = toFailureRecord(thrown);
    const isFinal = !this.#isStopping || error.class === "permanent" || error.class === "input";
    if (!isUncertain(thrown) && isFinal) this.#end({ tag: "failed", error });
    else this.#end({ tag: "unknown", error: this.#isStopping ? undefined : error });
  }

  #end(settlement: Settlement): void {
    if (this.#isSettled) return this.#attempt.late(settlement);
    this.#isSettled = true;
    this.#callOffIdle?.();
    this.#callOffGrace?.();
    this.#attempt.settle(settlement);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function toOutput(value: unknown): Json | PermanentError {
  if (value === undefined) return null;
  try {
    return checkStrictJson(value);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return new PermanentError("OUTPUT_INVALID", `The action gave what is not JSON: ${message}`, {
      cause,
      mayHaveActed: true,
    });
  }
}

/** Runs an action on a checked input, and checks its output. */
export function toWork(effect: EffectDefinition): Work {
  const { input, output, run } = effect;
  if (input === undefined && output === undefined) return run;
  return (context) => {
    if (input === undefined) return checked(output, run(context), outputFault(effect));
    const value = validated(input, context.input, inputFault);
    if (!(value instanceof Promise)) return checked(output, run(withInput(context, value)), outputFault(effect));
    return value.then((ready) => checked(output, run(withInput(context, ready)), outputFault(effect)));
  };
}

/** Gives an undo or a check the input as `run` saw it. */
export function withCheckedInput(effect: EffectDefinition, work: Work): Work {
  return (context) => {
    if (effect.input === undefined) return work(context);
    const value = validated(effect.input, context.input, inputFault);
    return value instanceof Promise
      ? value.then((ready) => work(withInput(context, ready)))
      : work(withInput(context, value));
  };
}

function withInput(context: AttemptContext<Json>, input: Json): AttemptContext<Json> {
  if (input === context.input) return context;
  return { ...context, input };
}

type Fault = (issues: Parameters<typeof toProblems>[0]) => Error;

function inputFault(issues: Parameters<Fault>[0]): Error {
  return toInputError("The action's input does not fit its schema", toProblems(issues, "input", "INPUT_INVALID"));
}

/** An effect whose output makes no sense has happened all the same. */
function outputFault(effect: EffectDefinition): Fault {
  return (issues) => {
    const { message } = toInputError(
      "The action's output does not fit its schema",
      toProblems(issues, "output", "OUTPUT_INVALID"),
    );
    return new PermanentError("OUTPUT_INVALID", message, { mayHaveActed: !effect.isQuery });
  };
}

function checked(schema: StandardSchema | undefined, value: unknown, fault: Fault): unknown {
  if (schema === undefined) return value;
  return isThenable(value) ? value.then((ready) => validated(schema, ready, fault)) : validated(schema, value, fault);
}

function validated(schema: StandardSchema, value: unknown, fault: Fault): Json | Promise<Json> {
  const result = validateValue(schema, value);
  if (result instanceof Promise) return result.then((ready) => valueOf(ready, fault));
  return valueOf(result, fault);
}

function valueOf(result: Awaited<ReturnType<typeof validateValue>>, fault: Fault): Json {
  if (result.issues !== undefined) throw fault(result.issues);
  return checkStrictJson(result.value ?? null);
}
