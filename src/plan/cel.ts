import { InputError } from "../base/index.ts";
import {
  createRef,
  factsOf,
  partOf,
  readsOf,
  requireFacts,
  textOf,
  type Handle,
  type HandleFacts,
  type Ref,
} from "./handles.ts";

/** What an expression may be made of, beside its text. */
export type CelValue = Handle<unknown> | string | number | boolean | null;

/**
 * Writes an expression over handles, worked out when the plan runs: cel`${left.left} > 0`. Handles stand for their
 * values; text, numbers, booleans and null are written as literals, safely quoted. `V` is what it gives: boolean
 * unless said otherwise, as in cel<number>`${cart.cents} * 2`. See docs/expressions.md for the language.
 *
 * @throws {InputError} HANDLE_FOREIGN when it mixes handles of two plans, BINDING_NOT_JSON for a value that is no JSON.
 */
export function cel<V = boolean>(texts: TemplateStringsArray, ...values: readonly CelValue[]): Ref<V> {
  let text = unescapeRaw(texts.raw[0] ?? "");
  values.forEach((value, index) => {
    text += writeValue(value) + unescapeRaw(texts.raw[index + 1] ?? "");
  });
  return createRef({ ...gatherFacts(text.trim(), values), path: [] });
}

/**
 * Gives another value where the first one is null or missing. Needed for optional fields of the input:
 * `orElse(input.note, "")`.
 *
 * @throws {InputError} as `cel` does.
 */
export function orElse<V, const D extends CelValue>(
  ref: Handle<V>,
  otherwise: D,
): Ref<Exclude<V, null | undefined> | (D extends Handle<infer W> ? W : D)> {
  const facts = requireFacts(ref);
  const text = textOf(facts);
  // `has` takes paths only; an expression without a path is always there.
  const isPath = facts.path.length > 0 || facts.source.tag !== "expression";
  const isThere = isPath && text !== "input" ? `has(${text}) && ${text} != null` : `(${text}) != null`;
  const whole = `${isThere} ? ${isPath ? text : `(${text})`} : ${writeValue(otherwise)}`;
  return createRef({ ...gatherFacts(whole, [ref, otherwise]), path: [] });
}

function gatherFacts(text: string, values: readonly CelValue[]): Omit<HandleFacts, "path"> {
  const all = values.map(factsOf).filter((facts) => facts !== undefined);
  const owner = all.find((facts) => facts.owner !== undefined)?.owner;
  const foreign = all.find((facts) => facts.owner !== undefined && facts.owner !== owner);
  if (foreign !== undefined) refuseForeign(foreign);
  return { owner, source: { tag: "expression", text, reads: all.flatMap(readsOf) } };
}

/** Refuses a handle of another plan. */
export function refuseForeign(facts: HandleFacts): never {
  const message = `expected a handle of this plan, got ${textOf(facts)} of another plan`;
  throw new InputError("HANDLE_FOREIGN", `${message}. Pass the value through the plan's input instead.`);
}

function writeValue(value: CelValue): string {
  const facts = factsOf(value);
  if (facts !== undefined) return partOf(facts);
  if (typeof value === "string") return writeText(value);
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "boolean" || value === null) return String(value);
  const message = `expected a handle, text, a number, a boolean or null in cel\`...\`, got ${typeof value}`;
  throw new InputError("BINDING_NOT_JSON", `${message}. Take a field of it, or write it as part of the expression.`);
}

function writeText(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text);
  throw new InputError(
    "BINDING_NOT_JSON",
    "expected well-formed text in cel`...`, got half of a surrogate pair. Remove it.",
  );
}

function writeNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new InputError(
      "BINDING_NOT_JSON",
      `expected a finite number in cel\`...\`, got ${value}. Give null instead.`,
    );
  }
  return String(value);
}

/** In a template literal a backslash also keeps a backtick or dollar sign from ending the text. */
function unescapeRaw(raw: string): string {
  return raw.replace(/\\([\\`$])/g, (both, character: string) => (character === "\\" ? both : character));
}
