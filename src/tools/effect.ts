import type { Repeat } from "../action/index.ts";
import { isJsonObject, type Json, type JsonObject, type Problem } from "../base/index.ts";
import { complain, isGiven, openFields, refuseProblems, take, type Fields } from "./fields.ts";
import { flag, oneOf } from "./kinds.ts";
import { findPlaceholderProblems } from "./placeholders.ts";

/** The nature of a node as its plan file states it, with undo and check still as templates. */
export interface StatedEffect {
  readonly repeat: Repeat;
  readonly undo: "not-needed" | "impossible" | JsonObject;
  /** The undo does no harm where nothing was done. */
  readonly undoesUnknown: boolean;
  readonly check: JsonObject | undefined;
}

/** What a tool takes when the file says nothing, and how it checks a request (a command, an HTTP request). */
export interface EffectRules {
  readonly repeat: Repeat;
  readonly undo: "not-needed" | "impossible";
  readonly findProblems: (request: Json, path: "effect.undo" | "effect.check") => readonly Problem[];
}

const REPEATS: readonly Repeat[] = ["safe", "keyed", "never"];
const UNDO_ROOTS = ["input", "output", "key", "undoes"];
const CHECK_ROOTS = ["input", "key"];

/**
 * Reads the `effect` part of a node.
 *
 * @throws {InputError} TOOL_EFFECT or TOOL_PLACEHOLDER with every problem.
 */
export function readEffect(effect: JsonObject | undefined, rules: EffectRules): StatedEffect {
  if (effect === undefined) return { repeat: rules.repeat, undo: rules.undo, undoesUnknown: false, check: undefined };
  const known = ["repeat", "undo", "undoesUnknown", "check"];
  const fields = openFields(effect, { path: "effect", code: "TOOL_EFFECT", isTemplate: false, known });
  const repeat = take(fields, "repeat", oneOf(REPEATS)) ?? rules.repeat;
  const undoesUnknown = take(fields, "undoesUnknown", flag) ?? false;
  const undo = isGiven(fields, "undo") ? readUndo(fields.value["undo"] ?? null) : rules.undo;
  const check = isGiven(fields, "check") ? readRequest(fields.value["check"] ?? null) : undefined;
  judgeUndo(fields, undo, rules);
  judgeCheck(fields, check, rules);
  refuseProblems("The node's effect cannot be used", fields.problems);
  return { repeat, undo: undo ?? rules.undo, undoesUnknown, check };
}

function judgeUndo(fields: Fields, undo: StatedEffect["undo"] | undefined, rules: EffectRules): void {
  if (undo === undefined) {
    complain(fields, "undo", {
      expected: '"not-needed", "impossible" or an object',
      got: "something else",
      fix: "Say how to undo it.",
    });
  } else if (typeof undo === "object") {
    fields.problems.push(
      ...rules.findProblems(undo, "effect.undo"),
      ...findPlaceholderProblems(undo, "effect.undo", UNDO_ROOTS),
    );
  }
}

function judgeCheck(fields: Fields, check: JsonObject | undefined, rules: EffectRules): void {
  if (check !== undefined) {
    fields.problems.push(
      ...rules.findProblems(check, "effect.check"),
      ...findPlaceholderProblems(check, "effect.check", CHECK_ROOTS),
    );
  } else if (isGiven(fields, "check")) {
    complain(fields, "check", {
      expected: "an object",
      got: "something else",
      fix: "Say how to find out, or remove it.",
    });
  }
}

function readUndo(undo: Json): StatedEffect["undo"] | undefined {
  return undo === "not-needed" || undo === "impossible" ? undo : readRequest(undo);
}

function readRequest(request: Json): JsonObject | undefined {
  return isJsonObject(request) ? request : undefined;
}
