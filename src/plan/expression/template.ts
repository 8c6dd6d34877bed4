import { isForbiddenKey, isJsonObject, type Json, type JsonObject, type Problem } from "../../base/index.ts";
import { formatPath } from "../../base/index.ts";
import { compileProgram, type Program } from "./compile.ts";
import type { CompileResult, Scope } from "./contract.ts";
import { createFrame, describe, fail, toEvaluationError, type Evaluate, type Frame, type Place } from "./frame.ts";
import { measure } from "./measure.ts";
import { findSlotEnd } from "./scan.ts";

const MAX_DEPTH = 64;

/** What is found out while one template is compiled. */
interface Work {
  readonly root: string;
  readonly problems: Problem[];
  readonly nodes: Set<string>;
  slots: number;
}

/** Where in the template the work is. */
interface Spot {
  readonly work: Work;
  readonly path: string;
  readonly depth: number;
}

/** A constant, or something that is worked out. Constants stay the objects they were. */
type Piece = { readonly tag: "constant"; readonly value: Json } | { readonly tag: "dynamic"; readonly run: Evaluate };

/**
 * Compiles a template: JSON whose texts may hold `${ expression }`. A text that is exactly one `${ ... }` becomes the
 * expression's value; inside other text numbers, booleans and text are filled in; `$${` stands for `${` itself.
 * `path` says where the template stands, for problems. Never throws; codes as for `compileExpression`.
 */
export function compileTemplate(template: Json, path: string): CompileResult {
  const work: Work = { root: path, problems: [], nodes: new Set(), slots: 0 };
  const piece = compilePiece(template, { work, path, depth: 0 });
  if (work.problems.length > 0) return { tag: "refused", problems: work.problems };
  const nodes = [...work.nodes];
  if (piece.tag === "constant") {
    const { value } = piece;
    return { tag: "compiled", compiled: { nodes, evaluate: () => value } };
  }
  const { run } = piece;
  const { slots } = work;
  const evaluate = (scope: Scope): Json => {
    const frame = createFrame(scope, slots);
    const value = run(frame);
    if (value === undefined) throw toEvaluationError(frame, { path, text: "${ }" });
    return value;
  };
  return { tag: "compiled", compiled: { nodes, evaluate } };
}

function constant(value: Json): Piece {
  return { tag: "constant", value };
}

/** A value that is its own template, and needs no place. */
function isPlain(value: Json): boolean {
  return typeof value === "string" ? !value.includes("${") : typeof value !== "object" || value === null;
}

function compilePiece(value: Json, spot: Spot): Piece {
  if (typeof value === "string" && !isPlain(value)) return compileText(value, spot);
  if (typeof value !== "object" || value === null) return constant(value);
  if (spot.depth >= MAX_DEPTH) {
    complain(spot, "JSON_TOO_DEEP", [`at most ${MAX_DEPTH} lists and maps inside each other`, "more", "Flatten it."]);
    return { tag: "constant", value: null };
  }
  return isJsonObject(value) ? compileMap(value, spot) : compileList(value, spot);
}

function complain({ work, path }: Spot, code: string, [expected, got, fix]: readonly [string, string, string]): void {
  work.problems.push({ code, path, expected, got, fix });
}

function inside(spot: Spot, segment: string | number): Spot {
  const step = formatPath([segment]);
  const isJoined = step.startsWith("[") || spot.path === "";
  return { work: spot.work, path: `${spot.path}${isJoined ? "" : "."}${step}`, depth: spot.depth + 1 };
}

function compileList(list: readonly Json[], spot: Spot): Piece {
  const pieces = list.map((item, index) => (isPlain(item) ? constant(item) : compilePiece(item, inside(spot, index))));
  if (pieces.every((piece, index) => piece.tag === "constant" && piece.value === list[index]))
    return { tag: "constant", value: list };
  const run: Evaluate = (frame) => {
    const made: Json[] = [];
    for (const piece of pieces) {
      const value = piece.tag === "constant" ? piece.value : piece.run(frame);
      if (value === undefined) return undefined;
      made.push(value);
    }
    return made;
  };
  return { tag: "dynamic", run };
}

