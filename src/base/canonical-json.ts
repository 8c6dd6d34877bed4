import { DefectError } from "./errors/defect-error.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";

/** Deeper than any strict JSON that a journal record wraps. */
const MAX_DEPTH = 512;

/**
 * Writes JSON in its one canonical form, so that equal values have equal text and thus equal hashes: no spaces, keys
 * sorted by UTF-16 code units, numbers and strings as ECMAScript writes them.
 *
 * @throws {DefectError} JSON_TOO_DEEP beyond 512 lists and maps inside each other, which no checked value has.
 * @see https://www.rfc-editor.org/rfc/rfc8785 (JSON Canonicalization Scheme); unlike there, lone surrogates are
 *   written as escapes instead of being refused.
 */
export function canonicalJson(value: Json): string {
  return writePart(value, 0);
}

/** The native writer keeps the order of keys, and most objects come from canonical text already. */
function writePart(value: Json, depth: number): string {
  if (!isJsonObject(value)) return isSorted(value, depth) ? JSON.stringify(value) : write(value, depth);
  const keys = Object.keys(value);
  const inOrder = areSorted(keys);
  if (inOrder && isSortedBelow(value, keys, depth)) return JSON.stringify(value);
  if (depth >= MAX_DEPTH) throw tooDeep();
  return writeObject(value, inOrder ? keys : keys.sort(), { depth: depth + 1, inOrder });
}

function isSorted(value: Json, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth >= MAX_DEPTH) throw tooDeep();
  if (!isJsonObject(value)) return value.every((item) => isSorted(item, depth + 1));
  // All keys before any value: what lies below is then looked at once, however deep the first disorder is.
  let previous = "";
  // Unlike Object.keys, this makes no list; a key that is inherited can only send the value the longer way.
  for (const key in value) {
    if (key < previous) return false;
    previous = key;
  }
  for (const key in value) if (!isSorted(value[key] ?? null, depth + 1)) return false;
  return true;
}

function isSortedBelow(value: JsonObject, keys: readonly string[], depth: number): boolean {
  if (depth >= MAX_DEPTH) throw tooDeep();
  for (const key of keys) if (!isSorted(value[key] ?? null, depth + 1)) return false;
  return true;
}

function areSorted(keys: readonly string[]): boolean {
  let previous = "";
  for (const key of keys) {
    if (key < previous) return false;
    previous = key;
  }
  return true;
}

function write(value: Json, depth: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (depth >= MAX_DEPTH) throw tooDeep();
  if (!isJsonObject(value)) return writeList(value, depth + 1);
  const keys = Object.keys(value);
  const inOrder = areSorted(keys);
  return writeObject(value, inOrder ? keys : keys.sort(), { depth: depth + 1, inOrder });
}

/** `inOrder`: the keys were in order, so that the disorder is below; else each value may still be in order. */
function writeObject(
  value: JsonObject,
  keys: readonly string[],
  { depth, inOrder }: { readonly depth: number; readonly inOrder: boolean },
): string {
  let text = "";
  for (const key of keys) {
    const item = value[key];
    if (item === undefined) continue;
    const part = inOrder ? write(item, depth) : writePart(item, depth);
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${part}`;
  }
  return `{${text}}`;
}

function writeList(value: readonly Json[], depth: number): string {
  let text = "";
  for (const item of value) text += `${text === "" ? "" : ","}${write(item, depth)}`;
  return `[${text}]`;
}

function tooDeep(): DefectError {
  return new DefectError(
    "JSON_TOO_DEEP",
    `Expected at most ${MAX_DEPTH} lists and maps inside each other, got more. Check values before they are hashed.`,
  );
}
