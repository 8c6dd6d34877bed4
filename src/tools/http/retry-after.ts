const MOST_MS = 3_600_000;

/**
 * Reads a Retry-After field: seconds or a date (RFC 9110 section 10.2.3). Gives milliseconds from `now`, at most an
 * hour, so that a server's mistake can't park a run for a year; undefined when there is none or it makes no sense.
 */
export function readRetryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+$/u.test(text)) return Math.min(Number(text) * 1_000, MOST_MS);
  // Dates are of the form "Sun, 06 Nov 1994 08:49:37 GMT"; Date.parse alone would take almost anything.
  const at = /^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/u.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - now, 0), MOST_MS);
}
