/** How large a JSON document may be. */
export interface JsonLimits {
  /** Bytes as UTF-8; of a value that is not text yet, about that. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Lists and maps inside each other. Default 64. */
  readonly maxDepth?: number;
}

export const MAX_JSON_BYTES: number = 64 * 1024 * 1024;
export const MAX_JSON_DEPTH = 64;

/** Keys that reach an object's prototype in careless code. */
export function isForbiddenKey(key: string): boolean {
  // The length first: it is at hand, comparing text is not.
  if (key.length === 9) return key === "__proto__" || key === "prototype";
  return key.length === 11 && key === "constructor";
}

export function isRecord(value: object): value is Record<string, unknown> {
  return !Array.isArray(value);
}
