import { InputError, isJsonObject, PermanentError, RuntimeFailure, TransientError } from "../../base/index.ts";
import { toInvalid, toStatusFailure, toUnreachable } from "../wire/failures.ts";
import { toStopped, type Subject } from "../wire/stopped.ts";

/** Turns whatever a model of the AI SDK throws into one of the five classes; its errors are known by their names. */
export function toModelFailure(error: unknown, subject: Subject, signal: AbortSignal): RuntimeFailure {
  if (signal.aborted) return toStopped(subject, error);
  if (RuntimeFailure.is(error)) return error;
  const status = read(error, "statusCode");
  if (typeof status === "number") {
    const body = read(error, "responseBody");
    const told = typeof body === "string" && body !== "" ? body : messageOf(error);
    return toStatusFailure({ status, headers: toFields(read(error, "responseHeaders")), body: told }, subject);
  }
  const message = messageOf(error);
  switch (read(error, "name")) {
    case "AI_APICallError":
      return toUnreachable(subject, read(error, "cause") === undefined ? error : read(error, "cause"));
    case "AI_LoadAPIKeyError":
      return new InputError("MODEL_KEY_MISSING", `Expected a key for ${subject.name}, got none: ${message}`);
    case "AI_NoSuchModelError":
      return new PermanentError("MODEL_UNKNOWN", `${subject.name} is not known: ${message} Check its name.`);
    case "AI_JSONParseError":
    case "AI_TypeValidationError":
    case "AI_InvalidResponseDataError":
    case "AI_EmptyResponseBodyError":
      return toInvalid(subject, message);
    default:
      return new TransientError("MODEL_UNAVAILABLE", `${subject.name} failed: ${message}. Try again later.`, {
        cause: error,
      });
  }
}

function read(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function toFields(headers: unknown): { readonly get: (name: string) => string | null } {
  const fields = isJsonObject(headers) ? headers : {};
  return {
    get: (name) => {
      const value = fields[name];
      return typeof value === "string" ? value : null;
    },
  };
}
