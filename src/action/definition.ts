import type { Json, JsonObject, StandardSchema } from "../base/index.ts";

/**
 * May an attempt be made again when it is not known what the earlier one did?
 * `safe`: yes, it changes nothing that matters. `keyed`: yes, with the same key, which the other side uses to act
 * once. `never`: no; a check or a person must say what happened.
 */
export type Repeat = "safe" | "keyed" | "never";

/** What every attempt is given. */
export interface AttemptContext<Input> {
  readonly input: Input;
  /** The idempotency key: equal for all attempts of one effect, also after a crash. */
  readonly key: string;
  /** The fencing token: grows with every attempt in a state folder, so that a late one can be told. */
  readonly token: number;
  /** Aborted on timeout, cancel and shutdown. What goes on after it is late and changes nothing. */
  readonly signal: AbortSignal;
  readonly run: string;
  readonly node: string;
  /** 1 for the first attempt of this generation. */
  readonly attempt: number;
  /** Says that the attempt is alive: restarts `idleMs`. */
  readonly alive: () => void;
  /** Labels of the input: where what stands in it came from, such as `untrusted` or `secret`. Sorted. */
  readonly labels: readonly Label[];
  /** Adds labels to the output, beside those of the input and those that the action always gives. */
  readonly label: (...labels: readonly Label[]) => void;
  /** Sends a piece to whoever watches now, such as the words of a model. Transient: it is never recorded. */
  readonly emit: (piece: Json) => void;
  /** Says what this attempt really used of the counters that were reserved for it; the rest is given back. */
  readonly used: (counters: Readonly<Record<string, number>>) => void;
  /** A node that this one `reads`, directly or through another. Undefined: it reads no such node. */
  readonly read: (node: string) => ReadNode | undefined;
}

/** A mark on a value that follows it wherever it goes. What takes it in checks marks, not text. */
export type Label = "untrusted" | "secret";

/** A node that has ended, as a later one of the same run may read it. */
export interface ReadNode {
  readonly uses: string;
  /** Its input, bound. */
  readonly input: Json;
  readonly reads: readonly string[];
  readonly outcome:
    | { readonly tag: "succeeded"; readonly output: Json }
    | { readonly tag: "failed"; readonly code: string; readonly message: string }
    | { readonly tag: "skipped" };
}

/** What an undo is given: the attempt that is undone, with its output, and a key of the undo's own. */
export interface UndoContext<Input, Output> extends AttemptContext<Input> {
  readonly output: Output;
  /** The key of the effect that is to be undone; `key` is the undo's own. */
  readonly undoes: string;
}

/** What `check` found out about an attempt whose outcome is unknown. */
export type Outcome<Output> =
  | { readonly tag: "done"; readonly output: Output }
  | { readonly tag: "not-done" }
  | { readonly tag: "cannot-tell" };

/** How long things may take, in milliseconds. A plan can only lower them. */
export interface Limits {
  /** One attempt. */
  readonly timeoutMs?: number;
  /** Between two signs of life (`alive()`, output of a process). */
  readonly idleMs?: number;
  /** All attempts and the pauses between them. */
  readonly totalMs?: number;
}

/** A resource held while an attempt runs: units out of the resource's capacity (1 unless the executor says more). */
export interface ResourceUse {
  readonly name: string;
  readonly units: number;
}

/** An action that does something in the world, or asks it: the leaf that attempts are made of. */
export interface EffectDefinition {
  readonly tag: "effect";
  readonly isQuery: boolean;
  readonly repeat: Repeat;
  readonly undo: "not-needed" | "impossible" | ((context: UndoContext<Json, Json>) => unknown);
  /** The undo may run though it is not known whether there is anything to undo; its `output` is then null. */
  readonly undoesUnknown?: boolean;
  readonly check: ((context: AttemptContext<Json>) => unknown) | undefined;
  readonly identity: ((input: Json) => string) | undefined;
  readonly input: StandardSchema | undefined;
  readonly output: StandardSchema | undefined;
  readonly limits: Limits;
  readonly resources: readonly ResourceUse[];
  /** What one attempt reserves of the run's counters, such as `{ tokens: 500 }`. */
  readonly counters: Readonly<Record<string, number>>;
  /** Labels that its output always has, such as `untrusted` for what came from the web. */
  readonly gives: readonly Label[];
  /** Labels that it does not take in unless a person allows that very call. */
  readonly refuses: readonly Label[];
  /** Every call waits for a person's word. */
  readonly isApproved: boolean;
  readonly run: (context: AttemptContext<Json>) => unknown;
}

