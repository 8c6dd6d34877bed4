import type { Json } from "../base/index.ts";
import type { Compiled, CompileResult, Scope } from "./expression/contract.ts";

const REFERENCE = /^\$\{\s*(nodes\.([\w-]+)\.output|input)((?:\.\w+)*)\s*\}$/;

/** Stands in until the expression compiler is there. */
export function compileTemplate(template: Json, _path: string): CompileResult {
  return { tag: "compiled", compiled: stub(template) };
}

/** Stands in until the expression compiler is there. */
export function compileExpression(text: string, _path: string): CompileResult {
  const nodes = [...new Set(Array.from(text.matchAll(/nodes\.(\w+)/g), (match) => match[1] ?? ""))];
  return { tag: "compiled", compiled: { nodes, evaluate: () => true } };
}

function stub(template: Json): Compiled {
  if (typeof template === "string") {
    const match = REFERENCE.exec(template);
    if (match === null) return { nodes: [], evaluate: () => template };
    const id = match[2];
    const path = (match[3] ?? "").split(".").slice(1);
    return { nodes: id === undefined ? [] : [id], evaluate: (scope: Scope) => dig(id === undefined ? scope.input : (scope.node(id)?.output ?? null), path) };
  }
  if (typeof template !== "object" || template === null) return { nodes: [], evaluate: () => template };
  const parts = Object.entries(template).map(([key, value]) => [key, stub(value)] as const);
  const nodes = [...new Set(parts.flatMap(([, part]) => part.nodes))];
  if (Array.isArray(template)) return { nodes, evaluate: (scope: Scope) => parts.map(([, part]) => part.evaluate(scope)) };
  return { nodes, evaluate: (scope: Scope) => Object.fromEntries(parts.map(([key, part]) => [key, part.evaluate(scope)])) };
}

function dig(value: Json, path: readonly string[]): Json {
  let found: Json = value;
  for (const key of path) {
    const inner: unknown = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
    found = isJson(inner) ? inner : null;
  }
  return found;
}

function isJson(value: unknown): value is Json {
  return value !== undefined;
}
