import { isJsonObject, type Json } from "../../base/index.ts";
import type { Scope } from "./contract.ts";
import { describe, fail, type Evaluate, type Frame } from "./frame.ts";

/** A value that is read by name: from a node's output, a node's state, or the input (then `node` is undefined). */
export interface PlainPath {
  readonly node: string | undefined;
  readonly field: "output" | "state";
  readonly segments: readonly (string | number)[];
}

const SEGMENT = /\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*(?:"([^"\\\r\n]*)"|'([^'\\\r\n]*)'|(\d{1,9}))\s*\])/y;
const ROOT = /^\s*(input|nodes)(?!\w)/;
/** Words that CEL doesn't take as a field name. */
const NO_FIELD: ReadonlySet<string> = new Set(["in", "true", "false", "null"]);

/** Reads a text that is nothing but a path, without the expression parser; undefined for any other text. */
export function parsePlainPath(text: string): PlainPath | undefined {
  const root = ROOT.exec(text);
  if (root === null) return undefined;
  const segments: (string | number)[] = [];
  let at = root[0].length;
  while (at < text.length) {
    SEGMENT.lastIndex = at;
    const match = SEGMENT.exec(text);
    if (match === null) break;
    const [, name, double, single, index] = match;
    const key = name ?? double ?? single;
    if (name !== undefined && NO_FIELD.has(name)) return undefined;
    segments.push(key ?? Number(index));
    at = SEGMENT.lastIndex;
  }
  if (at < text.length && text.slice(at).trim() !== "") return undefined;
  return root[1] === "input" ? { node: undefined, field: "output", segments } : toNodePath(segments);
}

/** `nodes.ID.output...` or `nodes.ID.state` out of what follows `nodes`; undefined if it is neither. */
export function toNodePath(segments: readonly (string | number)[]): PlainPath | undefined {
  const [node, field, ...rest] = segments;
  if (typeof node !== "string") return undefined;
  if (field === "output") return { node, field, segments: rest };
  return field === "state" && rest.length === 0 ? { node, field, segments: rest } : undefined;
}

/** One step into a value; undefined when there is no such element. Only own keys count. */
export function stepInto(value: Json, segment: string | number): Json | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isJsonObject(value)) return Object.hasOwn(value, segment) ? value[segment] : undefined;
  return typeof segment === "number" ? value[segment] : undefined;
}

/**
 * Reads a path. `isWhole` is for a path that stands alone: below a node that has no output it gives null, so that a
 * node may read an optional parent that was skipped.
 */
export function readPath(path: PlainPath, scope: Scope, isWhole: boolean): Json | undefined {
  let value: Json | undefined = scope.input;
  if (path.node !== undefined) {
    const view = scope.node(path.node);
    if (view === undefined) return undefined;
    if (path.field === "state") return view.state;
    if (isWhole && view.output === null && view.state !== "succeeded") return null;
    value = view.output;
  }
  for (const segment of path.segments) {
    value = stepInto(value, segment);
    if (value === undefined) return undefined;
  }
  return value;
}

/** Makes the part that reads a path. */
export function evaluatePath(path: PlainPath, isWhole: boolean): Evaluate {
  return (frame) => readPath(path, frame.scope, isWhole) ?? failPath(path, frame, isWhole);
}

function failPath(path: PlainPath, frame: Frame, isWhole: boolean): Json | undefined {
  // `??` comes here for null too, which is a value.
  if (readPath(path, frame.scope, isWhole) === null) return null;
  return fail(frame, () => explainPath(path, frame.scope));
}

/** Says which step of a path failed, and what is there instead. */
function explainPath(path: PlainPath, scope: Scope): { where: string; expected: string; got: string } {
  const view = path.node === undefined ? undefined : scope.node(path.node);
  let where = path.node === undefined ? "input" : `nodes${quoteSegments([path.node])}`;
  if (path.node !== undefined && view === undefined)
    return { where, expected: "a node of the plan", got: "no such node" };
  if (path.node !== undefined) where += ".output";
  let value: Json | undefined = view === undefined ? scope.input : view.output;
  for (const segment of path.segments) {
    const inner: Json | undefined = stepInto(value, segment);
    if (inner === undefined) return { where, expected: expectedFor(segment), got: describe(value) };
    where += quoteSegments([segment]);
    value = inner;
  }
  return { where, expected: "there", got: describe(value) };
}

export function expectedFor(segment: string | number): string {
  return typeof segment === "number"
    ? `a list with an element ${segment}`
    : `a map with the key ${JSON.stringify(segment)}`;
}

const PLAIN = /^[A-Za-z_]\w*$/;
const INDEX = /^(?:0|[1-9]\d{0,8})$/;

/** Writes segments as the shortest text that reads them: `.name`, `[0]`, `["x y"]`. */
export function quoteSegments(segments: readonly (string | number)[]): string {
  let text = "";
  for (const segment of segments) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (PLAIN.test(segment) && !NO_FIELD.has(segment)) text += `.${segment}`;
    else text += `[${INDEX.test(segment) ? segment : JSON.stringify(segment)}]`;
  }
  return text;
}

/**
 * Writes the expression that reads a node's output: `nodes.a.output.b`, `nodes["a-b"].output["x y"]`. A segment that
 * is a whole number, such as "0", becomes `[0]`, which reads the element of a list as well as the key of a map.
 */
export function quoteNodePath(id: string, path: readonly string[]): string {
  const name = PLAIN.test(id) && !NO_FIELD.has(id) ? `.${id}` : `[${JSON.stringify(id)}]`;
  return `nodes${name}.output${quoteSegments(path)}`;
}

/** Writes the expression that reads the run's input: `input.a`, `input["x y"]`. */
export function quoteInputPath(path: readonly string[]): string {
  return `input${quoteSegments(path)}`;
}
