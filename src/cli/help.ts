import type { Option, Verb } from "./verb.ts";
import { VERBS } from "./verbs.ts";

const INDENT = "  ";

/** The help of the whole command line. */
export function programHelp(): string {
  const width = Math.max(...VERBS.map(({ name }) => name.length));
  const verbs = VERBS.map(({ name, summary }) => `${INDENT}${name.padEnd(width)}  ${summary}`);
  return [
    "pawl runs the work of agents as durable plans: finished work never runs again, failed work is rolled back.",
    "",
    "Usage: pawl VERB ... [--dir DIR] [--json]",
    "",
    ...verbs,
    "",
    "`pawl VERB --help` shows a verb's options. `pawl` alone shows what is in this folder.",
    "",
    "Exit codes: 0 ok, 1 the run did not succeed, 2 bad input, 3 waits for someone, 4 suspended or rollback stuck,",
    "130 interrupted. stdout is data, stderr is talk.",
    "",
  ].join("\n");
}

/** The help of one verb. */
export function verbHelp(verb: Verb): string {
  const flags = verb.options.map((option) => ({ flag: flagOf(option), summary: option.summary }));
  const width = Math.max(...flags.map(({ flag }) => flag.length));
  return [
    `pawl ${verb.name}: ${verb.summary}`,
    "",
    `Usage: pawl ${verb.usage}`,
    "",
    ...flags.map(({ flag, summary }) => `${INDENT}${flag.padEnd(width)}  ${summary}`),
    "",
    ...verb.examples.map((example) => `Example: ${example}`),
    "",
  ].join("\n");
}

function flagOf({ name, value, short }: Option): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? long : `-${short}, ${long}`;
}
