import {
  hideSecrets,
  isJsonObject,
  PermanentError,
  toExcerpt,
  TransientError,
  type Json,
  type RuntimeFailure,
} from "../../base/index.ts";
import { classify } from "./classify.ts";
import type { Subject } from "./stopped.ts";
import { readRetryAfter, type HeaderFields } from "./retry-after.ts";

/** What a server said instead of a reply. */
export interface Complaint {
  /** 200 where only the body says that something is wrong. */
  readonly status: number;
  readonly headers: HeaderFields;
  readonly body: string;
}

/** Makes the failure that a server's complaint stands for. */
export function toStatusFailure(complaint: Complaint, subject: Subject): RuntimeFailure {
  const told = readTold(complaint.body);
  const status = complaint.status >= 400 ? complaint.status : (told.status ?? complaint.status);
  const said = describe(subject, status, told.message);
  const retryAfterMs = readRetryAfter(complaint.headers, told.message, Date.now());
  const again = retryAfterMs === undefined ? {} : { retryAfterMs };
  switch (classify(status, `${told.kind} ${told.message}`)) {
    case "quota":
      return new PermanentError("MODEL_QUOTA_SPENT", `${said} Add credit to the account, or use another model.`);
    case "rate":
      return new TransientError("MODEL_RATE_LIMITED", `${said} Send less at once, or limit the rate.`, again);
    case "context": {
      const fix = "Send fewer or shorter messages, fewer tools, or use a model with a larger context.";
      return new PermanentError("MODEL_CONTEXT_EXCEEDED", `${said} ${fix}`);
    }
    case "key":
      return new PermanentError("MODEL_KEY_REFUSED", `${said} Check ${subject.keyVariable} and what it may use.`);
    case "unknown": {
      const fix = "Check the name of the model and the address; `pawl models ls` shows what the server offers.";
      return new PermanentError("MODEL_UNKNOWN", `${said} ${fix}`);
    }
    case "for-now":
      return new TransientError("MODEL_UNAVAILABLE", `${said} Try again later.`, again);
    case "refused":
      return new PermanentError("MODEL_REFUSED", `${said} The same request would be refused again: change it.`);
  }
}

function describe({ name, secrets }: Subject, status: number, message: string): string {
  const words = toExcerpt(hideSecrets(message, secrets), 300);
  return `${name} answered ${status}${words === "" ? "" : ` (${JSON.stringify(words)})`}.`;
}

interface Told {
  readonly kind: string;
  readonly message: string;
  readonly status: number | undefined;
}

/** Reads the forms that servers give errors: `{ error: { type, code, message } }`, `{ error: "…" }`, `{ detail }`. */
function readTold(body: string): Told {
  const parsed = parseLoosely(body);
  if (!isJsonObject(parsed)) return { kind: "", message: body.trim().startsWith("<") ? "" : body, status: undefined };
  const error = parsed["error"];
  const inner = isJsonObject(error) ? error : parsed;
  const text = [inner["message"], inner["detail"], error].find((value) => typeof value === "string");
  const codes = [inner["code"], inner["status"]].map(Number);
  const kinds = [inner["type"], inner["code"], inner["status"]];
  return {
    kind: kinds.filter((part) => typeof part === "string").join(" "),
    message: typeof text === "string" ? text : "",
    status: codes.find((code) => Number.isInteger(code) && code >= 400 && code < 600),
  };
}

function parseLoosely(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** Nothing answers at the address. */
export function toUnreachable(subject: Subject, cause: unknown): TransientError {
  const where = subject.baseUrl === undefined ? "" : ` at ${subject.baseUrl}`;
  const fix = "Check that the server is up, the address is right and the network lets it through.";
  return new TransientError(
    "MODEL_UNREACHABLE",
    `${subject.name} can't be reached${where} (${reasonOf(cause)}). ${fix}`,
    {
      cause,
    },
  );
}

/** The answer ended before the reply did. */
export function toCut(subject: Subject, cause?: unknown): TransientError {
  const why = cause === undefined ? "the stream ended without saying that the reply is whole" : reasonOf(cause);
  const message = `The reply of ${subject.name} was cut off (${why}). Nothing of it is used; try again.`;
  return new TransientError("MODEL_REPLY_CUT", message, { cause });
}

export function toTimedOut(subject: Subject, what: string): TransientError {
  const fix = "Try again, ask for less, or raise the limit.";
  return new TransientError("MODEL_TIMED_OUT", `${subject.name} took too long: ${what}. ${fix}`);
}

export function toTooLarge(subject: Subject, expected: string): PermanentError {
  const fix = "Set maxOutputTokens, or check what the server sends.";
  return new PermanentError("MODEL_REPLY_TOO_LARGE", `${subject.name} answered more than ${expected}. ${fix}`);
}

/** What came is no reply. `isForGood`: what answers there is no model at all. */
export function toInvalid(subject: Subject, got: string, isForGood = false): RuntimeFailure {
  const seen = hideSecrets(got, subject.secrets);
  const message = `Expected a reply of ${subject.name}, got ${seen}.`;
  if (!isForGood) return new TransientError("MODEL_REPLY_INVALID", `${message} Try again; see the server's log.`);
  const fix = "Check the address: a model's API answers JSON or an event stream, and most end in /v1.";
  return new PermanentError("MODEL_REPLY_INVALID", `${message} ${fix}`);
}

/** The reason that fetch hides behind "fetch failed". */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(reason instanceof Error)) return "unknown";
  return "code" in reason && typeof reason.code === "string" ? reason.code : toExcerpt(reason.message, 200);
}
