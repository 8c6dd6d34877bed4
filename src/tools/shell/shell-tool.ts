import {
  defineAction,
  defineQuery,
  fromJsonSchema,
  type Action,
  type AttemptContext,
  type LabelRules,
} from "../../action/index.ts";
import { InputError } from "../../base/index.ts";
import { checkCommand } from "../process/options.ts";
import { readShellOptions, type ShellOptions, type ShellSettings } from "./options.ts";
import { runBoxed, type ShellOutput } from "./run-boxed.ts";

/** A program with its arguments, or a script for `sh`; one of the two. */
export type ShellInput = {
  readonly command?: readonly string[];
  readonly script?: string;
  /** Text for its standard input. */
  readonly stdin?: string;
};

const inputSchema = {
  type: "object",
  properties: {
    command: { type: "array", items: { type: "string" }, minItems: 1, description: "The program and its arguments." },
    script: { type: "string", minLength: 1, description: "Lines for `sh`, instead of `command`." },
    stdin: { type: "string", description: "Text for its standard input." },
  },
  oneOf: [{ required: ["command"] }, { required: ["script"] }],
  additionalProperties: false,
} as const;
const outputSchema = {
  type: "object",
  properties: {
    exitCode: { type: ["integer", "null"] },
    stdout: { type: "string" },
    stderr: { type: "string" },
    stopped: { enum: ["time", "output", "memory", "processes", "disk", null] },
  },
  required: ["exitCode", "stdout", "stderr", "stopped"],
  additionalProperties: false,
} as const;

/**
 * Gives an action that runs commands which nobody needs to trust, in bubblewrap: namespaces of its own, no network, no
 * capabilities, an empty environment, the system's programs to read, and one folder as `/work`.
 *
 * Its nature: never repeated and not to be undone, since nobody knows what a command did; with `readOnly` and without
 * network a query, since then nothing stays. An exit code other than 0 and a limit that was hit are outputs.
 *
 * Its output is `untrusted`: a folder may hold anything. It takes in no `secret` unless it is a query: out of the
 * network or the folder that would come again without its label.
 *
 * What it does not do: bound all memory of a moment (it looks 20 times a second), or hide the folder's own contents.
 *
 * @throws {InputError} TOOL_OPTIONS
 */
export function shellTool(options: ShellOptions): Action<ShellInput, ShellOutput> {
  const settings = readShellOptions(options);
  const isQuery = settings.isReadOnly && !settings.hasNetwork;
  const labels: LabelRules = { gives: ["untrusted"], refuses: isQuery ? [] : ["secret"] };
  const shared = {
    description: settings.description,
    input: fromJsonSchema<ShellInput>(inputSchema),
    output: fromJsonSchema<ShellOutput>(outputSchema),
    labels,
    run: async (context: AttemptContext<ShellInput>) => await run(context, settings),
  };
  if (isQuery) return defineQuery(settings.name, shared);
  return defineAction(settings.name, { ...shared, repeat: "never", undo: "impossible" });
}

async function run(context: AttemptContext<ShellInput>, settings: ShellSettings): Promise<ShellOutput> {
  const { input, signal, alive } = context;
  const argv = toArgv(input, settings);
  return await runBoxed({ argv, stdin: input.stdin ?? "", signal, onOutput: alive }, settings);
}

function toArgv({ command, script }: ShellInput, { commands }: ShellSettings): readonly string[] {
  const argv = command === undefined ? ["/bin/sh", "-c", script ?? ""] : checkCommand(command, "shell");
  const isAllowed = commands === undefined || (command !== undefined && commands.includes(argv[0] ?? ""));
  if (isAllowed) return argv;
  const allowed = commands.join(", ");
  throw new InputError("SHELL_REFUSED", `Expected a \`command\` that starts with one of: ${allowed}. Nothing was run.`);
}
