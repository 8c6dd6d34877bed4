import { InputError, parseStrictJson, type Json } from "../base/index.ts";
import type { WaitReport } from "../plan/index.ts";
import { badValue } from "./parse-arguments.ts";

const WORDS: Readonly<Record<string, boolean>> = { yes: true, y: true, true: true, no: false, n: false, false: false };

/**
 * Reads an answer: JSON as it is. Yes and no where a question takes nothing else; other words where it takes more than
 * yes and no.
 *
 * @throws {InputError} CLI_BAD_VALUE
 */
export function toAnswer(text: string, wait: WaitReport | undefined): Json {
  const word = WORDS[text.toLowerCase()];
  const isSwitch = wait?.answer === undefined;
  if (isSwitch && word !== undefined) return word;
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (!InputError.is(error)) throw error;
    if (!isSwitch) return text;
    const fix = "Answer yes or no.";
    throw badValue("VALUE", { expected: "yes, no, or JSON", got: JSON.stringify(text), fix });
  }
}
