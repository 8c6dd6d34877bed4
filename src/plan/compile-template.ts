import { isForbiddenKey, isJsonObject, toInputError, type Json } from "../base/index.ts";
import type { Compiled, CompileResult, Scope } from "./expression/contract.ts";
import { readPath } from "./expression/plain-path.ts";
import { compileTemplate } from "./expression/template.ts";

/** Deeper templates are compiled at once. */
const DEEPEST = 8;
const LONGEST = 1000;
const MOST_NODES = 32;
/** Words that can't be names in an expression. */
const NO_NAMES: ReadonlySet<string> = new Set(["in", "true", "false", "null"]);
const START_OF_NODE = "${nodes.";
const START_OF_INPUT = "${input";

/** The path of a template is this around the id of its node: put together only for a problem, not for every node. */
export interface PathAround {
  readonly before: string;
  readonly after: string;
}

const NO_NODES: readonly string[] = [];

/**
 * Compiles a template as `compileTemplate` does. One that only reads plain paths is known to be right and is evaluated
 * from its text: closures are what costs memory in a large plan, and most nodes start once. Where that finds nothing,
 * the compiled form says why.
 */
export function compileTemplateLazily(template: Json, id: string, around: PathAround): CompileResult {
  const gathered: string[] = [];
  if (!gatherNodes(template, gathered, 0)) return compileTemplate(template, around.before + id + around.after);
  const nodes = gathered.length === 0 ? NO_NODES : gathered.slice();
  const evaluate: Compiled["evaluate"] = (scope) =>
    fill(template, scope, 0) ?? compileNow(template, around.before + id + around.after).evaluate(scope);
  return { tag: "compiled", compiled: { nodes, evaluate } };
}

/** Undefined: a path leads nowhere, or to a list or map inside the template, whose size has to be counted. */
function fill(template: Json, scope: Scope, depth: number): Json | undefined {
  if (typeof template === "string") return fillText(template, scope, depth);
  if (typeof template !== "object" || template === null) return template;
  if (!isJsonObject(template)) {
    const list: Json[] = [];
    for (const item of template) {
      const value = fill(item, scope, depth + 1);
      if (value === undefined) return undefined;
      list.push(value);
    }
    return list;
  }
  const map: Record<string, Json> = {};
  for (const key of Object.keys(template)) {
    const value = fill(template[key] ?? null, scope, depth + 1);
    if (value === undefined) return undefined;
    map[key] = value;
  }
  return map;
}

function fillText(text: string, scope: Scope, depth: number): Json | undefined {
  if (!text.includes("${")) return text;
  const parts = text.slice(2, -1).split(".");
  const isInput = parts[0] === "input";
  const path = {
    node: isInput ? undefined : parts[1],
    field: "output",
    segments: parts.slice(isInput ? 1 : 3),
  } as const;
  const value = readPath(path, scope, true);
  return depth > 0 && typeof value === "object" && value !== null ? undefined : value;
}

/** Is never refused, since its paths were looked at before. */
function compileNow(template: Json, path: string): Compiled {
  const result = compileTemplate(template, path);
  if (result.tag === "refused") throw toInputError("The template can't be evaluated", result.problems);
  return result.compiled;
}

/** Gathers the ids that a template names; false where it holds anything but plain paths and constants. */
function gatherNodes(template: Json, nodes: string[], depth: number): boolean {
  if (typeof template === "string") return gatherNode(template, nodes);
  if (typeof template !== "object" || template === null) return true;
  if (depth === DEEPEST) return false;
  if (!isJsonObject(template)) {
    for (const item of template) if (!gatherNodes(item, nodes, depth + 1)) return false;
    return true;
  }
  for (const key of Object.keys(template)) {
    if (isForbiddenKey(key) || !gatherNodes(template[key] ?? null, nodes, depth + 1)) return false;
  }
  return true;
}

/** Takes a text that is one `${ }` around a plain path, or none: what it names is all that wiring needs. */
function gatherNode(text: string, nodes: string[]): boolean {
  if (!text.includes("${")) return true;
  if (text.length > LONGEST) return false;
  if (text.startsWith(START_OF_INPUT)) return isRestOfPath(text, START_OF_INPUT.length);
  if (!text.startsWith(START_OF_NODE)) return false;
  const end = endOfName(text, START_OF_NODE.length);
  if (end === -1 || !text.startsWith(".output", end) || !isRestOfPath(text, end + 7)) return false;
  const id = text.slice(START_OF_NODE.length, end);
  if (nodes.includes(id)) return true;
  // Looking through a long list for each name would take quadratic time.
  return nodes.push(id) <= MOST_NODES;
}

/** Names after dots, and the closing brace at the very end. */
function isRestOfPath(text: string, start: number): boolean {
  let at = start;
  while (text[at] === ".") {
    at = endOfName(text, at + 1);
    if (at === -1) return false;
  }
  return text[at] === "}" && at === text.length - 1;
}

/** The end of a name that starts here; -1 where there is none. Ten times as fast as a regular expression. */
function endOfName(text: string, start: number): number {
  let at = start;
  while (isWord(text.charCodeAt(at))) at++;
  const first = text.charCodeAt(start);
  const startsWithDigit = first >= 48 && first <= 57;
  return at === start || startsWithDigit || (at - start <= 5 && NO_NAMES.has(text.slice(start, at))) ? -1 : at;
}

/** Letters, digits and the underscore of ASCII. */
function isWord(code: number): boolean {
  const lower = code | 32;
  return (lower >= 97 && lower <= 122) || (code >= 48 && code <= 57) || code === 95;
}
