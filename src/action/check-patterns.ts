import { toInputError, isJsonObject, type Problem } from "../base/index.ts";

const LONGEST = 200;
const DEEPEST = 100;
/** Keywords whose value is a table of schemas, by names that mean nothing. */
const TABLES: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);
/** Keywords whose value is data, not a schema. */
export const DATA_KEYWORDS: ReadonlySet<string> = new Set(["const", "enum", "default", "examples"]);

/**
 * Refuses a JSON Schema with a regular expression that can hang: longer than 200 characters, with a back reference,
 * or with a repeated group that itself repeats or chooses. What is left takes polynomial time at worst.
 *
 * @throws {InputError} SCHEMA_PATTERN with every such expression.
 */
export function checkPatterns(schema: unknown, where: string): void {
  const problems: Problem[] = [];
  visitSchema(schema, { path: where, depth: 0, problems });
  if (problems.length > 0) throw toInputError("The schema has problems", problems);
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly problems: Problem[];
}

function visitSchema(schema: unknown, place: Place): void {
  if (place.depth > DEEPEST) {
    complain(place, { expected: `a schema nested at most ${DEEPEST} deep`, got: "more", fix: "Use $defs and $ref." });
    return;
  }
  if (Array.isArray(schema)) {
    schema.forEach((inner, index) => visitSchema(inner, under(place, String(index))));
    return;
  }
  if (!isJsonObject(schema)) return;
  for (const [keyword, value] of Object.entries(schema)) {
    const at = under(place, keyword);
    if (keyword === "pattern" && typeof value === "string") checkPattern(value, at);
    if (TABLES.has(keyword) && isJsonObject(value)) visitTable(value, at, keyword);
    else if (!DATA_KEYWORDS.has(keyword)) visitSchema(value, at);
  }
}

function visitTable(table: object, place: Place, keyword: string): void {
  for (const [name, schema] of Object.entries(table)) {
    if (keyword === "patternProperties") checkPattern(name, place);
    visitSchema(schema, under(place, name));
  }
}

function checkPattern(pattern: string, place: Place): void {
  const fault = findFault(pattern);
  if (fault === undefined) return;
  const fix = "Write a simpler one, list the values with enum, or check it in the action.";
  complain(place, { expected: "a regular expression that can't hang", got: fault, fix });
}

function complain({ path, problems }: Place, words: Omit<Problem, "code" | "path">): void {
  problems.push({ code: "SCHEMA_PATTERN", path, ...words });
}

function under({ path, depth, problems }: Place, name: string): Place {
  return { path: path === "" ? name : `${path}.${name}`, depth: depth + 1, problems };
}

/** Says what is wrong with a pattern, or gives undefined. */
function findFault(pattern: string): string | undefined {
  if (pattern.length > LONGEST) return `one of ${pattern.length} characters (at most ${LONGEST})`;
  if (!compiles(pattern)) return "one that is none";
  if (/\\(?:[1-9]|k<)/.test(pattern.replaceAll("\\\\", ""))) return "one with a back reference";
  return repeatsRepetition(pattern) ? "one with a repeated group that repeats or chooses inside" : undefined;
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

/** Escapes, classes, groups and quantifiers: all that matters for how often something may repeat. */
const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|<\w+>))?|\)|[*+?]|\{\d+(?:,\d*)?\}|\||[^]/gsu;

function repeatsRepetition(pattern: string): boolean {
  // For each open group: does it hold a repetition or a choice?
  const groups: boolean[] = [false];
  let closed: boolean | undefined;
  for (const [token] of pattern.matchAll(TOKEN)) {
    if (token.startsWith("(")) groups.push(false);
    else if (token === ")") closed = groups.pop() ?? false;
    if (mayRepeat(token) && closed === true) return true;
    if (mayRepeat(token) || token === "|" || token === "?") groups[groups.length - 1] = true;
    if (token === ")") {
      if (closed === true) groups[groups.length - 1] = true;
    } else closed = undefined;
  }
  return false;
}

/** Tells whether a token lets what is before it occur more than once, or a varying number of times. */
function mayRepeat(token: string): boolean {
  if (token === "*" || token === "+") return true;
  if (!token.startsWith("{") || token.length === 1) return false;
  const [least, most] = token.slice(1, -1).split(",");
  return Number(least) > 1 || most === "" || Number(most ?? 0) > 1;
}
