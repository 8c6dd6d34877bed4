import { randomUUID } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { CancelledError, InputError, toExcerpt } from "../../base/index.ts";
import { runProcess, type Ending } from "../process/spawn.ts";
import { watchSandbox, type Excess } from "./census.ts";
import { findBubblewrap, toSandboxMissing } from "./find-bubblewrap.ts";
import { findLeaking } from "./leaking.ts";
import type { ShellSettings } from "./options.ts";
import { toSandbox } from "./sandbox.ts";

/** What a command came to. It may have been stopped by a limit: then that is what it came to. */
export type ShellOutput = {
  /** Null when it was stopped. A command that died of signal N has 128 + N. */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Its last 2,048 bytes. */
  readonly stderr: string;
  /** Which limit stopped it. Null: it ended by itself. */
  readonly stopped: "time" | "output" | Excess | null;
};

/** One command and what it reads. */
export interface Call {
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly signal: AbortSignal;
  /** Called for each piece of output. */
  readonly onOutput: () => void;
}

/**
 * Runs a command in a sandbox of its own.
 *
 * 1. Nothing is run outside the sandbox: its first line of output proves that it stands.
 * 2. When it resolves, all that was started in the sandbox is dead or has its SIGKILL.
 *
 * @throws {PermanentError} SANDBOX_MISSING; nothing was run.
 * @throws {CancelledError} SHELL_STOPPED on abort; what it did until then is done.
 * @throws {InputError} SHELL_FOLDER when its folder is not there.
 */
export async function runBoxed(call: Call, settings: ShellSettings): Promise<ShellOutput> {
  const [bubblewrap, dir] = [await findBubblewrap(), await findFolder(settings.dir)];
  const mark = `pawl-${randomUUID()}`;
  const leaking = await findLeaking();
  const { limits } = settings;
  const [halt, over] = [new AbortController(), new AbortController()];
  const halted: { why: ShellOutput["stopped"] } = { why: null };
  const stop = (why: "time" | Excess): void => {
    halted.why ??= why;
    halt.abort();
  };
  const timer = setTimeout(stop, limits.timeoutMs, "time");
  const watching = watchSandbox({ mark, dir, limits, signal: over.signal, onExcess: stop });
  try {
    const ending = await runProcess({
      argv: toSandbox({ bubblewrap, settings, dir, mark, argv: call.argv, leaking }),
      cwd: undefined,
      env: {},
      stdin: call.stdin,
      maxOutputBytes: limits.outputBytes + mark.length + 1,
      graceMs: 0,
      signal: AbortSignal.any([call.signal, halt.signal]),
      onOutput: call.onOutput,
    });
    if (ending.stopped === "abort" && halted.why === null) {
      throw new CancelledError("SHELL_STOPPED", "The command was told to stop. What it did until then is done.");
    }
    return toShellOutput(ending, mark, ending.stopped === "abort" ? halted.why : null);
  } finally {
    clearTimeout(timer);
    over.abort();
    await watching;
  }
}

function toShellOutput(ending: Ending, mark: string, halted: ShellOutput["stopped"]): ShellOutput {
  const stopped = ending.stopped === "too-large" ? "output" : halted;
  const [line, stdout] = [`${mark}\n`, ending.stdout.toString("utf8")];
  const isStanding = stdout.startsWith(line);
  if (!isStanding && stopped === null) throw toSandboxMissing(ending.stderr.trim() || "bwrap said nothing");
  const exitCode = stopped === null ? ending.exitCode : null;
  return { exitCode, stdout: isStanding ? stdout.slice(line.length) : "", stderr: ending.stderr, stopped };
}

async function findFolder(dir: string): Promise<string> {
  const path = await realpath(dir).catch(() => undefined);
  const isFolder = path !== undefined && path !== "/" && (await stat(path)).isDirectory();
  if (isFolder) return path;
  const shown = JSON.stringify(toExcerpt(dir, 200));
  throw new InputError("SHELL_FOLDER", `The folder of the shell, ${shown}, is not there. Make it, or correct \`dir\`.`);
}
