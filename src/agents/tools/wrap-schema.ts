import { isJsonObject, type Json, type JsonObject, type JsonSchema } from "../../base/index.ts";

/** The field that holds an input which is no object. */
export const WRAPPED = "value";

/** Keywords at the root with which servers refuse the schema of a tool, though it may describe objects only. */
const COMPOSED = ["anyOf", "oneOf", "allOf", "not", "enum", "const", "if", "$ref"];
/** Keywords whose value is data, in which a `$ref` is no reference. */
const DATA: ReadonlySet<string> = new Set(["const", "enum", "default", "examples"]);

/** Tells whether a schema can stand as that of a tool: an object, and plainly so. */
export function isObjectSchema(schema: JsonSchema): schema is JsonObject {
  return (
    isJsonObject(schema) && schema["type"] === "object" && !COMPOSED.some((keyword) => Object.hasOwn(schema, keyword))
  );
}

/** Puts a schema into the one field of an object. What it refers to inside itself moves along. */
export function wrapSchema(schema: JsonSchema): JsonObject {
  const value = isJsonObject(schema) ? move(schema) : schema;
  return { type: "object", properties: { [WRAPPED]: value }, required: [WRAPPED], additionalProperties: false };
}

function move(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(move);
  if (!isJsonObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, inner]) => {
      if (key === "$ref" && typeof inner === "string" && inner.startsWith("#"))
        return [key, `#/properties/${WRAPPED}${inner.slice(1)}`];
      return [key, DATA.has(key) ? inner : move(inner)];
    }),
  );
}
