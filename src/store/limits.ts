import { InputError, toRunId, type RunId } from "../base/index.ts";

/** What one store takes. Sizes are in characters of text: strings and keys by their length, all else 8 each. */
export const STORE_LIMITS = {
  /** One event, ledger entry, command or plan graph: 64 MB. */
  valueSize: 67_108_864,
  /** How deep objects and lists nest in one value. */
  valueDepth: 64,
  /** A field of an event whose JSON is longer than this (256 KB) is kept as a blob, once for all that hold the same. */
  inlineSize: 262_144,
  /** Characters of a run id, a tag or a command id. */
  nameLength: 200,
  tagsPerRun: 50,
  eventsPerRun: 10_000_000,
} as const;

/** An event or entry wraps the values of its fields in a few levels of its own. */
const OWN_DEPTH = 4;
const OTHER_SIZE = 8;

const printable = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/** Tells whether text may name a run, a tag or a command: 1 to 200 characters, none of them invisible. */
export function isName(text: unknown): text is string {
  return typeof text === "string" && text.length <= STORE_LIMITS.nameLength && printable.test(text);
}

/**
 * Checks a run id that came from outside.
 *
 * @throws {InputError} BAD_RUN_ID
 */
export function parseRunId(text: string): RunId {
  if (!isName(text)) throw badName("run id", text);
  return toRunId(text);
}

/** Says why a name is refused. */
export function badName(what: string, text: unknown): InputError {
  const got =
    typeof text === "string" ? `${JSON.stringify(text.slice(0, 40))} (${text.length} characters)` : typeof text;
  return new InputError(
    "BAD_RUN_ID",
    `Expected a ${what} of 1 to ${STORE_LIMITS.nameLength} printable characters, got ${got}. Choose another ${what}.`,
  );
}

/**
 * Refuses a value that is too large or too deep to be kept. Much cheaper than writing it as JSON.
 *
 * @throws {InputError} VALUE_TOO_LARGE
 */
export function checkSize(what: string, value: unknown): void {
  const size = sizeOf(value, STORE_LIMITS.valueDepth + OWN_DEPTH);
  if (size <= STORE_LIMITS.valueSize) return;
  const got =
    size === Infinity
      ? `one that nests deeper than ${STORE_LIMITS.valueDepth} levels`
      : `one of about ${Math.ceil(size / 1024 / 1024)} MB`;
  throw new InputError(
    "VALUE_TOO_LARGE",
    `Expected ${what} of at most ${STORE_LIMITS.valueSize / 1024 / 1024} MB and ${STORE_LIMITS.valueDepth} levels, ` +
      `got ${got}. Keep the data in a file or a database and pass its name.`,
  );
}

/** Size in characters, or infinity where the value nests deeper than `levels`. */
function sizeOf(value: unknown, levels: number): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return OTHER_SIZE;
  if (levels === 0) return Infinity;
  let size = OTHER_SIZE;
  if (Array.isArray(value)) {
    for (const item of value) size += sizeOf(item, levels - 1);
    return size;
  }
  // Not Object.entries: this goes over every event, and a list for each field costs eight times as much.
  if (isRecord(value)) for (const key in value) size += key.length + sizeOf(value[key], levels - 1);
  return size;
}

function isRecord(value: object): value is Record<string, unknown> {
  return !Array.isArray(value);
}
