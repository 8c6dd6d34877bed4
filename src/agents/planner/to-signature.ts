import { isJsonObject, toExcerpt, type Json, type JsonSchema } from "../../base/index.ts";

const DEEPEST = 3;
const LONGEST = 400;
const MOST_FIELDS = 20;
const MOST_VALUES = 12;

/** Writes a JSON Schema as a type on one short line: `{ order: string, cents?: integer }`. Details are left out. */
export function toSignature(schema: JsonSchema | undefined): string {
  return toExcerpt(schema === undefined ? "any" : toType(schema, 0), LONGEST);
}

function toType(schema: Json | undefined, depth: number): string {
  if (!isJsonObject(schema)) return schema === false ? "never" : "any";
  const { enum: values, anyOf, oneOf } = schema;
  if (Array.isArray(values)) return toUnion(values.map((value) => JSON.stringify(value)));
  if (Object.hasOwn(schema, "const")) return JSON.stringify(schema["const"]);
  const variants = anyOf ?? oneOf;
  if (Array.isArray(variants)) return toUnion(variants.map((variant) => toType(variant, depth)));
  const { type } = schema;
  if (Array.isArray(type)) return toUnion(type.map(String));
  if (type === "object") return depth >= DEEPEST ? "object" : toObject(schema, depth);
  if (type === "array") return `[${toType(schema["items"], depth + 1)}]`;
  return typeof type === "string" ? type : "any";
}

function toUnion(parts: readonly string[]): string {
  const shown = [...new Set(parts)];
  return shown.length > MOST_VALUES ? `${shown.slice(0, MOST_VALUES).join(" | ")} | …` : shown.join(" | ");
}

function toObject(
  { properties, required, additionalProperties }: Readonly<Record<string, Json>>,
  depth: number,
): string {
  const fields = isJsonObject(properties) ? Object.entries(properties) : [];
  if (fields.length === 0 && isJsonObject(additionalProperties))
    return `{ [name]: ${toType(additionalProperties, depth + 1)} }`;
  const needed: readonly Json[] = Array.isArray(required) ? required : [];
  const shown = fields
    .slice(0, MOST_FIELDS)
    .map(([name, field]) => `${name}${needed.includes(name) ? "" : "?"}: ${toType(field, depth + 1)}`);
  if (fields.length > MOST_FIELDS) shown.push("…");
  return shown.length === 0 ? "{}" : `{ ${shown.join(", ")} }`;
}