function compileMap(map: JsonObject, spot: Spot): Piece {
  const pieces: { readonly key: string; readonly piece: Piece }[] = [];
  let isConstant = true;
  for (const key of Object.keys(map)) {
    if (isForbiddenKey(key))
      complain(spot, "JSON_FORBIDDEN_KEY", ["a harmless key", JSON.stringify(key), "Rename it."]);
    const value = map[key] ?? null;
    const piece = isPlain(value) ? constant(value) : compilePiece(value, inside(spot, key));
    if (piece.tag !== "constant" || piece.value !== value) isConstant = false;
    pieces.push({ key, piece });
  }
  if (isConstant) return { tag: "constant", value: map };
  const run: Evaluate = (frame) => {
    const made: Record<string, Json> = {};
    for (const { key, piece } of pieces) {
      const value = piece.tag === "constant" ? piece.value : piece.run(frame);
      if (value === undefined) return undefined;
      made[key] = value;
    }
    return made;
  };
  return { tag: "dynamic", run };
}

/** Splits a text at its `${ }`, in order. */
function compileText(text: string, spot: Spot): Piece {
  const pieces: Piece[] = [];
  let literal = "";
  let at = 0;
  for (let next = text.indexOf("${"); next !== -1; next = text.indexOf("${", at)) {
    const isEscaped = next > at && text[next - 1] === "$";
    literal += text.slice(at, isEscaped ? next - 1 : next);
    at = next + 2;
    if (isEscaped) {
      literal += "${";
      continue;
    }
    const end = findSlotEnd(text, at);
    if (end === -1) {
      complain(spot, "EXPRESSION_SYNTAX", ["a } that ends ${", "none", "Close it, or write $${ for the two signs."]);
      return { tag: "constant", value: text };
    }
    if (literal !== "") pieces.push({ tag: "constant", value: literal });
    literal = "";
    pieces.push(compileSlot(text.slice(at, end), spot, next === 0 && end === text.length - 1));
    at = end + 1;
  }
  literal += text.slice(at);
  const [first] = pieces;
  if (first === undefined) return { tag: "constant", value: literal };
  if (pieces.length === 1 && literal === "") return first;
  pieces.push({ tag: "constant", value: literal });
  return { tag: "dynamic", run: (frame) => fillIn(frame, pieces) };
}

function fillIn(frame: Frame, pieces: readonly Piece[]): string | undefined {
  let filled = "";
  for (const piece of pieces) {
    const value = piece.tag === "constant" ? piece.value : piece.run(frame);
    if (value === undefined) return undefined;
    const part = typeof value === "string" ? value : JSON.stringify(value);
    frame.outputLeft -= part.length;
    if (frame.outputLeft < 0) return undefined;
    filled += part;
  }
  return filled;
}

function compileSlot(text: string, spot: Spot, isWhole: boolean): Piece {
  const { work, path, depth } = spot;
  work.slots++;
  const result = compileProgram(text, path);
  if (result.tag === "refused") {
    work.problems.push(...result.problems);
    return { tag: "constant", value: null };
  }
  const { program } = result;
  for (const node of program.nodes) work.nodes.add(node);
  return {
    tag: "dynamic",
    run: isWhole ? wholeSlot(program, { path, text }, depth) : textSlot(program, { path, text }),
  };
}

function wholeSlot({ run, makes }: Program, place: Place, depth: number): Evaluate {
  return (frame) => {
    const value = run(frame);
    // A value that stands alone and was there before can't be larger than it was.
    const isMeasured = makes || (depth > 0 && typeof value === "object");
    if (value !== undefined && (!isMeasured || measure(frame, value, depth))) return value;
    frame.place ??= place;
    return undefined;
  };
}

function textSlot({ run }: Program, place: Place): Evaluate {
  return (frame) => {
    const value = run(frame);
    if (value !== undefined && typeof value !== "object") return value;
    frame.place ??= place;
    if (value === undefined) return undefined;
    return fail(frame, () => ({
      where: "what is filled into text",
      expected: "text, a number or a boolean",
      got: describe(value),
      fix: "Let ${ } stand alone to give the value itself, or read a field of it.",
    }));
  };
}
