import { checkStrictJson, InputError, type Json } from "../../base/index.ts";
import { passOn, type Place } from "./report.ts";

/** Checks that a value is strict JSON and gives it as it is, or undefined after a complaint. */
export function readJson(place: Place, value: unknown): Json | undefined {
  if (typeof value === "string") return value;
  try {
    return checkStrictJson(value);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const problem of error.problems) {
      passOn(place.report, { ...problem, path: joinPaths(place.path, problem.path) });
    }
    return undefined;
  }
}

/** Tells whether a value is strict JSON as it is. */
export function isStrictJson(value: unknown): value is Json {
  try {
    return checkStrictJson(value) === value;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

function joinPaths(outer: string, inner: string): string {
  return inner === "" || inner.startsWith("[") ? outer + inner : `${outer}.${inner}`;
}
