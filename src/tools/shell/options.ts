import { isAbsolute } from "node:path";
import { openFields, complain, refuseProblems, take, type Fields } from "../fields.ts";
import { flag, integer, listOf, someText } from "../kinds.ts";

/** How much a command may use before it is stopped. */
export interface ShellLimits {
  /** In milliseconds. Default: 60,000. */
  readonly timeoutMs?: number;
  /** Of standard output. Default: 1,048,576. Of standard error the last 2,048 bytes are kept. */
  readonly outputBytes?: number;
  /** Of all its processes together, and of each one's data. Default: 1,073,741,824. */
  readonly memoryBytes?: number;
  /** Processes and threads. Default: 256. */
  readonly processes?: number;
  /** Of one file. Default: 268,435,456. */
  readonly fileBytes?: number;
  /** By how much the free space of the folder's disk may shrink meanwhile. Default: 2,147,483,648. */
  readonly diskBytes?: number;
}

/** Where commands run and what they may do there. */
export interface ShellOptions {
  /** Name of the action. Default: `shell`. */
  readonly name?: string;
  /** For people and models. Default: says what a command may do and what not. */
  readonly description?: string;
  /** The folder that commands see as `/work`; an absolute path. Whatever lies in it they can read. */
  readonly dir: string;
  /** Programs that may be started, by name; scripts are then refused. Order, not a wall: some programs start others. */
  readonly commands?: readonly string[];
  /** The folder can't be changed. Without network the action is then a query. Default: false. */
  readonly readOnly?: boolean;
  /** The network of the machine, its own servers included. Default: false. */
  readonly network?: boolean;
  /** Further folders that they may read, at the same path; absolute. The system's programs are there anyway. */
  readonly reads?: readonly string[];
  readonly limits?: ShellLimits;
}

/** The options, checked and filled in. */
export interface ShellSettings {
  readonly name: string;
  readonly description: string;
  readonly dir: string;
  readonly commands: readonly string[] | undefined;
  readonly isReadOnly: boolean;
  readonly hasNetwork: boolean;
  readonly reads: readonly string[];
  readonly limits: Required<ShellLimits>;
}

const KNOWN = ["name", "description", "dir", "commands", "readOnly", "network", "reads", "limits"];
const KNOWN_LIMITS = ["timeoutMs", "outputBytes", "memoryBytes", "processes", "fileBytes", "diskBytes"];
const MEBIBYTE = 1_048_576;
const MOST_BYTES = 1_099_511_627_776;
const DAY_MS = 86_400_000;

/**
 * Checks the options and fills in what is left out.
 *
 * @throws {InputError} TOOL_OPTIONS with every problem.
 */
export function readShellOptions({ limits = {}, ...options }: ShellOptions): ShellSettings {
  const source = { code: "TOOL_OPTIONS", isTemplate: false };
  const fields = openFields({ ...options }, { ...source, path: "shellTool", known: KNOWN });
  const limitFields = openFields({ ...limits }, { ...source, path: "shellTool.limits", known: KNOWN_LIMITS });
  const isReadOnly = take(fields, "readOnly", flag) ?? false;
  const hasNetwork = take(fields, "network", flag) ?? false;
  const settings = {
    name: take(fields, "name", someText) ?? "shell",
    description: take(fields, "description", someText) ?? describe(isReadOnly, hasNetwork),
    dir: take(fields, "dir", someText) ?? "",
    commands: take(fields, "commands", listOf(someText, 1)),
    isReadOnly,
    hasNetwork,
    reads: take(fields, "reads", listOf(someText)) ?? [],
    limits: readLimits(limitFields),
  };
  for (const path of [settings.dir, ...settings.reads]) {
    if (isAbsolute(path) && path !== "/") continue;
    const fix = "Give the whole path, of a folder that holds nothing else.";
    complain(fields, path === settings.dir ? "dir" : "reads", {
      expected: "an absolute path",
      got: JSON.stringify(path),
      fix,
    });
  }
  refuseProblems("The shell cannot be made", [...fields.problems, ...limitFields.problems]);
  return settings;
}

function readLimits(fields: Fields): Required<ShellLimits> {
  return {
    timeoutMs: take(fields, "timeoutMs", integer(1, DAY_MS)) ?? 60_000,
    outputBytes: take(fields, "outputBytes", integer(1, 64 * MEBIBYTE)) ?? MEBIBYTE,
    memoryBytes: take(fields, "memoryBytes", integer(16 * MEBIBYTE, MOST_BYTES)) ?? 1_024 * MEBIBYTE,
    processes: take(fields, "processes", integer(4, 100_000)) ?? 256,
    fileBytes: take(fields, "fileBytes", integer(512, MOST_BYTES)) ?? 256 * MEBIBYTE,
    diskBytes: take(fields, "diskBytes", integer(MEBIBYTE, MOST_BYTES)) ?? 2_048 * MEBIBYTE,
  };
}

function describe(isReadOnly: boolean, hasNetwork: boolean): string {
  const folder = isReadOnly ? "can be read" : "can be read and changed";
  const network = hasNetwork ? "There is a network." : "There is no network.";
  return (
    `Runs a command in a sandbox and gives its exit code and output. Its folder /work ${folder}, /tmp is empty and gone ` +
    `afterwards, and nothing else of the machine can be changed. ${network} What it starts ends with it.`
  );
}
