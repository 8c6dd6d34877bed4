import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";

/** Keywords that strict mode refuses. */
const REFUSED = ["allOf", "not", "if", "dependentRequired", "dependentSchemas", "patternProperties", "oneOf"];

/**
 * Tells whether a schema can be asked for in strict mode, where the server makes every reply fit: each object closed,
 * all of its properties required. Others are asked for without, and checked when they come.
 *
 * @see https://platform.openai.com/docs/guides/structured-outputs
 */
export function isStrictSchema(schema: Json): boolean {
  return isJsonObject(schema) && schema["type"] === "object" && isStrictPart(schema);
}

function isStrictPart(part: Json): boolean {
  if (Array.isArray(part)) return part.every(isStrictPart);
  if (!isJsonObject(part)) return part !== true;
  if (REFUSED.some((keyword) => keyword in part)) return false;
  const { properties, $defs, items = false, anyOf = false } = part;
  const isObject = part["type"] === "object" || properties !== undefined;
  if (isObject && !isClosed(part)) return false;
  return [properties, $defs].every(isStrictTable) && isStrictPart(items) && isStrictPart(anyOf);
}

function isClosed({ properties = {}, required = [], additionalProperties }: JsonObject): boolean {
  if (additionalProperties !== false || !isJsonObject(properties) || !Array.isArray(required)) return false;
  return Object.keys(properties).every((name) => required.includes(name));
}

function isStrictTable(table: Json | undefined): boolean {
  return !isJsonObject(table) || Object.values(table).every(isStrictPart);
}
