import { InputError, parseStrictJson, type Json } from "../base/index.ts";

/** A document that came from outside, or why it is refused. */
export type Parsed =
  | { readonly tag: "parsed"; readonly value: Json }
  | { readonly tag: "refused"; readonly why: string };

/** Parses strict JSON of any length; the reader of the bytes has its own limit. */
export function parseJson(text: string): Parsed {
  try {
    return { tag: "parsed", value: parseStrictJson(text, { maxBytes: Number.MAX_SAFE_INTEGER }) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const problem = error.problems[0];
    return { tag: "refused", why: problem === undefined ? error.code : `${problem.code}: ${problem.got}` };
  }
}
