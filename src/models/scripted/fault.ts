import { CancelledError, DefectError, InputError, type RuntimeFailure, type TransientError } from "../../base/index.ts";
import { toCut, toInvalid, toStatusFailure, toTimedOut, toTooLarge, toUnreachable } from "../wire/failures.ts";
import { toStopped, toSubject } from "../wire/stopped.ts";
import { raceStop } from "../wire/race-stop.ts";

/** A failure that a model or its server gives, by name. */
export type FailureName =
  | "rate-limited"
  | "unavailable"
  | "unreachable"
  | "timed-out"
  | "reply-invalid"
  | "reply-too-large"
  | "refused"
  | "key-refused"
  | "quota-spent"
  | "unknown-model"
  | "context-exceeded"
  | "input"
  | "cancelled"
  | "defect";

/** What goes wrong instead of a reply, or on its way. */
export type Fault =
  | { readonly type: "fail"; readonly as: FailureName; readonly retryAfterMs?: number }
  /** The pieces come up to there, then the connection is lost. */
  | { readonly type: "cut"; readonly afterPieces: number }
  /** Nothing comes until someone stops it. */
  | { readonly type: "hang" }
  /** Any other value is thrown, as a broken model would. */
  | { readonly type: "throw"; readonly error: unknown };

const STATUS: Partial<Readonly<Record<FailureName, readonly [status: number, kind: string]>>> = {
  "rate-limited": [429, "rate_limit_exceeded"],
  unavailable: [503, "server_error"],
  refused: [400, "invalid_request_error"],
  "key-refused": [401, "invalid_api_key"],
  "quota-spent": [429, "insufficient_quota"],
  "unknown-model": [404, "model_not_found"],
  "context-exceeded": [400, "context_length_exceeded"],
};

/** The status and body with which a server would say it; undefined where it can't. */
function toComplaint(name: FailureName): { readonly status: number; readonly body: string } | undefined {
  const found = STATUS[name];
  if (found === undefined) return undefined;
  const [status, kind] = found;
  return { status, body: JSON.stringify({ error: { type: kind, code: kind, message: `Simulated: ${kind}` } }) };
}

/** The same failure as of a real server, so that what handles the one handles the other. */
export function toNamedFailure(name: FailureName, model: string, retryAfterMs?: number): RuntimeFailure {
  const subject = toSubject(model);
  const complaint = toComplaint(name);
  if (complaint !== undefined) {
    const headers = {
      get: (field: string) => (field === "retry-after-ms" ? (retryAfterMs?.toString() ?? null) : null),
    };
    return toStatusFailure({ ...complaint, headers }, subject);
  }
  const text = `${model} fails on purpose.`;
  switch (name) {
    case "unreachable":
      return toUnreachable(subject, new Error("simulated"));
    case "timed-out":
      return toTimedOut(subject, "a fault of its script");
    case "reply-invalid":
      return toInvalid(subject, "a fault of its script");
    case "reply-too-large":
      return toTooLarge(subject, "its script allows");
    case "input":
      return new InputError("SIMULATED", text);
    case "cancelled":
      return new CancelledError("SIMULATED", text);
    default:
      return new DefectError("SIMULATED", text);
  }
}

/** Waits until the signal is aborted, then fails as a stopped model does. */
export async function hang(signal: AbortSignal, model: string): Promise<never> {
  await raceStop(Promise.withResolvers<never>().promise, signal);
  throw toStopped(toSubject(model), signal.reason);
}

export function toCutFailure(model: string): TransientError {
  return toCut(toSubject(model), new Error("simulated"));
}
