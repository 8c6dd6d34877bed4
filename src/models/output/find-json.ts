import { parseStrictJson, type Json } from "../../base/index.ts";

/** JSON found in a text. */
export interface FoundJson {
  readonly value: Json;
  /** The text ended before the JSON did; only brackets were missing, and were added. */
  readonly isClosed: boolean;
}

/** So many places in a text are tried. */
const MOST_PLACES = 50;

/**
 * Finds the JSON in what a model wrote: the whole text, what stands in a code fence, or the first list or object with
 * words around it; in this order, each as a candidate. What was cut is closed only where nothing but brackets is
 * missing: after a whole value, never inside one and never after a comma.
 */
export function* findJson(text: string): Generator<FoundJson> {
  const whole = parseOr(text.trim());
  if (whole !== undefined) return yield { value: whole, isClosed: false };
  for (const [, inside = ""] of text.matchAll(/```[\w-]*\s*\n?([^]*?)```/gu)) {
    const value = parseOr(inside.trim());
    if (value !== undefined) yield { value, isClosed: false };
  }
  let places = 0;
  for (let at = 0; at < text.length && places < MOST_PLACES; at++) {
    if (text[at] !== "{" && text[at] !== "[") continue;
    places += 1;
    const span = scan(text, at);
    const value = span === undefined ? undefined : parseOr(span.text);
    if (span === undefined || value === undefined) continue;
    yield { value, isClosed: span.isClosed };
    at = span.end;
  }
}

function parseOr(text: string): Json | undefined {
  try {
    // The native parser says no at once; the strict one would look for a reason.
    JSON.parse(text);
    return parseStrictJson(text);
  } catch {
    return undefined;
  }
}

interface Span {
  readonly text: string;
  readonly end: number;
  readonly isClosed: boolean;
}

/** Reads from a bracket to its partner, or to the end of the text, where the missing brackets are added. */
function scan(text: string, start: number): Span | undefined {
  const missing: string[] = [];
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"') {
      at = endOfString(text, at + 1);
      continue;
    }
    if (character === "{") missing.push("}");
    else if (character === "[") missing.push("]");
    else if (character === "}" || character === "]") {
      if (missing.pop() !== character) return undefined;
      if (missing.length === 0) return { text: text.slice(start, at + 1), end: at, isClosed: false };
    }
  }
  return close(text.slice(start), missing, text.length);
}

function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** A number at the very end may go on; a string that is open, a comma and a colon make the text no JSON anyway. */
function close(text: string, missing: readonly string[], end: number): Span | undefined {
  if (/\d$/u.test(text)) return undefined;
  return { text: text.trimEnd() + missing.toReversed().join(""), end, isClosed: true };
}
