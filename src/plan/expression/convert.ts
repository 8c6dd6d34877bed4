import type { ASTNode } from "@marcbachmann/cel-js";
import { convertAccess } from "./convert-access.ts";
import { convertCall, convertMethod } from "./convert-call.ts";
import { convertList, convertMap } from "./convert-literal.ts";
import { fail, type Evaluate } from "./frame.ts";
import { BINARY, failBoolean, logical, type Binary } from "./operators.ts";
import { constantPart, makesAny, refuse, weigh, type Level, type NodeOf, type Part } from "./part.ts";

const MAX_DEPTH = 32;

/** Turns the parser's tree into parts that run, and notes everything that is outside the subset. */
export function convert(node: ASTNode, outer: Level): Part {
  const level = { ...outer, depth: outer.depth + 1 };
  if (level.depth > MAX_DEPTH) {
    const fix = "Split it over several nodes, or do this work in an action.";
    return refuse(level, node, { expected: `an expression at most ${MAX_DEPTH} levels deep`, fix });
  }
  switch (node.op) {
    case "value":
      return convertValue(node.args, node, level);
    case "list":
      return convertList(node, level);
    case "map":
      return convertMap(node, level);
    case "call":
      return convertCall(node, level);
    case "rcall":
      return convertMethod(node, level);
    case "?:":
      return convertChoice(node, level);
    default:
      return convertOperator(node, level);
  }
}

function convertOperator(node: ASTNode, level: Level): Part {
  switch (node.op) {
    case "id":
    case ".":
    case "[]":
      return convertAccess(node, level);
    case "&&":
    case "||":
      return convertLogical(node, level);
    case "!_":
      return convertNot(node, level);
    case "-_":
      return convertMinus(node, level);
    default:
      return isBinary(node)
        ? convertBinary(node, level)
        : refuse(level, node, { expected: "CEL", fix: "See docs/expressions.md." });
  }
}

function convertValue(value: unknown, node: ASTNode, level: Level): Part {
  if (value === null || typeof value === "string" || typeof value === "boolean") return constantPart(value);
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number") {
    const fix = "Write text in quotes, and numbers without the letter u.";
    return refuse(level, node, { expected: "text, a number, true, false or null", fix });
  }
  if (Math.abs(number) <= Number.MAX_SAFE_INTEGER) return constantPart(number);
  return refuse(level, node, { expected: "a number within +-(2^53 - 1)", fix: "JSON numbers can't hold it exactly." });
}

function convertChoice(node: NodeOf<"?:">, level: Level): Part {
  const [condition, yes, no] = [
    convert(node.args[0], level),
    convert(node.args[1], level),
    convert(node.args[2], level),
  ];
  const run: Evaluate = (frame) => {
    const isTrue = condition.run(frame);
    if (isTrue === undefined) return undefined;
    if (typeof isTrue !== "boolean") return failBoolean(frame, "the condition before ?", isTrue);
    return isTrue ? yes.run(frame) : no.run(frame);
  };
  return { run, weight: weigh([condition, yes, no]), makes: makesAny([yes, no]) };
}

/** A chain of one logical operator is one part, so that a long one is not deep. */
function convertLogical(node: NodeOf<"&&" | "||">, level: Level): Part {
  const operands: ASTNode[] = [];
  let left: ASTNode = node;
  while (left.op === node.op) {
    operands.push(left.args[1]);
    left = left.args[0];
  }
  operands.push(left);
  const parts = operands.reverse().map((operand) => convert(operand, level));
  const runs = parts.map((part) => part.run);
  return { run: logical(runs, node.op === "||"), weight: weigh(parts), makes: false };
}

function convertNot(node: NodeOf<"!_">, level: Level): Part {
  const operand = convert(node.args, level);
  const run: Evaluate = (frame) => {
    const value = operand.run(frame);
    if (typeof value === "boolean") return !value;
    return value === undefined ? undefined : failBoolean(frame, "the operand of !", value);
  };
  return { run, weight: weigh([operand]), makes: false };
}

function convertMinus(node: NodeOf<"-_">, level: Level): Part {
  const operand = convert(node.args, level);
  if (typeof operand.constant === "number") return constantPart(0 - operand.constant);
  const run: Evaluate = (frame) => {
    const value = operand.run(frame);
    if (typeof value === "number") return 0 - value;
    if (value === undefined) return undefined;
    return fail(frame, () => ({
      where: "the operand of -",
      expected: "a number",
      got: `a value of type ${typeof value}`,
    }));
  };
  return { run, weight: weigh([operand]), makes: false };
}

type BinaryNode = NodeOf<keyof typeof BINARY>;

function isBinary(node: ASTNode): node is BinaryNode {
  return Object.hasOwn(BINARY, node.op);
}

/** A chain such as `a + b - c` is one part, so that a long one is not deep. */
function convertBinary(node: BinaryNode, level: Level): Part {
  const steps: { readonly operate: Binary; readonly part: Part }[] = [];
  let left: ASTNode = node;
  while (isBinary(left)) {
    steps.push({ operate: BINARY[left.op], part: convert(left.args[1], level) });
    left = left.args[0];
  }
  const first = convert(left, level);
  steps.reverse();
  const parts = [first, ...steps.map((step) => step.part)];
  const run: Evaluate = (frame) => {
    let value = first.run(frame);
    for (const step of steps) {
      if (value === undefined) return undefined;
      const right = step.part.run(frame);
      value = right === undefined ? undefined : step.operate(frame, value, right);
    }
    return value;
  };
  return { run, weight: weigh(parts) + steps.length, makes: steps.at(-1)?.operate === BINARY["+"] };
}
