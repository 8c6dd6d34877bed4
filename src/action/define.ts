import type { SchemaInput, SchemaOutput, StandardSchema } from "../base/index.ts";
import type {
  Action,
  AttemptContext,
  EffectDefinition,
  Label,
  Limits,
  Outcome,
  Repeat,
  ResourceUse,
  UndoContext,
} from "./definition.ts";

type Awaitable<T> = T | Promise<T>;

/** What a query and an action with effects have in common. */
export interface ActionBase<I extends StandardSchema, O extends StandardSchema> extends Limits {
  readonly input: I;
  readonly output: O;
  /** What it does and when to use it, in a sentence or two: for people, and for models that it is a tool of. */
  readonly description?: string;
  /** Raise it when old runs must not go on with the new code. Default 1. */
  readonly version?: number;
  readonly run: (context: AttemptContext<SchemaOutput<I>>) => Awaitable<SchemaInput<O>>;
  /** Resources held while it runs; a name alone takes one unit. */
  readonly resources?: readonly (string | ResourceUse)[];
  /** What one attempt reserves of the run's counters. */
  readonly counters?: Readonly<Record<string, number>>;
  /** Where its data come from and where they may not go. */
  readonly labels?: LabelRules;
  /** `always`: each call waits until a person allows it. Default: only calls whose labels it refuses. */
  readonly approve?: "always";
}

/** What an action does to the labels of values. */
export interface LabelRules {
  /** Labels that its output always has, such as `untrusted` for what came from the web. */
  readonly gives?: readonly Label[];
  /** Labels that it does not take in unless a person allows that very call. */
  readonly refuses?: readonly Label[];
}

/** What an action with effects must say on top: both facts about its effect. */
export interface ActionOptions<I extends StandardSchema, O extends StandardSchema> extends ActionBase<I, O> {
  readonly repeat: Repeat;
  readonly undo: "not-needed" | "impossible" | ((context: UndoContext<SchemaOutput<I>, SchemaOutput<O>>) => unknown);
  /**
   * Says that `undo` is harmless where nothing was done. An attempt whose outcome stays unknown is then undone too,
   * with `output` null, where else a person is asked.
   */
  readonly undoesUnknown?: boolean;
  /** The business effect: equal identities are one effect, in any run of this state folder. */
  readonly identity?: (input: SchemaOutput<I>) => string;
  /** "Did it happen?" Settles an unknown outcome. */
  readonly check?: (context: AttemptContext<SchemaOutput<I>>) => Awaitable<Outcome<SchemaInput<O>>>;
}

/** Gives an action without effects: it may be attempted any number of times and has nothing to undo. */
export function defineQuery<I extends StandardSchema, O extends StandardSchema>(
  name: string,
  options: ActionBase<I, O>,
): Action<SchemaInput<I>, SchemaOutput<O>> {
  const nature = { isQuery: true, repeat: "safe", undo: "not-needed", check: undefined, identity: undefined } as const;
  return { name, ...titled(options), definition: { ...common(options), ...nature } };
}

/** Gives an action with effects. `repeat` and `undo` have no default, since a wrong guess costs money. */
export function defineAction<I extends StandardSchema, O extends StandardSchema>(
  name: string,
  options: ActionOptions<I, O>,
): Action<SchemaInput<I>, SchemaOutput<O>> {
  const nature = {
    isQuery: false,
    repeat: options.repeat,
    undo: options.undo as EffectDefinition["undo"],
    undoesUnknown: options.undoesUnknown ?? false,
    check: options.check as EffectDefinition["check"],
    identity: options.identity as EffectDefinition["identity"],
  };
  return { name, ...titled(options), definition: { ...common(options), ...nature } };
}

function titled({ version = 1, description }: { readonly version?: number; readonly description?: string }): {
  version: number;
  description?: string;
} {
  return description === undefined ? { version } : { version, description };
}

type Common = Omit<EffectDefinition, "isQuery" | "repeat" | "undo" | "check" | "identity">;

function common<I extends StandardSchema, O extends StandardSchema>(options: ActionBase<I, O>): Common {
  const { timeoutMs, idleMs, totalMs } = options;
  return {
    tag: "effect",
    input: options.input,
    output: options.output,
    limits: {
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(idleMs !== undefined && { idleMs }),
      ...(totalMs !== undefined && { totalMs }),
    },
    resources: (options.resources ?? []).map((use) => (typeof use === "string" ? { name: use, units: 1 } : use)),
    counters: options.counters ?? {},
    gives: options.labels?.gives ?? [],
    refuses: options.labels?.refuses ?? [],
    isApproved: options.approve === "always",
    run: options.run,
  };
}

/** Turns "what was found, or nothing" into what `check` must answer. */
export function asOutcome<Output>(found: Output | undefined | null): Outcome<Output> {
  return found === undefined || found === null ? { tag: "not-done" } : { tag: "done", output: found };
}
