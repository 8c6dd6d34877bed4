import { parseArgs } from "node:util";
import { toInputError, type InputError } from "../base/index.ts";
import { nearest } from "./suggest.ts";
import type { Option, Verb } from "./verb.ts";

/** The options of a call, as they were given. */
export interface ParsedOptions {
  readonly has: (name: string) => boolean;
  readonly text: (name: string) => string | undefined;
  readonly list: (name: string) => readonly string[];
  /** A whole number from `least` on. @throws {InputError} CLI_BAD_VALUE */
  readonly count: (name: string, least: number) => number | undefined;
}

/** A call of a verb, checked against what the verb takes. */
export interface ParsedCall {
  readonly arguments: readonly string[];
  readonly options: ParsedOptions;
}

/**
 * Reads the arguments of a verb.
 *
 * @throws {InputError} CLI_UNKNOWN_OPTION, CLI_BAD_VALUE, CLI_MISSING_ARGUMENT, CLI_EXTRA_ARGUMENT
 */
export function parseArguments(verb: Verb, argv: readonly string[]): ParsedCall {
  const known = new Map(verb.options.map((option) => [option.name, option]));
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const { tokens } = parseArgs({
    args: argv.map((word, at) => (mayStandAlone(verb, word) && !isNumber(argv[at + 1]) ? `${word}=` : word)),
    options: toNodeOptions(verb.options),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const option = known.get(token.name);
    if (option === undefined) throw unknownOption(verb, token.rawName);
    given.set(token.name, [...(given.get(token.name) ?? []), valueOf(verb, option, token.value)]);
  }
  const options = toOptions(verb, given);
  if (!options.has("help")) checkWords(verb, words);
  return { arguments: words, options };
}

/** An option whose value may be left out takes only a number from the next word: anything else is not meant for it. */
function mayStandAlone({ options }: Verb, word: string): boolean {
  return options.some(({ name, value }) => `--${name}` === word && value?.startsWith("[") === true);
}

function isNumber(word: string | undefined): boolean {
  return word !== undefined && /^\d+$/u.test(word);
}

function toNodeOptions(options: readonly Option[]): Record<string, { type: "string" | "boolean"; short?: string }> {
  return Object.fromEntries(
    options.map(({ name, value, short }) => [
      name,
      { type: value === undefined ? "boolean" : "string", ...(short !== undefined && { short }) },
    ]),
  );
}

function valueOf(verb: Verb, option: Option, value: string | undefined): string {
  const { name } = option;
  const fix = `\`pawl ${verb.name} --help\` shows the options.`;
  if (option.value === undefined) {
    if (value === undefined) return "";
    throw badValue(`--${name}`, { expected: "no value", got: JSON.stringify(value), fix });
  }
  if (value !== undefined) return value;
  throw badValue(`--${name}`, { expected: option.value, got: "nothing", fix });
}

function unknownOption(verb: Verb, raw: string): InputError {
  const names = verb.options.map(({ name }) => `--${name}`);
  const near = nearest(raw, names);
  const otherwise = `\`pawl ${verb.name} --help\` shows the options.`;
  return toInputError(`pawl ${verb.name} has no such option`, [
    {
      code: "CLI_UNKNOWN_OPTION",
      path: raw,
      expected: names.join(", "),
      got: raw,
      fix: near === undefined ? otherwise : `Did you mean ${near}?`,
    },
  ]);
}

/** The error for an option's or argument's value that can't be used. */
export function badValue(
  path: string,
  what: { readonly expected: string; readonly got: string; readonly fix: string },
): InputError {
  return toInputError(`${path} can't be used like this`, [{ code: "CLI_BAD_VALUE", path, ...what }]);
}

function toOptions(verb: Verb, given: ReadonlyMap<string, readonly string[]>): ParsedOptions {
  const text = (name: string): string | undefined => given.get(name)?.at(-1);
  for (const [name, values] of given) {
    const isMany = verb.options.some((option) => option.name === name && option.isMany === true);
    if (values.length > 1 && !isMany)
      throw badValue(`--${name}`, { expected: "it once", got: `it ${values.length} times`, fix: "Give it once." });
  }
  return {
    has: (name) => given.has(name),
    text,
    list: (name) => given.get(name) ?? [],
    count: (name, least) => toCount(name, text(name), least),
  };
}

function toCount(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
  const expected = `a whole number from ${least} on`;
  throw badValue(`--${name}`, { expected, got: JSON.stringify(text), fix: `Write it in digits: --${name} ${least}.` });
}

function checkWords(verb: Verb, words: readonly string[]): void {
  const fix = `Write \`pawl ${verb.usage}\`.`;
  const missing = verb.arguments[words.length];
  if (missing !== undefined && !missing.startsWith("["))
    throw toInputError(`pawl ${verb.name} needs more`, [
      { code: "CLI_MISSING_ARGUMENT", path: missing, expected: missing, got: "nothing", fix },
    ]);
  const extra = words[verb.arguments.length];
  if (extra === undefined) return;
  const expected = verb.arguments.length === 0 ? "no arguments" : verb.arguments.join(" ");
  throw toInputError(`pawl ${verb.name} takes less`, [
    { code: "CLI_EXTRA_ARGUMENT", path: extra, expected, got: JSON.stringify(extra), fix },
  ]);
}
