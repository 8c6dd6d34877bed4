import { statSync } from "node:fs";
import { PermanentError, TransientError, toExcerpt, type RuntimeFailure } from "../../base/index.ts";

const LATER = ["EAGAIN", "ENOMEM", "EMFILE", "ENFILE", "ETXTBSY"];

/** Makes the error of a process that could not be started at all. */
export function toSpawnError(
  cause: unknown,
  launch: { readonly argv: readonly string[]; readonly cwd: string | undefined },
): RuntimeFailure {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const program = JSON.stringify(toExcerpt(launch.argv[0] ?? "", 200));
  if (LATER.includes(code)) {
    const message = `The system could not start ${program} now (${code}: too many processes or files, no memory, or the file is being written).`;
    return new TransientError("PROCESS_SPAWN_FAILED", `${message} It will be tried again by the node's retry policy.`, {
      cause,
    });
  }
  if (code === "E2BIG") {
    const advice = "Give large data on standard input (`stdin`), not as arguments or variables.";
    return new PermanentError(
      "PROCESS_NOT_FOUND",
      `The arguments and variables of ${program} are too large for the system. ${advice}`,
      { cause },
    );
  }
  return new PermanentError("PROCESS_NOT_FOUND", `Cannot start ${program} (${code}). ${explain(code, launch.cwd)}`, {
    cause,
  });
}

function explain(code: string, cwd: string | undefined): string {
  if (cwd !== undefined && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return `Its folder \`cwd\`, ${JSON.stringify(toExcerpt(cwd, 200))}, is not there: correct it or make the folder.`;
  }
  if (code === "ENOENT") {
    return "There is no such program in PATH: install it, or give its path. A command is a program and its arguments, not a line for a shell.";
  }
  if (code === "EACCES")
    return "It is not executable: `chmod +x` it, or name the interpreter first, as in [node, script.ts].";
  return "Correct the node's `command`.";
}
