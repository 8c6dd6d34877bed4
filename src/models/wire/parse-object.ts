import { isJsonObject, toExcerpt, type JsonObject } from "../../base/index.ts";
import { toInvalid, toStatusFailure } from "./failures.ts";
import type { Subject } from "./stopped.ts";

/** Reads one JSON object of an answer. @throws MODEL_REPLY_INVALID, or the failure that it tells of. */
export function parseObject(text: string, subject: Subject): JsonObject {
  const value = parse(text);
  if (!isJsonObject(value)) throw toInvalid(subject, describe(text), text.trimStart().startsWith("<"));
  const { error } = value;
  if (error === undefined || error === null || error === false) return value;
  throw toStatusFailure({ status: 200, headers: NO_HEADERS, body: text }, subject);
}

const NO_HEADERS = { get: () => null };

function describe(text: string): string {
  const shown = toExcerpt(text, 60);
  return shown === "" ? "an empty body" : `what is no JSON object: ${JSON.stringify(shown)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
