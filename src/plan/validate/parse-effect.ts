import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import { readFields, readWord, refuse, type FieldReader, type Fields } from "./fields.ts";
import type { Place } from "./report.ts";

type Effect = Record<string, Json>;
type RequestReader = (place: Place, value: unknown) => JsonObject | undefined;

const REPEATS = ["safe", "keyed", "never"] as const;
const UNDO_FIX = "Say not-needed, impossible, or how: { command: [ ... ] } for a process, a request for http.";

const PROCESS = fieldsOf(readCommand);
const HTTP = fieldsOf(readRequest);

/** What a file states where it says nothing: the careful guess. */
const CAREFUL = { repeat: "never", undo: "impossible" } as const;
/** The same for requests that only read. */
const HARMLESS = { repeat: "safe", undo: "not-needed" } as const;

/**
 * Reads the nature that a file states of a `process` or `http` node. In normal form both facts are there; a harmless
 * nature of a request that only reads is its default, and left out.
 */
export function readEffect(
  value: unknown,
  place: Place,
  uses: "process" | "http" | "http-read",
): JsonObject | undefined {
  const stated: Effect = {};
  const fields = uses === "process" ? PROCESS : HTTP;
  readFields(stated, value, { report: place.report, path: place.path, fields, what: "an effect" });
  const effect = { ...(uses === "http-read" ? HARMLESS : CAREFUL), ...stated };
  const isDefault = effect.repeat === "safe" && effect.undo === "not-needed" && Object.keys(effect).length === 2;
  return uses === "http-read" && isDefault ? undefined : effect;
}

/** Checks an argv: a list that isn't empty, of texts, the first of which names a program. */
export function checkCommand(command: unknown, place: Place): command is readonly Json[] {
  if (Array.isArray(command) && command.length > 0 && command[0] !== "" && command.every(isWord)) return true;
  const fix = 'Write the program and each argument as an entry of its own: [git, commit, -m, "a message"].';
  refuse(place, command, { expected: "a list of texts that starts with a program", fix });
  return false;
}

/** Numbers and booleans are handed over as text, as a shell would. */
function isWord(word: unknown): boolean {
  return typeof word === "string" || typeof word === "number" || typeof word === "boolean";
}

function fieldsOf(read: RequestReader): Fields<Effect> {
  return new Map<string, FieldReader<Effect>>([
    [
      "repeat",
      (effect, value, place) => {
        const repeat = readWord(place, value, REPEATS);
        if (repeat !== undefined) effect["repeat"] = repeat;
      },
    ],
    [
      "undo",
      (effect, value, place) => {
        const undo = readUndo(place, value, read);
        if (undo !== undefined) effect["undo"] = undo;
      },
    ],
    [
      "check",
      (effect, value, place) => {
        const check = read(place, value);
        if (check !== undefined) effect["check"] = check;
      },
    ],
    ["undoesUnknown", readUndoesUnknown],
  ]);
}

function readUndo(place: Place, value: unknown, read: RequestReader): Json | undefined {
  if (value === "not-needed" || value === "impossible") return value;
  if (isJsonObject(value)) return read(place, value);
  return refuse(place, value, { expected: "not-needed, impossible or an object", fix: UNDO_FIX });
}

function readCommand(place: Place, value: unknown): JsonObject | undefined {
  if (!isJsonObject(value) || Object.keys(value).join() !== "command") {
    return refuse(place, value, { expected: "{ command: [ ... ] }", fix: "Write the command, and nothing beside it." });
  }
  const { command } = value;
  return checkCommand(command, { report: place.report, path: `${place.path}.command` }) ? { command } : undefined;
}

function readRequest(place: Place, value: unknown): JsonObject | undefined {
  if (isJsonObject(value)) return value;
  return refuse(place, value, { expected: "a request: an object", fix: "Write a request such as { method, url }." });
}

function readUndoesUnknown(effect: Effect, value: unknown, place: Place): void {
  if (value === true) effect["undoesUnknown"] = true;
  else if (value !== false) {
    const fix = "Write true only if undo does no harm where nothing was done.";
    refuse(place, value, { expected: "true or false", fix });
  }
}
