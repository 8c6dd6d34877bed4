import {
  InputError,
  isJsonObject,
  loadPackage,
  type Json,
  type JsonObject,
  type JsonSchema,
  type JsonSchemaOf,
  type SchemaIssue,
  type SchemaResult,
} from "../base/index.ts";
import { checkPatterns } from "./check-patterns.ts";

/**
 * Makes a Standard Schema of a JSON Schema (2020-12). `T` is the caller's word for what the schema lets through; it
 * changes nothing in the value, defaults are not filled in. The validator is loaded with the first validation.
 *
 * @throws {InputError} SCHEMA_PATTERN when it has a regular expression that can hang, SCHEMA_UNUSABLE when it points
 *   outside itself; on validation SCHEMA_UNUSABLE when it points nowhere or at itself without end.
 */
export function fromJsonSchema<T extends Json>(schema: JsonSchema): JsonSchemaOf<T> {
  checkPatterns(schema, "");
  refuseForeignRefs(schema);
  let check: Check | undefined;
  const validate = (value: unknown): SchemaResult<T> => {
    check ??= createCheck(schema);
    const issues = check(value);
    return issues.length === 0 && isAccepted<T>(value) ? { value } : { issues };
  };
  const write = (): JsonObject => (typeof schema === "object" ? schema : schema ? {} : { not: {} });
  return { schema, "~standard": { version: 1, vendor: "pawl", validate, jsonSchema: { input: write, output: write } } };
}

type Check = (value: unknown) => readonly SchemaIssue[];

/** The type is the caller's word; there is nothing left to check. */
function isAccepted<T>(_value: unknown): _value is T {
  return true;
}

interface Complaint {
  readonly keyword: string;
  readonly instanceLocation: string;
  readonly error: string;
}

interface Validator {
  readonly validate: (value: unknown) => { readonly valid: boolean; readonly errors: readonly Complaint[] };
}

interface ValidatorPackage {
  readonly Validator: new (schema: JsonSchema, draft: "2020-12", stopsAtFirst: boolean) => Validator;
}

function isValidatorPackage(loaded: unknown): loaded is ValidatorPackage {
  return typeof loaded === "object" && loaded !== null && "Validator" in loaded;
}

function createCheck(schema: JsonSchema): Check {
  const loaded = loadPackage("@cfworker/json-schema");
  if (!isValidatorPackage(loaded))
    throw new InputError("SCHEMA_UNUSABLE", "expected the package @cfworker/json-schema 4, got another. Run `npm ci`.");
  // A schema that is shared must not be changed, and the validator writes into what it is given.
  const validator = guard(() => new loaded.Validator(structuredClone(schema), "2020-12", false));
  return (value) => {
    const { valid, errors } = guard(() => validator.validate(value));
    return valid ? [] : toIssues(errors, value);
  };
}

function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const got = error instanceof Error ? error.message.split("\n")[0] : String(error);
    const fix = "Every $ref must name a part of the schema itself, and none may lead back to itself at once.";
    throw new InputError("SCHEMA_UNUSABLE", `expected a JSON Schema that can be applied, got: ${got}. ${fix}`, {
      cause: error,
    });
  }
}

/** Keywords that only say that something inside them failed, which is told as well. */
const WRAPPERS: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "additionalProperties",
  "unevaluatedProperties",
  "items",
  "prefixItems",
  "additionalItems",
  "unevaluatedItems",
  "$ref",
  "$dynamicRef",
  "allOf",
]);

function toIssues(complaints: readonly Complaint[], value: unknown): readonly SchemaIssue[] {
  const telling = complaints.filter(({ keyword }) => !WRAPPERS.has(keyword));
  return (telling.length > 0 ? telling : complaints).map(({ keyword, instanceLocation, error }) => ({
    message: keyword === "false" ? "Nothing is allowed here." : error,
    path: toPath(instanceLocation, value),
  }));
}

/** A JSON Pointer in a URI fragment (RFC 6901) as keys; those of lists as numbers. */
function toPath(pointer: string, value: unknown): readonly (string | number)[] {
  const path: (string | number)[] = [];
  let place: unknown = value;
  for (const part of pointer.split("/").slice(1)) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(place) ? Number(key) : key);
    place = typeof place === "object" && place !== null ? Reflect.get(place, key) : undefined;
  }
  return path;
}

function refuseForeignRefs(schema: unknown): void {
  if (Array.isArray(schema)) schema.forEach(refuseForeignRefs);
  if (!isJsonObject(schema)) return;
  const { $ref: target } = schema;
  if (typeof target === "string" && !target.startsWith("#")) {
    const fix = "Copy what is needed under $defs and point at #/$defs/NAME.";
    throw new InputError(
      "SCHEMA_UNUSABLE",
      `expected a $ref that starts with "#", got ${JSON.stringify(target)}. ${fix}`,
    );
  }
  for (const inner of Object.values(schema)) refuseForeignRefs(inner);
}
