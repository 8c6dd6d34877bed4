import type { CliContext } from "./context.ts";

/** One option of a verb. */
export interface Option {
  readonly name: string;
  /** What its value is, in brackets where it may be left out; absent: a switch. */
  readonly value?: string;
  readonly short?: string;
  readonly isMany?: boolean;
  readonly summary: string;
}

/** Does a verb; gives the exit code. */
type Perform = (context: CliContext) => Promise<number>;

/** One verb: what it takes, and where its code is. */
export interface Verb {
  /** One or two words. */
  readonly name: string;
  readonly usage: string;
  /** Names of its arguments; in brackets: may be left out. */
  readonly arguments: readonly string[];
  readonly summary: string;
  readonly options: readonly Option[];
  readonly examples: readonly string[];
  readonly load: () => Promise<Perform>;
}

export const DIR: Option = {
  name: "dir",
  value: "DIR",
  summary: "state folder (default: PAWL_DIR, the configuration, .pawl)",
};
export const JSON_OUT: Option = { name: "json", summary: "write JSON to stdout, errors as JSON to stderr" };
export const HELP: Option = { name: "help", short: "h", summary: "show this help" };
export const CONFIG: Option = {
  name: "config",
  value: "FILE",
  summary: "configuration (default: pawl.config.ts, .mjs or .js)",
};
const WAIT: Option = { name: "wait", summary: "keep running while questions for people are open" };
export const BY: Option = { name: "by", value: "NAME", summary: "who gives the order (default: the account's name)" };

/** Options of verbs that only read a folder. */
export const READS: readonly Option[] = [DIR, CONFIG, JSON_OUT, HELP];
/** Options of verbs that work in a folder. */
export const WORKS: readonly Option[] = [WAIT, ...READS];
