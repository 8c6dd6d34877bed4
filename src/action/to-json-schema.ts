import { InputError, isJsonObject, type JsonObject, type StandardSchema } from "../base/index.ts";
import { checkPatterns, DATA_KEYWORDS } from "./check-patterns.ts";

/**
 * Gives a schema as JSON Schema (2020-12), if it can be written as one: through the Standard JSON Schema part, which
 * zod, valibot, arktype and `fromJsonSchema` have. Undefined for schemas without that part.
 *
 * @throws {InputError} SCHEMA_NOT_JSON when the schema lets through what is no JSON (such as a Date), SCHEMA_PATTERN
 *   when it has a regular expression that can hang.
 * @see https://standardschema.dev
 */
export function toJsonSchema(schema: StandardSchema, side: "input" | "output", where: string): JsonObject | undefined {
  const converter = schema["~standard"].jsonSchema;
  if (converter === undefined) return undefined;
  const { $schema: _dialect, ...written } = convert(() => converter[side]({ target: "draft-2020-12" }), where);
  const cleaned = dropDoubledPatterns(written);
  if (!isJsonObject(cleaned)) throw notJson(where, undefined);
  checkPatterns(cleaned, where);
  return cleaned;
}

function convert(write: () => Record<string, unknown>, where: string): Record<string, unknown> {
  try {
    return write();
  } catch (error) {
    throw notJson(where, error);
  }
}

function notJson(where: string, cause: unknown): InputError {
  const got = cause instanceof Error ? cause.message : "one that can't be";
  const fix = "Use types that JSON has; pass a date as ISO 8601 text or as milliseconds.";
  const message = `${where}: expected a schema that can be written as JSON Schema, got: ${got}. ${fix}`;
  return new InputError("SCHEMA_NOT_JSON", message, { cause });
}

/** Where a library writes `format` and its own regular expression for it, the format alone is enough, and never hangs. */
function dropDoubledPatterns(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropDoubledPatterns);
  if (!isJsonObject(value)) return value;
  const isDoubled = typeof value["format"] === "string" && typeof value["pattern"] === "string";
  const fields = Object.entries(value).filter(([name]) => !(isDoubled && name === "pattern"));
  return Object.fromEntries(
    fields.map(([name, inner]) => [name, DATA_KEYWORDS.has(name) ? inner : dropDoubledPatterns(inner)]),
  );
}
