import { RuntimeFailure, TransientError } from "../base/index.ts";
import type { FailureRecord } from "../plan/index.ts";

const LONGEST_MESSAGE = 4_000;

/** What the journal keeps of a thrown value. A throw that is none of our errors may work later: it is transient. */
export function toFailureRecord(thrown: unknown): FailureRecord {
  if (RuntimeFailure.is(thrown)) {
    const retryAfterMs = thrown instanceof TransientError ? thrown.retryAfterMs : undefined;
    const { failure, code } = thrown;
    return {
      class: failure,
      code,
      message: shorten(thrown.message),
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return { class: "transient", code: "ACTION_FAILED", message: shorten(message) };
}

/** Tells whether a failure leaves open what the attempt did. */
export function isUncertain(thrown: unknown): boolean {
  return RuntimeFailure.is(thrown) && thrown.mayHaveActed;
}

function shorten(text: string): string {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}...` : text;
}
