import { isJsonObject, type Json } from "../../base/index.ts";
import { COST_OF_KEY, describe, fail, spend, type Frame } from "./frame.ts";
import { isList, toSafeNumber } from "./operators.ts";
import { findText } from "./find-text.ts";

/** A function over values: of one value, or of a receiver and an argument. */
export interface NamedFunction {
  /** How many values it takes, the receiver included. */
  readonly count: 1 | 2;
  readonly run: (frame: Frame, value: Json, argument: Json) => Json | undefined;
}

const one = (run: NamedFunction["run"]): NamedFunction => ({ count: 1, run });
const two = (run: NamedFunction["run"]): NamedFunction => ({ count: 2, run });

/** `name(value)`. */
export const FUNCTIONS: Readonly<Record<string, NamedFunction>> = {
  size: one(sizeOf),
  string: one(toText),
  int: one((frame, value) => {
    const number = toNumber(frame, "int", value);
    return number === undefined ? undefined : toSafeNumber(frame, Math.trunc(number), "int()");
  }),
  double: one((frame, value) => toNumber(frame, "double", value)),
};

/** `value.name(argument)`. */
export const METHODS: Readonly<Record<string, NamedFunction>> = {
  size: one(sizeOf),
  startsWith: onTexts("startsWith", (frame, text, part) =>
    spend(frame, part.length >> 4) ? text.startsWith(part) : undefined,
  ),
  endsWith: onTexts("endsWith", (frame, text, part) =>
    spend(frame, part.length >> 4) ? text.endsWith(part) : undefined,
  ),
  contains: onTexts("contains", (frame, text, part) =>
    spend(frame, (text.length + part.length) / 3) ? findText(text, part) !== -1 : undefined,
  ),
  lowerAscii: onText("lowerAscii", (text) =>
    isAscii(text) ? text.toLowerCase() : text.replace(/[A-Z]+/g, (part) => part.toLowerCase()),
  ),
  upperAscii: onText("upperAscii", (text) =>
    isAscii(text) ? text.toUpperCase() : text.replace(/[a-z]+/g, (part) => part.toUpperCase()),
  ),
  trim: onText("trim", (text) => text.trim()),
  join: two(join),
};

function onText(name: string, change: (text: string) => string): NamedFunction {
  return one((frame, value) => {
    if (typeof value !== "string") return failArgument(frame, { name, expected: "a text" }, value);
    // Outside ASCII each run of letters is a call, so that alternating ones are the dearest.
    return spend(frame, isAscii(value) ? 1 + (value.length >> 2) : 2 * value.length) ? change(value) : undefined;
  });
}

function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

const NOT_ASCII = /[^\0-\x7f]/;

type OnTexts = (frame: Frame, text: string, part: string) => boolean | undefined;

function onTexts(name: string, decide: OnTexts): NamedFunction {
  return two((frame, value, argument) => {
    if (typeof value !== "string") return failArgument(frame, { name, expected: "a text" }, value);
    if (typeof argument !== "string") return failArgument(frame, { name, expected: "a text" }, argument);
    return decide(frame, value, argument);
  });
}

function sizeOf(frame: Frame, value: Json): number | undefined {
  if (typeof value === "string") return spend(frame, value.length >> 3) ? countCodePoints(value) : undefined;
  if (isList(value)) return value.length;
  if (!isJsonObject(value)) return failArgument(frame, { name: "size", expected: "a text, list or map" }, value);
  const count = Object.keys(value).length;
  return spend(frame, count * COST_OF_KEY) ? count : undefined;
}

function countCodePoints(text: string): number {
  let count = text.length;
  for (let index = 1; index < text.length; index++) {
    const isLow = (text.charCodeAt(index) & 0xfc00) === 0xdc00;
    if (isLow && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800) count--;
  }
  return count;
}

function toText(frame: Frame, value: Json): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return failArgument(frame, { name: "string", expected: "a text, number or boolean" }, value);
}

const NUMBER = /^-?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,4})?$/;

function toNumber(frame: Frame, name: string, value: Json): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.length > 100 || !NUMBER.test(value)) {
    return failArgument(frame, { name, expected: "a number, or a text that is one" }, value);
  }
  return toSafeNumber(frame, Number(value), `${name}()`);
}

function join(frame: Frame, value: Json, separator: Json): string | undefined {
  if (!isList(value)) return failArgument(frame, { name: "join", expected: "a list of texts" }, value);
  if (typeof separator !== "string")
    return failArgument(frame, { name: "join", expected: "a text as separator" }, separator);
  let text = "";
  for (const [index, item] of value.entries()) {
    if (typeof item !== "string") return failArgument(frame, { name: "join", expected: "a list of texts" }, item);
    if (!spend(frame, 1 + ((item.length + separator.length) >> 4))) return undefined;
    text += index === 0 ? item : separator + item;
  }
  return text;
}

interface Wanted {
  readonly name: string;
  readonly expected: string;
}

function failArgument(frame: Frame, { name, expected }: Wanted, got: Json): undefined {
  return fail(frame, () => ({ where: `what ${name}() is given`, expected, got: describe(got) }));
}
