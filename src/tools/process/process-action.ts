import {
  UNLABELLED,
  type AnyAction,
  type AttemptContext,
  type EffectDefinition,
  type UndoContext,
} from "../../action/index.ts";
import type { Json, JsonObject } from "../../base/index.ts";
import { readEffect } from "../effect.ts";
import { refuseProblems } from "../fields.ts";
import { fillJson, type PlaceholderScope } from "../placeholders.ts";
import { checkCommand, findCommandProblems, findProcessProblems, readProcess } from "./options.ts";
import { requireUndone, toFinding, toOutput } from "./outcome.ts";
import { perform } from "./perform.ts";

/**
 * The built-in action `process`: runs a command, without a shell, JSON on standard input and output. Its nature stands
 * beside it in the plan file (`effect`); without one it is never repeated and cannot be undone.
 *
 * @see docs/processes.md
 */
export const processAction: AnyAction = {
  name: "process",
  version: 1,
  definition: { tag: "by-node", forNode: toDefinition },
};

function toDefinition(node: { readonly with: Json; readonly effect: JsonObject | undefined }): EffectDefinition {
  refuseProblems("The process node cannot be used", findProcessProblems(node.with));
  const effect = readEffect(node.effect, { repeat: "never", undo: "impossible", findProblems: findCommandProblems });
  const { undo, check } = effect;
  return {
    tag: "effect",
    isQuery: false,
    repeat: effect.repeat,
    undo: typeof undo === "string" ? undo : (context) => undoWith(undo, context),
    undoesUnknown: effect.undoesUnknown,
    check: check === undefined ? undefined : (context) => checkWith(check, context),
    identity: undefined,
    input: undefined,
    output: undefined,
    limits: {},
    resources: [],
    counters: {},
    ...UNLABELLED,
    run: runCommand,
  };
}

async function runCommand(context: AttemptContext<Json>): Promise<Json> {
  const { command, stdin, settings } = readProcess(context.input);
  const { ending, reading } = await perform({ kind: "run", argv: command, stdin, settings, context });
  return toOutput(ending, reading);
}

async function undoWith(undo: JsonObject, context: UndoContext<Json, Json>): Promise<void> {
  const { settings } = readProcess(context.input);
  const { input, output, key, undoes } = context;
  const argv = fillCommand(undo["command"], { input, output, key, undoes });
  const { ending, reading } = await perform({ kind: "undo", argv, stdin: output, settings, context });
  requireUndone(ending, { ...reading, okExitCodes: [0] });
}

async function checkWith(check: JsonObject, context: AttemptContext<Json>): Promise<unknown> {
  const { stdin, settings } = readProcess(context.input);
  const argv = fillCommand(check["command"], { input: context.input, key: context.key });
  const { ending, reading } = await perform({ kind: "check", argv, stdin, settings, context });
  return toFinding(ending, reading);
}

/** Each entry stays one argument, whatever the values hold. */
function fillCommand(command: Json | undefined, scope: PlaceholderScope): readonly string[] {
  return checkCommand(fillJson(command ?? null, scope), "effect");
}
