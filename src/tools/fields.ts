import { isJsonObject, toInputError, type Json, type JsonObject, type Problem } from "../base/index.ts";

/** What one option may be. `read` gives the value as it is used, or undefined when it is not of this kind. */
export interface Kind<T> {
  readonly expected: string;
  readonly read: (value: Json) => T | undefined;
  /** Whether a wrong value may stand in the error; values that could be secrets may not. */
  readonly isShown?: boolean;
}

/** An object of options while it is being read. All problems are collected, so that the caller learns them at once. */
export interface Fields {
  readonly value: JsonObject;
  readonly path: string;
  readonly code: string;
  /** The strings may still hold `${ ... }`: what has one is not looked at before it is evaluated. */
  readonly isTemplate: boolean;
  readonly problems: Problem[];
}

/** Where the options come from, and which there are. */
export interface FieldsSource {
  readonly path: string;
  readonly code: string;
  readonly isTemplate: boolean;
  readonly known: readonly string[];
}

/** Opens an object of options; complains about anything else and about names that nobody knows. */
export function openFields(value: Json, source: FieldsSource): Fields {
  const { path, code, isTemplate, known } = source;
  const problems: Problem[] = [];
  const isObject = isJsonObject(value);
  if (!isObject && !(isTemplate && hasTemplate(value))) {
    problems.push({
      code,
      path,
      expected: "an object",
      got: describeKind(value),
      fix: `It may have: ${known.join(", ")}.`,
    });
  }
  const fields = isObject ? value : {};
  for (const name of Object.keys(fields)) {
    if (known.includes(name)) continue;
    const fix = `Remove it, or correct its name. Known: ${known.join(", ")}.`;
    problems.push({ code, path: `${path}.${name}`, expected: "a known name", got: JSON.stringify(name), fix });
  }
  return { value: fields, path, code, isTemplate, problems };
}

/** Takes one option; undefined when it is absent, still a template, or wrong (then a problem is noted). */
export function take<T>(fields: Fields, name: string, kind: Kind<T>): T | undefined {
  const value = Object.hasOwn(fields.value, name) ? fields.value[name] : undefined;
  if (value === undefined || (fields.isTemplate && hasTemplate(value))) return undefined;
  const read = kind.read(value);
  if (read !== undefined) return read;
  const got = kind.isShown === true ? JSON.stringify(value).slice(0, 80) : describeKind(value);
  complain(fields, name, { expected: kind.expected, got, fix: "Correct the value." });
  return undefined;
}

/** Notes that something is wrong with one option. */
export function complain(fields: Fields, name: string, problem: Omit<Problem, "code" | "path">): void {
  fields.problems.push({ code: fields.code, path: `${fields.path}.${name}`, ...problem });
}

/** Tells whether an option is there, in whatever shape. */
export function isGiven(fields: Fields, name: string): boolean {
  return Object.hasOwn(fields.value, name);
}

/** @throws {InputError} with all the problems, when there are any. */
export function refuseProblems(what: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw toInputError(what, problems);
}

/** Tells whether a value holds a `${` in any of its strings. */
export function hasTemplate(value: Json): boolean {
  if (typeof value === "string") return value.includes("${");
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(hasTemplate);
}

/** Says what kind of value it is, without showing it. */
export function describeKind(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return value === "" ? "an empty string" : "a string";
  return `the ${typeof value} ${String(value)}`;
}