/** An action whose nature is stated in the plan file beside it (`process`, `http`): one definition per node. */
export interface ByNodeDefinition {
  readonly tag: "by-node";
  /** @throws {InputError} when `effect` or the constant parts of `with` make no sense. */
  readonly forNode: (node: { readonly with: Json; readonly effect: JsonObject | undefined }) => EffectDefinition;
}

/** One of several actions, chosen by a policy when its turn comes. */
export interface ChoiceDefinition {
  readonly tag: "choice";
  readonly variants: Readonly<Record<string, AnyAction>>;
  readonly first: string;
  readonly policy: Policy | string;
  readonly state: (input: Json) => Json;
}

/** A plan used as an action: its graph as data, and the actions that it uses. */
export interface PlanDefinition {
  readonly tag: "plan";
  readonly graph: JsonObject;
  readonly uses: readonly AnyAction[];
  /**
   * Makes the plan grow while it runs, where its graph `grows` by this action. Asked whenever something has happened in
   * the run; undefined: nothing to do now. It must be a function of what it is shown, and of nothing else: after a
   * crash it is asked again, and what it answered is in the journal.
   */
  readonly grow?: (run: GrowingRun) => Growth | undefined;
}

/** A run, as whoever makes its plan grow sees it. */
export interface GrowingRun {
  readonly run: string;
  readonly input: Json;
  /** Labels of the input. */
  readonly labels: readonly Label[];
  /** In milliseconds since the epoch. */
  readonly createdAt: number;
  readonly now: number;
  /** The template of its output as it is now. */
  readonly output: Json;
  /** Ids of the nodes, in the order in which they came into the plan. */
  readonly ids: readonly string[];
  readonly node: (id: string) => GrownNode | undefined;
  /** How much of a counter is used or reserved. */
  readonly used: (counter: string) => number;
  /** How much of a counter is left; infinite where no budget names it. */
  readonly left: (counter: string) => number;
  /** Attempts begun so far. */
  readonly attempts: number;
}

/** A node of a growing run. */
export interface GrownNode {
  readonly uses: string;
  /** Its template, as the plan has it. */
  readonly with: Json;
  /** `open`: it has not ended. `replan`: it failed, and waits for a patch that gives it up. */
  readonly state: "open" | "succeeded" | "failed" | "skipped" | "replan";
  /** A node that has not started may still be changed. */
  readonly hasStarted: boolean;
  /** Null until it has succeeded; of a failure that is observed: `{ error }`. */
  readonly output: Json;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  /** Labels of its output. */
  readonly labels: readonly Label[];
}

/** What becomes of a growing run: a change of its plan in the form of patch operations, or its end. */
export type Growth =
  | { readonly patch: readonly JsonObject[] }
  | { readonly rollback: string }
  | { readonly fail: string };

export type Definition = EffectDefinition | ByNodeDefinition | ChoiceDefinition | PlanDefinition;

/**
 * The one thing that composes: a query, an action with effects, a choice, a plan. `Input` and `Output` exist for the
 * type checker only.
 */
export interface Action<in Input, out Output> {
  readonly name: string;
  readonly version: number;
  /** What it does and when to use it, in a sentence or two: for people, and for models that it is a tool of. */
  readonly description?: string;
  readonly definition: Definition;
  readonly "~input"?: (input: Input) => void;
  readonly "~output"?: Output;
}

/** Any action, whatever it takes and gives. */
export type AnyAction = Action<never, unknown>;

/** What a policy is asked: which of the allowed variants, seen this state. */
export interface DecisionRequest {
  readonly choice: string;
  readonly state: Json;
  readonly allowed: readonly string[];
  readonly first: string;
}

/** A policy's answer: a probability for each allowed variant, summing to 1 within 1e-9. */
export interface Distribution {
  readonly probabilities: Readonly<Record<string, number>>;
  readonly reason?: string;
}

/** The decision port: pi(v given s) at a choice. The engine samples and records; the policy never does. */
export interface Policy {
  readonly name: string;
  readonly version: string;
  readonly distribution: (request: DecisionRequest) => Distribution | Promise<Distribution>;
}
