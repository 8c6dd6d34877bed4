const PLAIN_KEY = /^[A-Za-z0-9_-]{1,64}$/;
/** Control characters, invisible and direction-changing ones, and halves of surrogate pairs: what could fool a reader of a terminal. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const LONGEST = 60;

/** Text of a stranger with every character made visible, so that it can stand in a message or on a terminal. */
function safeText(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** At most `longest` characters of a text, made safe; says how many more there are. */
export function shorten(text: string, longest: number = LONGEST): string {
  if (text.length <= longest) return safeText(text);
  return `${safeText(text.slice(0, longest))}… (${text.length} characters)`;
}

/** Shows any value on one short line, without looking deeper than it must. */
export function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return value.length <= LONGEST ? `"${safeText(value)}"` : `"${shorten(value)}"`;
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  if (typeof value === "bigint") return "a bigint";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object") return `an object${showKeys(Object.keys(value))}`;
  return `a ${typeof value}`;
}

function showKeys(keys: readonly string[]): string {
  if (keys.length === 0) return " without fields";
  const first = keys.slice(0, 3).map((key) => shorten(key, 20));
  return ` with ${first.join(", ")}${keys.length > 3 ? ", …" : ""}`;
}

/** Extends a path by one key: `nodes.charge`, or `nodes["odd key"]` where the key isn't plain. */
export function under(path: string, key: string): string {
  if (!PLAIN_KEY.test(key)) return `${path}["${shorten(key, 40)}"]`;
  return path === "" ? key : `${path}.${key}`;
}
