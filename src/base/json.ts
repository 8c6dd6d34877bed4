/** Any value that strict JSON can hold. Numbers are finite doubles; integers beyond 2^53 - 1 are refused on the way in. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object with own, unique, harmless keys (no `__proto__`). */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Tells whether a JSON value is an object (neither null nor an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
