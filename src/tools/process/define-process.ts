import { defineAction, type Action, type Limits, type Repeat } from "../../action/index.ts";
import type { SchemaInput, SchemaOutput, StandardSchema } from "../../base/index.ts";
import { checkCommand, type ProcessSettings } from "./options.ts";
import { requireUndone, toFinding, toOutput } from "./outcome.ts";
import { perform } from "./perform.ts";

/** A command: the program and its arguments, or a function that makes them. */
export type Command<Value> = readonly string[] | ((value: Value) => readonly string[]);

/** One command, registered under a name. */
export interface ProcessDefinition<I extends StandardSchema, O extends StandardSchema> extends Limits {
  readonly input: I;
  readonly output: O;
  /** Gets the input as JSON on standard input. Never a line for a shell. */
  readonly command: Command<SchemaOutput<I>>;
  readonly repeat: Repeat;
  /** The undo command gets the output as JSON on standard input. */
  readonly undo:
    | "not-needed"
    | "impossible"
    | { readonly command: Command<{ readonly input: SchemaOutput<I>; readonly output: SchemaOutput<O> }> };
  /** "Did it happen?" Exit code 0 and the output: done; 3: not done; anything else: can't tell. */
  readonly check?: { readonly command: Command<SchemaOutput<I>> };
  /** The business effect: equal identities are one effect. */
  readonly identity?: (input: SchemaOutput<I>) => string;
  readonly version?: number;
  readonly process?: ProcessSettings;
}

/**
 * Gives an action that runs one command, so that it can be offered by name, also to a plan that a model wrote: such a
 * plan chooses the input, which the schema checks, but never the command. Where input becomes an argument, put `--`
 * before it, else a value such as `--force` is taken for an option.
 *
 * @throws {InputError} TOOL_OPTIONS when the command is empty.
 */
export function defineProcess<I extends StandardSchema, O extends StandardSchema>(
  name: string,
  definition: ProcessDefinition<I, O>,
): Action<SchemaInput<I>, SchemaOutput<O>> {
  const { command, undo, check, process: settings = {}, ...shared } = definition;
  if (typeof command !== "function") checkCommand(command, name);
  return defineAction<I, O>(name, {
    ...shared,
    undo:
      typeof undo === "string"
        ? undo
        : async (context) => {
            const argv = toArgv(undo.command, context, name);
            const { ending, reading } = await perform({ kind: "undo", argv, stdin: context.output, settings, context });
            requireUndone(ending, { ...reading, okExitCodes: [0] });
          },
    ...(check !== undefined && {
      check: async (context) => {
        const argv = toArgv(check.command, context.input, name);
        const { ending, reading } = await perform({ kind: "check", argv, stdin: context.input, settings, context });
        return toFinding(ending, reading);
      },
    }),
    run: async (context) => {
      const argv = toArgv(command, context.input, name);
      const { ending, reading } = await perform({ kind: "run", argv, stdin: context.input, settings, context });
      return toOutput(ending, reading);
    },
  });
}

function toArgv<Value>(command: Command<Value>, value: Value, name: string): readonly string[] {
  return checkCommand(typeof command === "function" ? command(value) : command, name);
}
