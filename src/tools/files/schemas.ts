import { fromJsonSchema } from "../../action/index.ts";
import type { Json, JsonObject } from "../../base/index.ts";

export const PATH = {
  type: "string",
  minLength: 1,
  maxLength: 1_024,
  description: "Below the root, with / between its parts, such as notes/today.md.",
} as const;

/** An object with these fields and no others; those that are not named as optional must be there. */
export function object<T extends Json>(
  properties: JsonObject,
  optional: readonly string[] = [],
): ReturnType<typeof fromJsonSchema<T>> {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return fromJsonSchema<T>({ type: "object", properties, required, additionalProperties: false });
}
