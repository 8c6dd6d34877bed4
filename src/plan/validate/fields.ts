import { isForbiddenKey, isJsonObject, type JsonObject } from "../../base/index.ts";
import { complain, type Place } from "./report.ts";
import { show, under } from "./show.ts";
import { createSuggester, didYouMean } from "./suggest.ts";

/** What a reader does with the value of one field: checks it and puts the normal form into the draft. */
export type FieldReader<D> = (draft: D, value: unknown, place: Place) => void;

/** The fields of one kind of object, by name. */
export type Fields<D> = ReadonlyMap<string, FieldReader<D>>;

/** A type while it is being built. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Refuses a value: what was expected there, and what to do. */
export function refuse(
  place: Place,
  value: unknown,
  words: { readonly expected: string; readonly fix: string },
): undefined {
  complain(place.report, { code: "PLAN_SHAPE", path: place.path, got: show(value), ...words });
}

/** Reads every field of an object by its reader; unknown fields are refused. */
export function readFields<D>(
  draft: D,
  value: unknown,
  options: Place & { readonly fields: Fields<D>; readonly what: string },
): void {
  const { report, path, fields, what } = options;
  if (!isJsonObject(value)) {
    refuse(options, value, {
      expected: `${what}: an object`,
      fix: `Write an object with some of: ${[...fields.keys()].join(", ")}.`,
    });
    return;
  }
  for (const key of Object.keys(value)) {
    const read = fields.get(key);
    if (read === undefined) refuseField(options, key);
    else if (value[key] !== undefined) read(draft, value[key], { report, path: path === "" ? key : `${path}.${key}` });
  }
}

function refuseField(options: Place & { readonly fields: Fields<never>; readonly what: string }, key: string): void {
  const names = [...options.fields.keys()];
  complain(options.report, {
    code: "PLAN_UNKNOWN_FIELD",
    path: under(options.path, key),
    expected: `a field of ${options.what}`,
    got: show(key),
    fix: didYouMean(createSuggester(names)(key), `Remove it; the fields are: ${names.join(", ")}.`),
  });
}

/** Tells whether an object has no such field of its own; what it inherits was not read either. */
export function isMissing(value: JsonObject, field: string): boolean {
  return !Object.hasOwn(value, field) || value[field] === undefined;
}

/** A whole number within bounds, or undefined after a complaint. */
export function readInteger(
  place: Place,
  value: unknown,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  if (typeof value === "number" && Number.isInteger(value) && value >= bounds.min && value <= bounds.max) return value;
  const range = `${bounds.min} to ${bounds.max}`;
  return refuse(place, value, {
    expected: `a whole number from ${range}`,
    fix: "Write a number without quotes, within the range.",
  });
}

/** A finite number within bounds, or undefined after a complaint. */
export function readNumber(
  place: Place,
  value: unknown,
  bounds: { readonly min: number; readonly max: number },
): number | undefined {
  if (typeof value === "number" && value >= bounds.min && value <= bounds.max) return value;
  const range = `${bounds.min} to ${bounds.max}`;
  return refuse(place, value, {
    expected: `a number from ${range}`,
    fix: "Write a number without quotes, within the range.",
  });
}

/** One of a few words, or undefined after a complaint. */
export function readWord<W extends string>(place: Place, value: unknown, words: readonly W[]): W | undefined {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const near = typeof value === "string" ? createSuggester(words)(value) : undefined;
  return refuse(place, value, {
    expected: `one of ${words.join(", ")}`,
    fix: didYouMean(near, "Take one of these words."),
  });
}

/** Names without anything that would have to be looked at more closely. */
export const PLAIN: RegExp = /^[\w.:@/-]+$/;

/** Text of 1 to `longest` characters without control characters, or undefined after a complaint. */
export function readName(place: Place, value: unknown, longest: number): string | undefined {
  if (typeof value === "string" && value.length <= longest && (PLAIN.test(value) || isPrintable(value))) return value;
  return refuse(place, value, {
    expected: `text of 1 to ${longest} printable characters`,
    fix: "Shorten it, or fill it in.",
  });
}

function isPrintable(text: string): boolean {
  return text.length > 0 && text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/** A list, or undefined after a complaint. */
export function readList(place: Place, value: unknown, expected: string): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return refuse(place, value, { expected, fix: "Write a list: [ ... ]." });
}

/** Amounts by name, such as `{ tokens: 500 }`; undefined when empty or after a complaint. */
export function readAmounts(place: Place, value: unknown): Readonly<Record<string, number>> | undefined {
  if (!isJsonObject(value)) {
    return refuse(place, value, { expected: "amounts by name", fix: "Write an object such as { tokens: 500 }." });
  }
  const amounts: Record<string, number> = {};
  for (const key of Object.keys(value)) {
    const at = { report: place.report, path: under(place.path, key) };
    const name = readAmountName(at, key);
    const amount = readNumber(at, value[key], { min: 0, max: Number.MAX_SAFE_INTEGER });
    if (name !== undefined && amount !== undefined) amounts[name] = amount;
  }
  return Object.keys(amounts).length === 0 ? undefined : amounts;
}

function readAmountName(place: Place, key: string): string | undefined {
  if (!isForbiddenKey(key)) return readName(place, key, 100);
  return refuse(place, key, { expected: "a harmless name", fix: "Rename it." });
}
