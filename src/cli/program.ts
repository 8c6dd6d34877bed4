import { programHelp, verbHelp } from "./help.ts";
import type { Verb } from "./verb.ts";
import { OVERVIEW, VERBS } from "./verbs.ts";

/** Runs one command line; gives the exit code. Never throws. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    if (isHelp(argv[0])) return print(programHelp());
    const { verb, rest } = await findVerb(argv);
    const { parseArguments } = await import("./parse-arguments.ts");
    const call = parseArguments(verb, rest);
    if (call.options.has("help")) return print(verbHelp(verb));
    const { createContext } = await import("./context.ts");
    const perform = await verb.load();
    return await perform(createContext(call));
  } catch (error) {
    const { showError } = await import("./show-error.ts");
    return showError(error, argv.includes("--json"));
  }
}

function isHelp(word: string | undefined): boolean {
  return word === "--help" || word === "-h" || word === "help";
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

async function findVerb(argv: readonly string[]): Promise<{ readonly verb: Verb; readonly rest: readonly string[] }> {
  const [first, second] = argv;
  if (first === undefined || first.startsWith("-")) return { verb: OVERVIEW, rest: argv };
  // Two words first: `pawl plan check FILE` is no goal of `pawl plan`.
  const two = VERBS.find(({ name }) => name === `${first} ${second}`);
  if (two !== undefined) return { verb: two, rest: argv.slice(2) };
  const one = VERBS.find(({ name }) => name === first);
  if (one !== undefined) return { verb: one, rest: argv.slice(1) };
  const { unknownVerb } = await import("./unknown-verb.ts");
  throw unknownVerb(first, second);
}
