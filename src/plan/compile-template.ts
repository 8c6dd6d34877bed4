import { isForbiddenKey, isJsonObject, toInputError, type Json } from "../base/index.ts";
import type { Compiled, CompileResult, Scope } from "./expression/contract.ts";
import { readPath } from "./expression/plain-path.ts";
import { compileTemplate } from "./expression/template.ts";

/** Deeper templates are compiled at once. */
const DEEPEST = 8;
const LONGEST = 1000;
const MOST_NODES = 32;
/** A text that is one `${ }` around a plain path; what it names is the one thing that wiring needs. */
const NAME = String.raw`(?!(?:in|true|false|null)[.}])[A-Za-z_]\w*`;
const PATH = new RegExp(String.raw`^\$\{(?:input|nodes\.(${NAME})\.output)(?:\.${NAME})*\}$`);

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

function gatherNode(text: string, nodes: string[]): boolean {
  if (!text.includes("${")) return true;
  if (text.length > LONGEST) return false;
  const match = PATH.exec(text);
  if (match === null) return false;
  const id = match[1];
  if (id === undefined || nodes.includes(id)) return true;
  // Looking through a long list for each name would take quadratic time.
  return nodes.push(id) <= MOST_NODES;
}
