import { isJsonObject, type Json } from "../../base/index.ts";
import { isEqual } from "./equality.ts";
import { describe, fail, spend, type Evaluate, type Frame } from "./frame.ts";

/** What a binary operator does with its two values. */
export type Binary = (frame: Frame, left: Json, right: Json) => Json | undefined;

type Sign = "+" | "-" | "*" | "/" | "%" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in";

/** All binary operators but the logical ones, which don't always need both values. */
export const BINARY: Readonly<Record<Sign, Binary>> = {
  "+": add,
  "-": arithmetic("-", (left, right) => left - right),
  "*": arithmetic("*", (left, right) => left * right),
  "/": arithmetic("/", (left, right) => left / right),
  "%": arithmetic("%", (left, right) => left % right),
  "==": isEqual,
  "!=": (frame, left, right) => {
    const isSame = isEqual(frame, left, right);
    return isSame === undefined ? undefined : !isSame;
  },
  "<": ordering("<", (order) => order < 0),
  "<=": ordering("<=", (order) => order <= 0),
  ">": ordering(">", (order) => order > 0),
  ">=": ordering(">=", (order) => order >= 0),
  in: isIn,
};

function arithmetic(sign: string, compute: (left: number, right: number) => number): Binary {
  return (frame, left, right) => {
    if (typeof left !== "number" || typeof right !== "number") return failOperands(frame, sign, [left, right]);
    return toSafeNumber(frame, compute(left, right), sign);
  };
}

/** Lets only numbers through that JSON holds exactly; minus zero becomes zero. */
export function toSafeNumber(frame: Frame, value: number, where: string): number | undefined {
  if (value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER) return value + 0;
  return fail(frame, () => ({
    where: `the result of ${where}`,
    expected: "a finite number within +-(2^53 - 1)",
    got: Number.isNaN(value) ? "no number" : String(value),
  }));
}

function add(frame: Frame, left: Json, right: Json): Json | undefined {
  if (typeof left === "number" && typeof right === "number") return toSafeNumber(frame, left + right, "+");
  if (typeof left === "string" && typeof right === "string") {
    return spend(frame, 1 + ((left.length + right.length) >> 4)) ? left + right : undefined;
  }
  if (isList(left) && isList(right)) {
    return spend(frame, 1 + left.length + right.length) ? [...left, ...right] : undefined;
  }
  return failOperands(frame, "+", [left, right]);
}

function ordering(sign: string, decide: (order: number) => boolean): Binary {
  return (frame, left, right) => {
    if (typeof left === "number" && typeof right === "number") return decide(left - right);
    if (typeof left !== "string" || typeof right !== "string") return failOperands(frame, sign, [left, right]);
    if (!spend(frame, Math.min(left.length, right.length) >> 4)) return undefined;
    if (left === right) return decide(0);
    return decide(left < right ? -1 : 1);
  };
}

function isIn(frame: Frame, left: Json, right: Json): boolean | undefined {
  if (isList(right)) return isInList(frame, left, right);
  if (isJsonObject(right) && typeof left === "string") {
    return spend(frame, left.length >> 4) ? Object.hasOwn(right, left) : undefined;
  }
  return failOperands(frame, "in", [left, right]);
}

function isInList(frame: Frame, wanted: Json, list: readonly Json[]): boolean | undefined {
  for (const item of list) {
    if (!spend(frame, 1)) return undefined;
    const isSame = isEqual(frame, item, wanted);
    if (isSame !== false) return isSame;
  }
  return false;
}

const OPERANDS: Readonly<Record<string, string>> = {
  "+": "two numbers, two texts or two lists",
  in: "a list, or a text and a map,",
};

function failOperands(frame: Frame, sign: string, [left, right]: readonly [Json, Json]): undefined {
  const isOrdering = sign.startsWith("<") || sign.startsWith(">");
  return fail(frame, () => ({
    where: `the operands of ${sign}`,
    expected: OPERANDS[sign] ?? (isOrdering ? "two numbers or two texts" : "two numbers"),
    got: `${describe(left)} and ${describe(right)}`,
    fix: "Convert with string(...), int(...) or double(...), or read another field.",
  }));
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/**
 * All of `parts` for `&&` (`decisive` false), any for `||` (`decisive` true). As in CEL, a decisive value wins over a
 * failure on either side of it.
 */
export function logical(parts: readonly Evaluate[], decisive: boolean): Evaluate {
  const sign = decisive ? "||" : "&&";
  return (frame) => {
    let failure: Frame["failure"];
    for (const part of parts) {
      const value = part(frame);
      if (value === decisive) return decisive;
      if (value === undefined && frame.fuel < 0) return undefined;
      if (value !== undefined && value !== !decisive) failBoolean(frame, `an operand of ${sign}`, value);
      if (value !== !decisive) failure ??= frame.failure;
    }
    if (failure === undefined) return !decisive;
    return fail(frame, failure);
  };
}

export function failBoolean(frame: Frame, where: string, got: Json): undefined {
  return fail(frame, () => ({ where, expected: "true or false", got: describe(got) }));
}
