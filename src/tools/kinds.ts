import { isJsonObject, type Json } from "../base/index.ts";
import type { Kind } from "./fields.ts";

/** A string, not empty. */
export const someText: Kind<string> = {
  expected: "a string that is not empty",
  read: (value) => (typeof value === "string" && value !== "" ? value : undefined),
};

/** Any string. */
export const anyText: Kind<string> = {
  expected: "a string",
  read: (value) => (typeof value === "string" ? value : undefined),
};

/** What can be written as text without choosing a format: a string, a number, a boolean. No zero character. */
export const scalar: Kind<string> = {
  expected: "a string (without a zero character), a number or true or false",
  read: (value) => {
    const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    const text = isScalar ? String(value) : undefined;
    return text?.includes("\0") === true ? undefined : text;
  },
};

/** Any JSON value. */
export const anyJson: Kind<Json> = { expected: "a JSON value", read: (value) => value };

/** True or false. */
export const flag: Kind<boolean> = {
  expected: "true or false",
  read: (value) => (typeof value === "boolean" ? value : undefined),
};

/** A whole number between two bounds, both included. */
export function integer(least: number, most: number): Kind<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    read: (value) =>
      typeof value === "number" && Number.isInteger(value) && value >= least && value <= most ? value : undefined,
  };
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Kind<Word> {
  return {
    expected: `one of ${words.join(", ")}`,
    read: (value) => words.find((word) => word === value),
    isShown: true,
  };
}

/** A list whose entries are all of one kind, with at least `least` of them. */
export function listOf<T>(kind: Kind<T>, least = 0): Kind<readonly T[]> {
  return {
    expected: `a list${least > 0 ? ` of at least ${least}` : ""}, each entry ${kind.expected}`,
    read: (value) => {
      if (!Array.isArray(value) || value.length < least) return undefined;
      const entries = value.map(kind.read).filter((entry) => entry !== undefined);
      return entries.length === value.length ? entries : undefined;
    },
  };
}

/** An object whose names match a pattern and whose values are all of one kind. */
export function recordOf<T>(
  kind: Kind<T>,
  name: { readonly pattern: RegExp; readonly called: string },
): Kind<ReadonlyMap<string, T>> {
  return {
    expected: `an object of ${name.called}, each value ${kind.expected}`,
    read: (value) => {
      if (!isJsonObject(value)) return undefined;
      const entries = new Map<string, T>();
      for (const [key, entry] of Object.entries(value)) {
        const read = name.pattern.test(key) ? kind.read(entry) : undefined;
        if (read === undefined) return undefined;
        entries.set(key, read);
      }
      return entries;
    },
  };
}
