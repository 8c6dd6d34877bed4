import { isJsonObject, type Json, type Problem } from "../../base/index.ts";
import { complain, isGiven, openFields, refuseProblems, take, type Fields } from "../fields.ts";
import { anyJson, integer, listOf, oneOf, recordOf, scalar, someText } from "../kinds.ts";

/** How standard output is read. `json`: one document, nothing at all is null. `text`: without the last line break. */
export type OutputForm = "json" | "text" | "lines";

/** How a command is run, apart from what it is and what it reads. */
export interface ProcessSettings {
  /** Folder it starts in. Default: Pawl's own. */
  readonly cwd?: string;
  /** Variables on top of the allow-list. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of Pawl's own variables that it may see too. Their values are kept out of error messages. */
  readonly passEnv?: readonly string[];
  /** Exit codes that mean success. Default: 0. */
  readonly okExitCodes?: readonly number[];
  /** Default: `json`. */
  readonly output?: OutputForm;
  /** Of standard output. Default: 8,388,608. */
  readonly maxOutputBytes?: number;
  /** Time between SIGTERM and SIGKILL, in milliseconds. Default: 2,000. */
  readonly graceMs?: number;
}

/** A command with all that it needs. */
export interface ProcessRequest {
  readonly command: readonly string[];
  readonly stdin: Json;
  readonly settings: ProcessSettings;
}

const OUTPUTS: readonly OutputForm[] = ["json", "text", "lines"];
const KNOWN = [
  "command",
  "stdin",
  "input",
  "cwd",
  "env",
  "passEnv",
  "okExitCodes",
  "output",
  "maxOutputBytes",
  "graceMs",
];
const VARIABLE = { pattern: /^[A-Za-z_]\w*$/u, called: "variables" };
const variableName = {
  expected: "the name of a variable",
  read: (value: Json) => (typeof value === "string" && VARIABLE.pattern.test(value) ? value : undefined),
};
const MOST_BYTES = 1_073_741_824;
const MOST_GRACE_MS = 600_000;

const words = listOf(scalar, 1);

/**
 * Reads the evaluated `with` of a process node.
 *
 * @throws {InputError} TOOL_OPTIONS with every problem.
 */
export function readProcess(value: Json): ProcessRequest {
  const fields = open(value, false);
  const request = readFields(fields);
  refuseProblems("The process cannot be started", fields.problems);
  return request;
}

/** Gives what is wrong with the constant parts of a `with` that may still hold expressions. */
export function findProcessProblems(value: Json): readonly Problem[] {
  const fields = open(value, true);
  if (isJsonObject(value)) readFields(fields);
  return fields.problems;
}

/** Gives what is wrong with `{ command }` of an undo or a check. */
export function findCommandProblems(value: Json, path: string): readonly Problem[] {
  const fields = openFields(value, { path, code: "TOOL_EFFECT", isTemplate: true, known: ["command"] });
  readCommand(fields);
  return fields.problems;
}

/** Checks argv that code, not a file, has made. @throws {InputError} TOOL_OPTIONS */
export function checkCommand(command: Json, path: string): readonly string[] {
  const fields = openFields({ command }, { path, code: "TOOL_OPTIONS", isTemplate: false, known: ["command"] });
  const checked = readCommand(fields);
  refuseProblems("The process cannot be started", fields.problems);
  return checked;
}

function open(value: Json, isTemplate: boolean): Fields {
  return openFields(value, { path: "with", code: "TOOL_OPTIONS", isTemplate, known: KNOWN });
}

function readFields(fields: Fields): ProcessRequest {
  const command = readCommand(fields);
  if (isGiven(fields, "stdin") && isGiven(fields, "input")) {
    complain(fields, "input", {
      expected: "`stdin` or `input`",
      got: "both",
      fix: "They are the same thing; remove one.",
    });
  }
  const stdin = take(fields, "stdin", anyJson) ?? take(fields, "input", anyJson) ?? null;
  return { command, stdin, settings: readSettings(fields) };
}

function readCommand(fields: Fields): readonly string[] {
  const command = take(fields, "command", words);
  const isMissing = !isGiven(fields, "command");
  if (isMissing || command?.[0] === "") {
    const fix = 'Write the program and each argument as an entry of its own: [git, commit, -m, "a message"].';
    complain(fields, "command", {
      expected: "a list that starts with a program",
      got: isMissing ? "nothing" : "an empty name",
      fix,
    });
  }
  return command ?? [];
}

function readSettings(fields: Fields): ProcessSettings {
  const cwd = take(fields, "cwd", someText);
  const env = take(fields, "env", recordOf(scalar, VARIABLE));
  const passEnv = take(fields, "passEnv", listOf(variableName));
  const okExitCodes = take(fields, "okExitCodes", listOf(integer(0, 255), 1));
  const output = take(fields, "output", oneOf(OUTPUTS));
  const maxOutputBytes = take(fields, "maxOutputBytes", integer(1, MOST_BYTES));
  const graceMs = take(fields, "graceMs", integer(0, MOST_GRACE_MS));
  const own = [...(env?.keys() ?? []), ...(passEnv ?? [])].find((name) => name.startsWith("PAWL_"));
  if (own !== undefined) {
    complain(fields, "env", {
      expected: "names that don't start with PAWL_",
      got: own,
      fix: "Those are set by Pawl itself.",
    });
  }
  return {
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env: Object.fromEntries(env) }),
    ...(passEnv !== undefined && { passEnv }),
    ...(okExitCodes !== undefined && { okExitCodes }),
    ...(output !== undefined && { output }),
    ...(maxOutputBytes !== undefined && { maxOutputBytes }),
    ...(graceMs !== undefined && { graceMs }),
  };
}
