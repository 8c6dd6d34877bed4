import type { ASTNode } from "@marcbachmann/cel-js";
import type { Json, Problem } from "../../base/index.ts";
import { quote, type Evaluate } from "./frame.ts";
import type { PlainPath } from "./plain-path.ts";

/** A converted piece of an expression. */
export interface Part {
  readonly run: Evaluate;
  /** Steps that running it once takes, without the turns of macros, which are charged as they are taken. */
  readonly weight: number;
  /** Whether its value may be a list or map that it made itself, so that the size must be looked at. */
  readonly makes: boolean;
  /** Set when it is nothing but a path. */
  readonly path?: PlainPath;
  /** Set when it is a literal. */
  readonly constant?: Json;
}

/** What is found out while one expression is converted. */
export interface Conversion {
  readonly text: string;
  readonly path: string;
  readonly problems: Problem[];
  readonly nodes: Set<string>;
}

/** Where in the expression the conversion is. */
export interface Level {
  readonly conversion: Conversion;
  /** Names of the macro variables, outermost first. */
  readonly variables: readonly string[];
  readonly depth: number;
  /** Converts a part of a part; handed down, since the converters of the parts can't import their own caller. */
  readonly convert: (node: ASTNode, level: Level) => Part;
}

/** A node of the parser's tree with one of these operators. */
export type NodeOf<Operator extends ASTNode["op"]> = Extract<ASTNode, { readonly op: Operator }>;

export function constantPart(constant: Json): Part {
  return { run: () => constant, weight: 1, makes: false, constant };
}

/** A piece of the text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Enough to correct the expression; a hostile one could have thousands. */
const MAX_PROBLEMS = 20;

/** Stands for what was refused; never runs, since an expression with problems isn't given out. */
const NOTHING: Part = { run: () => null, weight: 0, makes: false };

interface Complaint {
  readonly code?: string;
  readonly expected: string;
  readonly fix: string;
  /** Absent: the piece of text. */
  readonly got?: string;
}

/** Notes a problem and gives a part that stands for it. */
export function refuse(level: Level, range: Range, complaint: Complaint): Part {
  const { conversion } = level;
  if (conversion.problems.length >= MAX_PROBLEMS) return NOTHING;
  const piece = quote(conversion.text.slice(range.start, range.end));
  conversion.problems.push({
    code: complaint.code ?? "EXPRESSION_REFUSED",
    path: conversion.path,
    expected: complaint.expected,
    got: complaint.got ?? `${piece} at column ${range.start + 1} of ${quote(conversion.text)}`,
    fix: complaint.fix,
  });
  return NOTHING;
}

/** Sums up what parts together cost. */
export function weigh(parts: readonly Part[]): number {
  let weight = 1;
  for (const part of parts) weight += part.weight;
  return weight;
}

export function makesAny(parts: readonly Part[]): boolean {
  return parts.some((part) => part.makes);
}
