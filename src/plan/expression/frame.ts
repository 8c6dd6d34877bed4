import type { Json, Problem } from "../../base/index.ts";
import { isJsonObject, toInputError, type InputError } from "../../base/index.ts";
import type { Scope } from "./contract.ts";

/**
 * What one evaluation may cost. One unit is about one small step: an element of a list, a key of a map, sixteen
 * characters of text. It is counted, not timed, so that a run decides the same on every machine.
 */
const FUEL = 1_000_000;
/** Listing the keys of a large map takes this much for each. */
export const COST_OF_KEY = 6;
/** What each further `${ }` of a template adds, so that long templates of cheap expressions are never refused. */
const FUEL_OF_SLOT = 1_000;
/** Size of a result, in about its characters as JSON. */
const OUTPUT_SIZE = 16_000_000;

/** What went wrong, in words that are put together only if nobody absorbs the failure. */
interface Failure {
  readonly where: string;
  readonly expected: string;
  readonly got: string;
  readonly fix?: string;
}

/** Where an expression stands: the path in the plan, and its text. */
export interface Place {
  readonly path: string;
  readonly text: string;
}

/** One evaluation: what it sees, what it may still spend, and why it failed. */
export interface Frame {
  readonly scope: Scope;
  /** Values of the macro variables, outermost first. */
  readonly variables: Json[];
  fuel: number;
  outputLeft: number;
  failure: (() => Failure) | undefined;
  /** The place of the failed expression, where a template has several. */
  place: Place | undefined;
}

/** Part of an expression, ready to run. It gives undefined when it failed; the frame then knows why. */
export type Evaluate = (frame: Frame) => Json | undefined;

export function createFrame(scope: Scope, slots: number): Frame {
  return {
    scope,
    variables: [],
    fuel: FUEL + slots * FUEL_OF_SLOT,
    outputLeft: OUTPUT_SIZE,
    failure: undefined,
    place: undefined,
  };
}

/** Pays for work; false when there is not enough left, and the evaluation must end. */
export function spend(frame: Frame, units: number): boolean {
  frame.fuel -= units;
  return frame.fuel >= 0;
}

/** Notes a failure and gives undefined. */
export function fail(frame: Frame, failure: () => Failure): undefined {
  frame.failure = failure;
}

/** Makes the error of an evaluation that gave undefined. */
export function toEvaluationError(frame: Frame, place: Place): InputError {
  const { path, text } = frame.place ?? place;
  const failure = frame.failure?.();
  const isSpent = frame.fuel < 0 || frame.outputLeft < 0 || failure === undefined;
  const problem: Problem = isSpent ? costly(path, frame) : toProblem(path, failure);
  return toInputError(`The expression ${quote(text)} could not be evaluated`, [problem]);
}

function toProblem(path: string, failure: Failure): Problem {
  return {
    code: "EXPRESSION_FAILED",
    path,
    expected: `${failure.where} to be ${failure.expected}`,
    got: failure.got,
    fix: failure.fix ?? "Correct the expression or what it reads; has(...) tells whether a field is there.",
  };
}

function costly(path: string, frame: Frame): Problem {
  const isOutput = frame.outputLeft < 0;
  return {
    code: "EXPRESSION_TOO_COSTLY",
    path,
    expected: isOutput ? "a value of at most about 16 MB" : "an expression that is cheap for the data it reads",
    got: isOutput ? "a larger one" : `more than ${FUEL} steps`,
    fix: "Read less, or do this work in an action.",
  };
}

/** Quotes at most 80 characters of text. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

/** Says in a few words what a value is. */
export function describe(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return `the text ${quote(value)}`;
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (!isJsonObject(value)) return `a list of ${value.length}`;
  const keys = Object.keys(value);
  const shown = keys.slice(0, 8).map((key) => (key.length > 40 ? `${key.slice(0, 37)}...` : key));
  if (keys.length === 0) return "an empty map";
  return `a map with the keys ${shown.join(", ")}${keys.length > shown.length ? `, ... (${keys.length})` : ""}`;
}
