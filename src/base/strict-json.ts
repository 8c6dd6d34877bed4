import { toInputError, type InputError } from "./errors/input-error.ts";
import { findTextFault } from "./json-fault.ts";
import { isForbiddenKey, isRecord, MAX_JSON_BYTES, MAX_JSON_DEPTH, type JsonLimits } from "./json-limits.ts";
import type { Json } from "./json.ts";

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Reads JSON that is to be trusted later: what two readers could understand differently is refused.
 *
 * Refused are duplicate keys, the keys `__proto__`, `constructor` and `prototype`, numbers beyond +-(2^53 - 1), nesting
 * deeper than `maxDepth` (default 64) and texts longer than `maxBytes` (UTF-8, default 64 MiB). What is accepted
 * equals `JSON.parse`. Never recursive.
 *
 * @throws {InputError} JSON_SYNTAX, JSON_DUPLICATE_KEY, JSON_FORBIDDEN_KEY, JSON_UNSAFE_NUMBER, JSON_TOO_DEEP,
 *   JSON_TOO_LARGE; the problem's `path` names the place inside the document, its `got` the line and column.
 */
export function parseStrictJson(text: string, options: JsonLimits = {}): Json {
  const { maxBytes = MAX_JSON_BYTES, maxDepth = MAX_JSON_DEPTH } = options;
  if (text.length * 3 > maxBytes) refuseLarge(text, maxBytes);
  const members = countMembers(text, maxDepth);
  if (members === TOO_DEEP) throw refusal(text, maxDepth);
  const tally = { keys: 0 };
  const value = parseOrRefuse(text, maxDepth);
  // A member whose key was there before has no key of its own in the tree.
  if (!isHarmlessTree(value, tally) || tally.keys !== members) throw refusal(text, maxDepth);
  return value;
}

function refuseLarge(text: string, maxBytes: number): void {
  const bytes = text.length > maxBytes ? text.length : Buffer.byteLength(text);
  if (bytes <= maxBytes) return;
  throw toInputError("This JSON is too large", [
    {
      code: "JSON_TOO_LARGE",
      path: "",
      expected: `at most ${maxBytes} bytes`,
      got: text.length > maxBytes ? `more than ${maxBytes} bytes` : `${bytes} bytes`,
      fix: "Send less, or put large contents into a file or blob and send its name.",
    },
  ]);
}

function parseOrRefuse(text: string, maxDepth: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal(text, maxDepth, error);
  }
}

function refusal(text: string, maxDepth: number, cause?: unknown): InputError {
  const problem = findTextFault(text, maxDepth) ?? {
    code: "JSON_SYNTAX",
    path: "",
    expected: "JSON",
    got: cause instanceof Error ? cause.message : "something else",
    fix: "Check the text with a JSON formatter.",
  };
  return toInputError("This JSON was refused", [problem]);
}

const TOO_DEEP = -1;

/** Counts the `:` outside strings, which for JSON is the number of members; gives TOO_DEEP without reading further. */
function countMembers(text: string, maxDepth: number): number {
  const length = text.length;
  let depth = 0;
  let members = 0;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index + 1);
    else if (code === 58) members++;
    // `{` 123, `[` 91, `}` 125, `]` 93: they differ from their partners by two, from each other by 32.
    else if ((code | 32) === 123) {
      if (++depth > maxDepth) return TOO_DEEP;
    } else if ((code | 32) === 125) depth--;
  }
  return members;
}

function endOfString(text: string, start: number): number {
  const length = text.length;
  let index = start;
  while (index < length) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    index += code === BACKSLASH ? 2 : 1;
  }
  return length;
}

function isHarmlessTree(root: unknown, tally: { keys: number }): root is Json {
  const open: object[] = [];
  if (!isHarmless(root, open)) return false;
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    const isFine = Array.isArray(container)
      ? isHarmlessList(container, open)
      : isHarmlessRecord(container, open, tally);
    if (!isFine) return false;
  }
  return true;
}

function isHarmlessList(container: readonly unknown[], open: object[]): boolean {
  for (const item of container) if (!isHarmless(item, open)) return false;
  return true;
}

function isHarmlessRecord(container: object, open: object[], tally: { keys: number }): boolean {
  if (!isRecord(container)) return false;
  const keys = Object.keys(container);
  tally.keys += keys.length;
  for (const key of keys) {
    if (isForbiddenKey(key) || !isHarmless(container[key], open)) return false;
  }
  return true;
}

function isHarmless(value: unknown, open: object[]): boolean {
  if (typeof value === "number") return value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER;
  if (typeof value === "object" && value !== null) open.push(value);
  return true;
}
