import { fromJsonSchema } from "../../action/index.ts";
import {
  InputError,
  isJsonObject,
  checkStrictJson,
  type Json,
  type SchemaResult,
  type StandardSchema,
} from "../../base/index.ts";

/**
 * Makes a Standard Schema of what the AI SDK takes for one: a Standard Schema as it is, `jsonSchema(...)` with or without a
 * check of its own, and functions that give one of these.
 *
 * @throws {InputError} AI_TOOL_INVALID for anything else, and for a schema that is still to be awaited.
 */
export function toStandardSchema(schema: unknown, where: string): StandardSchema<Json, Json> {
  if (isStandardSchema(schema)) return schema;
  if (typeof schema === "function") return toStandardSchema(schema.call(undefined), where);
  const written = isRecord(schema) ? schema["jsonSchema"] : undefined;
  if (!isRecord(schema) || !isJsonObject(written) || isThenable(written)) throw noSchema(where, written);
  // The AI SDK writes JSON Schema of draft 7; its dialect changes nothing in what is read here.
  const { $schema: _dialect, ...plain } = toJsonObject(written);
  const own = fromJsonSchema<Json>(plain);
  const { validate } = schema;
  if (typeof validate !== "function") return own;
  const check = async (value: unknown): Promise<SchemaResult<Json>> => toResult(await validate(value));
  return { "~standard": { ...own["~standard"], validate: check } };
}

function toJsonObject(value: unknown): Record<string, Json> {
  const json = checkStrictJson(value);
  return isJsonObject(json) ? json : {};
}

function toResult(answer: unknown): SchemaResult<Json> {
  if (isRecord(answer) && answer["success"] === true) return { value: checkStrictJson(answer["value"] ?? null) };
  const error = isRecord(answer) ? answer["error"] : undefined;
  return { issues: [{ message: error instanceof Error ? error.message : "The tool's own check refused it." }] };
}

/** Whatever it lets through is checked to be JSON before it is used. */
function isStandardSchema(schema: unknown): schema is StandardSchema<Json, Json> {
  return (typeof schema === "object" || typeof schema === "function") && schema !== null && "~standard" in schema;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isThenable(value: object): boolean {
  return "then" in value && typeof value.then === "function";
}

function noSchema(where: string, written: unknown): InputError {
  const isOpen = isRecord(written) && isThenable(written);
  const got = isOpen ? "one that must be awaited first" : "something else";
  const fix = isOpen ? "Await the JSON Schema before you make the tool." : "Use zod or jsonSchema(...).";
  return new InputError("AI_TOOL_INVALID", `${where}: expected a schema of the AI SDK, got ${got}. ${fix}`);
}
