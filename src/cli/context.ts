import { resolve } from "node:path";
import { isatty } from "node:tty";
import type { ParsedOptions } from "./parse-arguments.ts";
import { createOutput, type Output, type Style } from "./terminal.ts";

/** What a verb is called with. */
export interface CliContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether someone sits at a terminal who can read and answer. */
  readonly isInteractive: boolean;
  readonly arguments: readonly string[];
  readonly options: ParsedOptions;
  /** With --json: stdout is JSON, stderr holds at most one error object. */
  readonly isJson: boolean;
  /** Writes a line to stdout. */
  readonly write: (line: string) => void;
  /** Writes a line of talk to stderr; silent with --json. */
  readonly say: (line: string) => void;
  /** Colours for stdout. */
  readonly paint: (style: Style, text: string) => string;
}

/** Makes the context of this process. */
export function createContext(parsed: {
  readonly arguments: readonly string[];
  readonly options: ParsedOptions;
}): CliContext {
  const { env } = process;
  const stdout = createOutput(process.stdout, env);
  const stderr = createOutput(process.stderr, env);
  const isJson = parsed.options.has("json");
  return {
    cwd: process.cwd(),
    env,
    stdout,
    stderr,
    isInteractive: isatty(0) && stderr.isTerminal,
    arguments: parsed.arguments,
    options: parsed.options,
    isJson,
    write: (line) => stdout.write(`${line}\n`),
    say: (line) => {
      if (!isJson) stderr.write(`${line}\n`);
    },
    paint: stdout.paint,
  };
}

/** The state folder as it is to be written in commands, and in full. */
export function folderOf({ options, env, cwd }: CliContext, configured?: string): { shown: string; full: string } {
  const shown = options.text("dir") ?? (env["PAWL_DIR"] || configured || ".pawl");
  return { shown, full: resolve(cwd, shown) };
}
