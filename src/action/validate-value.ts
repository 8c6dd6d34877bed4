import {
  RuntimeFailure,
  type Problem,
  type SchemaIssue,
  type SchemaResult,
  type StandardSchema,
} from "../base/index.ts";

/**
 * Checks a value with any Standard Schema. A schema that throws is an answer too: its message is the complaint, since
 * the value made it throw. Pawl's own errors (a schema that can't be used) go through.
 */
export function validateValue<Output>(
  schema: StandardSchema<unknown, Output>,
  value: unknown,
): SchemaResult<Output> | Promise<SchemaResult<Output>> {
  try {
    const result = schema["~standard"].validate(value);
    return result instanceof Promise ? result.catch(toResult) : result;
  } catch (error) {
    return toResult(error);
  }
}

function toResult(error: unknown): { readonly issues: readonly SchemaIssue[] } {
  if (RuntimeFailure.is(error)) throw error;
  const message = error instanceof Error ? error.message : String(error);
  return { issues: [{ message: `The schema failed: ${message}` }] };
}

/** Turns the complaints of a schema into problems, each with its path under `basePath` (such as `input`). */
export function toProblems(
  issues: readonly SchemaIssue[],
  basePath: string,
  code: string = "VALUE_INVALID",
): readonly Problem[] {
  return issues.map(({ message, path = [] }) => ({
    code,
    path: path.reduce<string>((place, part) => under(place, typeof part === "object" ? part.key : part), basePath),
    expected: "a value that fits the schema",
    got: message,
    fix: "Correct the value at this path.",
  }));
}

function under(place: string, key: PropertyKey): string {
  if (typeof key === "number") return `${place}[${key}]`;
  const name = String(key);
  if (!/^[\w-]+$/.test(name)) return `${place}[${JSON.stringify(name)}]`;
  return place === "" ? name : `${place}.${name}`;
}
