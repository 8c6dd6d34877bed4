import { toInputError, type InputError, type Problem } from "./errors/input-error.ts";
import { isForbiddenKey, isRecord, MAX_JSON_BYTES, MAX_JSON_DEPTH, type JsonLimits } from "./json-limits.ts";
import { formatPath } from "./json-path.ts";
import type { Json } from "./json.ts";

interface Room {
  left: number;
  readonly maxDepth: number;
}

/**
 * Checks a value of user code, such as an action's output, and gives it back as strict JSON: the very same value,
 * unless object properties that are `undefined` had to be left out, as JSON.stringify does.
 *
 * @throws {InputError} NOT_JSON (undefined, NaN, BigInt, a function, a Date or another class instance),
 *   JSON_FORBIDDEN_KEY, JSON_UNSAFE_NUMBER, JSON_TOO_DEEP (also for a cycle), JSON_TOO_LARGE.
 */
export function checkStrictJson(value: unknown, limits: JsonLimits = {}): Json {
  const { maxBytes = MAX_JSON_BYTES, maxDepth = MAX_JSON_DEPTH } = limits;
  if (isStrict(value, 0, { left: maxBytes, maxDepth })) return value;
  return cleanOrThrow(value, [], { left: maxBytes, maxDepth });
}

function isStrict(value: unknown, depth: number, room: Room): value is Json {
  switch (typeof value) {
    case "string":
      return (room.left -= value.length + 2) >= 0;
    case "number":
      // NaN fails both comparisons.
      return value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER && --room.left >= 0;
    case "boolean":
      return --room.left >= 0;
    case "object":
      return value === null ? true : isStrictContainer(value, depth + 1, room);
    default:
      return false;
  }
}

function isStrictContainer(value: object, depth: number, room: Room): boolean {
  if (depth > room.maxDepth || --room.left < 0) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) return prototype === Array.prototype && isStrictList(value, depth, room);
  return (
    (prototype === Object.prototype || prototype === null) && isRecord(value) && isStrictRecord(value, depth, room)
  );
}

function isStrictList(value: readonly unknown[], depth: number, room: Room): boolean {
  // Holes are read as undefined and refused.
  for (const item of value) if (!isStrict(item, depth, room)) return false;
  return true;
}

function isStrictRecord(value: Record<string, unknown>, depth: number, room: Room): boolean {
  for (const key of Object.keys(value)) {
    room.left -= key.length + 3;
    if (isForbiddenKey(key) || !isStrict(value[key], depth, room)) return false;
  }
  return true;
}

/** The slow way: copies without what is undefined, and knows where it is when it has to refuse. */
function cleanOrThrow(value: unknown, path: (string | number)[], room: Room): Json {
  const isContainer = typeof value === "object" && value !== null;
  // A container is not scanned ahead here: once a level, a deep value would be charged for many times.
  if (!isContainer && isStrict(value, path.length, room)) return value;
  if (room.left < 0) throw fault("JSON_TOO_LARGE", path, ["a value that fits", "a larger one", LARGE_FIX]);
  if (typeof value === "number" && Number.isFinite(value)) {
    throw fault("JSON_UNSAFE_NUMBER", path, ["a number within +-(2^53 - 1)", String(value), "Give it as text."]);
  }
  if (value === null) return value;
  if (typeof value !== "object") {
    throw fault("NOT_JSON", path, ["null, true, false, a finite number, text, a list or a map", show(value), JSON_FIX]);
  }
  if (path.length >= room.maxDepth) {
    throw fault("JSON_TOO_DEEP", path.slice(0, 4), [
      `nesting of at most ${room.maxDepth}`,
      "more, or a cycle",
      DEEP_FIX,
    ]);
  }
  return cleanContainer(value, path, room);
}

function cleanContainer(value: object, path: (string | number)[], room: Room): Json {
  const prototype: unknown = Object.getPrototypeOf(value);
  room.left--;
  if (Array.isArray(value) && prototype === Array.prototype) {
    return Array.from(value, (item: unknown, index) => cleanOrThrow(item, [...path, index], room));
  }
  if ((prototype !== Object.prototype && prototype !== null) || !isRecord(value)) {
    throw fault("NOT_JSON", path, ["a plain object or array", `an instance of ${nameOf(prototype)}`, JSON_FIX]);
  }
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    const item = value[key];
    const here = [...path, key];
    room.left -= key.length + 3;
    if (isForbiddenKey(key)) throw fault("JSON_FORBIDDEN_KEY", here, ["a harmless key", JSON.stringify(key), KEY_FIX]);
    if (item !== undefined) copy[key] = cleanOrThrow(item, here, room);
  }
  return copy;
}

const JSON_FIX = "Turn it into JSON: a Date into toISOString(), a BigInt into text, a Map into an object.";
const KEY_FIX = "Rename the key: it could change what objects inherit.";
const DEEP_FIX = "Flatten the value and leave out references back to its own parts.";
const LARGE_FIX = "Put large contents into a file or blob and give its name.";

function nameOf(prototype: unknown): string {
  const made: unknown = typeof prototype === "object" && prototype !== null ? prototype.constructor : undefined;
  return typeof made === "function" && made.name !== "" ? made.name : "an unnamed class";
}

function show(value: unknown): string {
  return typeof value === "number" ? String(value) : `a value of type ${typeof value}`;
}

function fault(code: string, path: (string | number)[], [expected, got, fix]: [string, string, string]): InputError {
  const problem: Problem = { code, path: formatPath(path), expected, got, fix };
  return toInputError("This value is not strict JSON", [problem]);
}
