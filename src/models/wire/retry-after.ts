const MOST_MS = 3_600_000;
const IN_TEXT = /(?:try again|retry)\D{0,20}?(\d+(?:\.\d+)?)\s?(ms|milliseconds?|s|seconds?|m|minutes?)\b/iu;

/** The header fields of an answer, as `Headers` has them. */
export interface HeaderFields {
  readonly get: (name: string) => string | null;
}

/**
 * Reads how long a server wants to be left alone, in milliseconds: from `retry-after-ms`, from `retry-after` (seconds
 * or a date, RFC 9110 section 10.2.3), else from the words of its message. At most an hour, so that a server's mistake
 * can't park a run for a year; undefined when it says nothing that makes sense.
 */
export function readRetryAfter(headers: HeaderFields, message: string, now: number): number | undefined {
  const ms =
    readNumber(headers.get("retry-after-ms"), 1) ??
    readNumber(headers.get("retry-after"), 1_000) ??
    readDate(headers.get("retry-after"), now) ??
    readText(message);
  return ms === undefined ? undefined : Math.min(Math.ceil(ms), MOST_MS);
}

function readNumber(value: string | null, unitMs: number): number | undefined {
  const text = value?.trim() ?? "";
  return /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) * unitMs : undefined;
}

function readDate(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? "";
  // Dates are of the form "Sun, 06 Nov 1994 08:49:37 GMT"; Date.parse alone would take almost anything.
  const at = /^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/u.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(at - now, 0);
}

function readText(message: string): number | undefined {
  const [, amount = "", unit = ""] = IN_TEXT.exec(message) ?? [];
  if (amount === "") return undefined;
  if (unit.startsWith("ms") || unit.startsWith("milli")) return Number(amount);
  return Number(amount) * (unit.startsWith("m") ? 60_000 : 1_000);
}
