import { openFields, refuseProblems, take } from "../fields.ts";
import { integer, someText } from "../kinds.ts";

/** How code is run. */
export interface CodeOptions {
  /** Name of the action. Default: `code`. */
  readonly name?: string;
  /** For people and models. Default: says what the code may do and what not. */
  readonly description?: string;
  /** Time for the code itself, in milliseconds. Default: 5,000. */
  readonly timeoutMs?: number;
  /** What all its values may take together. Default: 67,108,864. */
  readonly memoryBytes?: number;
  /** Of its value, as JSON. Default: 1,048,576. */
  readonly maxOutputBytes?: number;
  /** Of all lines that it logs, as JSON. What is over is left out. Default: 65,536. */
  readonly maxLogBytes?: number;
}

const MEBIBYTE = 1_048_576;
const MOST_TIME_MS = 600_000;
const DESCRIPTION =
  "Runs JavaScript in a sandbox: an expression, or the body of an async function that returns its value. " +
  "`input` holds the value that is given along. The value must be JSON. `console.log` lines are given back too. " +
  "There are no files, no network, no timers, no modules and no packages: it is for calculating and for text.";
const KNOWN = ["name", "description", "timeoutMs", "memoryBytes", "maxOutputBytes", "maxLogBytes"];

/**
 * Checks the options and fills in what is left out.
 *
 * @throws {InputError} TOOL_OPTIONS with every problem.
 */
export function readCodeOptions(options: CodeOptions): Required<CodeOptions> {
  const fields = openFields(
    { ...options },
    { path: "codeTool", code: "TOOL_OPTIONS", isTemplate: false, known: KNOWN },
  );
  const read = {
    name: take(fields, "name", someText) ?? "code",
    description: take(fields, "description", someText) ?? DESCRIPTION,
    timeoutMs: take(fields, "timeoutMs", integer(1, MOST_TIME_MS)) ?? 5_000,
    memoryBytes: take(fields, "memoryBytes", integer(MEBIBYTE, 1_024 * MEBIBYTE)) ?? 64 * MEBIBYTE,
    maxOutputBytes: take(fields, "maxOutputBytes", integer(1, 64 * MEBIBYTE)) ?? MEBIBYTE,
    maxLogBytes: take(fields, "maxLogBytes", integer(0, 16 * MEBIBYTE)) ?? 65_536,
  };
  refuseProblems("The tool for code cannot be made", fields.problems);
  return read;
}
