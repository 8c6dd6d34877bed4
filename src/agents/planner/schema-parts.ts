import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";

/** The object at a path inside a schema; empty where there is none. */
export function partAt(schema: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = path.reduce<Json | undefined>((place, key) => (isJsonObject(place) ? place[key] : undefined), schema);
  return isJsonObject(found) ? found : {};
}

/** An object without some of its fields. */
export function without(schema: JsonObject, ...fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !fields.includes(name)));
}
