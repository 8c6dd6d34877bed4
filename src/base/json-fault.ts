import type { Problem } from "./errors/input-error.ts";
import { formatPath, quoteVisibly } from "./json-path.ts";
import { isForbiddenKey } from "./json-limits.ts";

/** One open list or map: for a list `keys` is undefined and `segment` counts. */
interface Level {
  readonly keys: Set<string> | undefined;
  /** The key or index that is read now; undefined before the first key. */
  segment: string | number | undefined;
}

type Expects = "value" | "value-or-end" | "key" | "key-or-end" | "colon" | "comma-or-end";

interface Reader {
  readonly text: string;
  readonly maxDepth: number;
  readonly levels: Level[];
  at: number;
  expects: Expects;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/**
 * Finds the first thing in a text that strict JSON refuses, or undefined. Slow and iterative: it reads only texts that
 * are known to be refused, and knows where in the document it is.
 */
export function findTextFault(text: string, maxDepth: number): Problem | undefined {
  const reader: Reader = { text, maxDepth, levels: [], at: 0, expects: "value" };
  for (;;) {
    skipSpace(reader);
    const isWhole = reader.levels.length === 0 && reader.expects === "comma-or-end";
    if (reader.at >= text.length)
      return isWhole ? undefined : syntax(reader, NAMES[reader.expects], "the end of the text");
    if (isWhole) return syntax(reader, "the end of the text");
    const fault = STEPS[reader.expects](reader);
    if (fault !== undefined) return fault;
  }
}

const NAMES: Readonly<Record<Expects, string>> = {
  value: "a value",
  "value-or-end": "a value or ]",
  key: "a key in double quotes",
  "key-or-end": "a key in double quotes or }",
  colon: "a colon",
  "comma-or-end": "a comma or the end of the list or map",
};

type Step = (reader: Reader) => Problem | undefined;

const STEPS: Readonly<Record<Expects, Step>> = {
  value: readValue,
  "value-or-end": (reader) => (reader.text[reader.at] === "]" ? close(reader) : readValue(reader)),
  key: readKey,
  "key-or-end": (reader) => (reader.text[reader.at] === "}" ? close(reader) : readKey(reader)),
  colon: (reader) => {
    if (reader.text[reader.at] !== ":") return syntax(reader, NAMES.colon);
    return move(reader, 1, "value");
  },
  "comma-or-end": readComma,
};

function skipSpace(reader: Reader): void {
  SPACE.lastIndex = reader.at;
  SPACE.exec(reader.text);
  reader.at = SPACE.lastIndex;
}

function move(reader: Reader, by: number, expects: Expects): undefined {
  reader.at += by;
  reader.expects = expects;
}

function close(reader: Reader): undefined {
  reader.levels.pop();
  move(reader, 1, "comma-or-end");
}

function readComma(reader: Reader): Problem | undefined {
  const level = reader.levels.at(-1);
  const sign = reader.text[reader.at];
  if (level === undefined) return undefined;
  if (sign === (level.keys === undefined ? "]" : "}")) return close(reader);
  if (sign !== ",") return syntax(reader, level.keys === undefined ? "a comma or ]" : "a comma or }");
  if (typeof level.segment === "number") level.segment++;
  return move(reader, 1, level.keys === undefined ? "value" : "key");
}

function readKey(reader: Reader): Problem | undefined {
  if (reader.text[reader.at] !== '"') return syntax(reader, NAMES[reader.expects]);
  const start = reader.at;
  const fault = readString(reader, "colon");
  const level = reader.levels.at(-1);
  if (fault !== undefined || level?.keys === undefined) return fault;
  const key = String(JSON.parse(reader.text.slice(start, reader.at)));
  level.segment = key;
  const isDuplicate = level.keys.has(key);
  if (!isDuplicate && !isForbiddenKey(key)) {
    level.keys.add(key);
    return undefined;
  }
  const where = place(reader.text, start);
  if (isDuplicate) {
    const fix = "Keep one of the two: readers differ about which one counts.";
    return { code: "JSON_DUPLICATE_KEY", ...at(reader), expected: "each key once", got: `a second one ${where}`, fix };
  }
  const fix = "Rename the key: it could change what objects inherit.";
  return { code: "JSON_FORBIDDEN_KEY", ...at(reader), expected: "a harmless key", got: `"${key}" ${where}`, fix };
}

function readValue(reader: Reader): Problem | undefined {
  const sign = reader.text[reader.at];
  if (sign === "{" || sign === "[") return open(reader, sign === "{");
  if (sign === '"') return readString(reader, "comma-or-end");
  LITERAL.lastIndex = reader.at;
  NUMBER.lastIndex = reader.at;
  const literal = LITERAL.exec(reader.text)?.[0];
  if (literal !== undefined) return move(reader, literal.length, "comma-or-end");
  const digits = NUMBER.exec(reader.text)?.[0];
  if (digits === undefined) return syntax(reader, NAMES[reader.expects]);
  if (Math.abs(Number(digits)) <= Number.MAX_SAFE_INTEGER) return move(reader, digits.length, "comma-or-end");
  const got = `${digits.slice(0, 40)} ${place(reader.text, reader.at)}`;
  const fix = "Write it as text: a double can't hold it exactly.";
  return { code: "JSON_UNSAFE_NUMBER", ...at(reader), expected: "a number within +-(2^53 - 1)", got, fix };
}

function open(reader: Reader, isMap: boolean): Problem | undefined {
  if (reader.levels.length >= reader.maxDepth) {
    const path = pathOf(reader.levels.slice(0, 4));
    const got = `more ${place(reader.text, reader.at)}`;
    const expected = `at most ${reader.maxDepth} lists and maps inside each other`;
    return { code: "JSON_TOO_DEEP", path, expected, got, fix: "Flatten the document." };
  }
  reader.levels.push(isMap ? { keys: new Set(), segment: undefined } : { keys: undefined, segment: 0 });
  return move(reader, 1, isMap ? "key-or-end" : "value-or-end");
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function readString(reader: Reader, then: Expects): Problem | undefined {
  const start = reader.at;
  reader.at++;
  while (reader.at < reader.text.length) {
    const code = reader.text.charCodeAt(reader.at);
    if (code === 34) return move(reader, 1, then);
    if (code < 32) return syntax(reader, "an escape such as \\n instead of a control character");
    if (code === 92) {
      ESCAPE.lastIndex = reader.at;
      if (!ESCAPE.test(reader.text)) return syntax(reader, "one of the escapes of JSON");
      reader.at = ESCAPE.lastIndex;
    } else reader.at++;
  }
  reader.at = start;
  return syntax(reader, "a closing double quote", "text without one");
}

function syntax(reader: Reader, expected: string, instead?: string): Problem {
  const sign = String.fromCodePoint(reader.text.codePointAt(reader.at) ?? 0);
  const got = `${instead ?? quoteVisibly(sign)} ${place(reader.text, reader.at)}`;
  return { code: "JSON_SYNTAX", ...at(reader), expected, got, fix: "Correct the text there." };
}

function at(reader: Reader): { readonly path: string } {
  return { path: pathOf(reader.levels) };
}

function pathOf(levels: readonly Level[]): string {
  return formatPath(levels.map((level) => level.segment).filter((segment) => segment !== undefined));
}

function place(text: string, index: number): string {
  let line = 1;
  let start = 0;
  for (let next = text.indexOf("\n"); next !== -1 && next < index; next = text.indexOf("\n", start)) {
    line++;
    start = next + 1;
  }
  return `at line ${line}, column ${index - start + 1} (${line}:${index - start + 1})`;
}
