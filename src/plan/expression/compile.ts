import type * as Library from "@marcbachmann/cel-js";
import { DefectError, loadPackage, type Problem } from "../../base/index.ts";
import type { Compiled, CompileResult, Scope } from "./contract.ts";
import { convert } from "./convert.ts";
import { createFrame, quote, toEvaluationError, type Evaluate, type Place } from "./frame.ts";
import { measure } from "./measure.ts";
import { evaluatePath, parsePlainPath, type PlainPath } from "./plain-path.ts";
import type { Conversion } from "./part.ts";
import { deepestNesting } from "./scan.ts";

const MAX_LENGTH = 4096;
const MAX_NESTING = 32;
const CACHED = 1_000;

/** An expression without its place in a plan. */
export interface Program {
  readonly nodes: readonly string[];
  readonly run: Evaluate;
  readonly makes: boolean;
}

/** A program, or every problem. */
type ProgramResult =
  | { readonly tag: "program"; readonly program: Program }
  | { readonly tag: "refused"; readonly problems: readonly Problem[] };

/** Programs by their texts: plans repeat the same conditions. The oldest goes first. */
const cache = new Map<string, Program>();

/**
 * Checks and compiles an expression: a declared subset of CEL over JSON (docs/expressions.md). `path` says where it
 * stands, for problems. Never throws: what is wrong with the text comes back as problems, with the codes
 * EXPRESSION_SYNTAX, EXPRESSION_REFUSED, EXPRESSION_UNKNOWN_NAME and EXPRESSION_TOO_LONG.
 */
export function compileExpression(text: string, path: string): CompileResult {
  const result = compileProgram(text, path);
  if (result.tag === "refused") return result;
  return { tag: "compiled", compiled: toCompiled(result.program, { path, text }) };
}

function toCompiled({ nodes, run, makes }: Program, place: Place): Compiled {
  const evaluate = (scope: Scope): ReturnType<Compiled["evaluate"]> => {
    const frame = createFrame(scope, 0);
    const value = run(frame);
    if (value === undefined || (makes && !measure(frame, value, 0))) throw toEvaluationError(frame, place);
    return value;
  };
  return { nodes, evaluate };
}

/** Compiles a text, or takes what it was compiled to before. */
export function compileProgram(text: string, path: string): ProgramResult {
  if (text.length > MAX_LENGTH) return refused(tooLong(text, path));
  const plain = parsePlainPath(text);
  if (plain !== undefined) return { tag: "program", program: pathProgram(plain) };
  const cached = cache.get(text);
  if (cached !== undefined) return { tag: "program", program: cached };
  const result = parseProgram(text, path);
  if (result.tag === "program") remember(text, result.program);
  return result;
}

function remember(text: string, program: Program): void {
  const [oldest] = cache.keys();
  if (cache.size >= CACHED && oldest !== undefined) cache.delete(oldest);
  cache.set(text, program);
}

const NO_NODES: readonly string[] = [];

function pathProgram(path: PlainPath): Program {
  return { nodes: path.node === undefined ? NO_NODES : [path.node], run: evaluatePath(path, true), makes: false };
}

function parseProgram(text: string, path: string): ProgramResult {
  if (deepestNesting(text) > MAX_NESTING) {
    const fix = "Split it over several nodes, or do this work in an action.";
    const expected = `brackets, ! and - at most ${MAX_NESTING} deep`;
    return refused({ code: "EXPRESSION_REFUSED", path, expected, got: `deeper ones in ${quote(text)}`, fix });
  }
  const conversion: Conversion = { text, path, problems: [], nodes: new Set() };
  const library = parser();
  try {
    const { ast } = library.parse(text);
    const part = convert(ast, { conversion, variables: [], depth: 0, convert });
    if (conversion.problems.length > 0) return { tag: "refused", problems: conversion.problems };
    if (part.path !== undefined) return { tag: "program", program: pathProgram(part.path) };
    return { tag: "program", program: { nodes: [...conversion.nodes], run: part.run, makes: part.makes } };
  } catch (error) {
    return refused(toSyntaxProblem(error, { text, path }));
  }
}

let environment: Library.Environment | undefined;

/** The library is loaded with the first expression that is more than a path: most processes never need it. */
function parser(): Library.Environment {
  if (environment !== undefined) return environment;
  const library = loadPackage("@marcbachmann/cel-js");
  if (!isLibrary(library))
    throw new DefectError("PARSER_MISSING", "Expected the CEL parser, got another package. Reinstall.");
  environment = new library.Environment({ limits: { maxDepth: 250, maxAstNodes: 5_000, maxListElements: 2_100 } });
  return environment;
}

function isLibrary(value: unknown): value is typeof Library {
  return typeof value === "object" && value !== null && "Environment" in value;
}

function toSyntaxProblem(error: unknown, { text, path }: Place): Problem {
  if (!(error instanceof Error)) throw error;
  // The library names what it met and where; a limit of its own is no mistake of grammar.
  const summary = "summary" in error && typeof error.summary === "string" ? error.summary : error.message;
  const range = "range" in error && typeof error.range === "object" && error.range !== null ? error.range : {};
  const column = "start" in range && typeof range.start === "number" ? ` at column ${range.start + 1}` : "";
  const isLimit = "code" in error && error.code === "limit_exceeded";
  return {
    code: isLimit ? "EXPRESSION_REFUSED" : "EXPRESSION_SYNTAX",
    path,
    expected: "an expression in the subset of CEL",
    got: `${quote(text)}: ${summary}${column}`,
    fix: "Correct the text; text values stand in quotes. See docs/expressions.md.",
  };
}

function tooLong(text: string, path: string): Problem {
  return {
    code: "EXPRESSION_TOO_LONG",
    path,
    expected: `at most ${MAX_LENGTH} characters`,
    got: `${text.length}`,
    fix: "Split it over several nodes, or do this work in an action.",
  };
}

function refused(problem: Problem): ProgramResult {
  return { tag: "refused", problems: [problem] };
}
