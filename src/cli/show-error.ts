import { InputError, RuntimeFailure, toPrintable, type Problem } from "../base/index.ts";
import { EXIT } from "./exit-codes.ts";
import { toJsonText } from "./text.ts";
import { createOutput, type Output } from "./terminal.ts";

/** Tells what went wrong on stderr; gives the exit code. */
export function showError(error: unknown, isJson: boolean): number {
  const told = toTold(error);
  if (isJson) process.stderr.write(`${toJsonText({ error: told })}\n`);
  else {
    const stderr = createOutput(process.stderr, process.env);
    stderr.write(describe(told, stderr));
  }
  return exitForError(error);
}

/** What is told of an error; also what --json gives. */
interface Told {
  readonly code: string;
  readonly class: string;
  readonly message: string;
  readonly problems: readonly Problem[];
}

function toTold(error: unknown): Told {
  if (!RuntimeFailure.is(error)) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { code: "UNEXPECTED", class: "defect", message, problems: [] };
  }
  const problems = InputError.is(error) && "problems" in error ? toProblems(error.problems) : [];
  const message = problems.length === 0 ? error.message : (error.message.split(":\n")[0] ?? error.message);
  return { code: error.code, class: error.failure, message, problems };
}

function toProblems(value: unknown): readonly Problem[] {
  return Array.isArray(value) ? value : [];
}

/** what; then for each problem where, expected, got and fix; and the code, which the documentation explains. */
function describe({ code, message, problems }: Told, { paint }: Output): string {
  const head = `${paint("red", "error:")} ${toPrintable(message)} ${paint("dim", `[${code}]`)}\n`;
  return head + problems.map((problem) => describeProblem(problem, code, paint)).join("");
}

function describeProblem(
  { code, path, expected, got, fix }: Problem,
  mainCode: string,
  paint: Output["paint"],
): string {
  const rows = [
    ["where", path],
    ["expected", expected],
    ["got", got],
    ["fix", fix],
    ["code", code === mainCode ? "" : code],
  ] as const;
  return rows
    .filter(([, text]) => text !== "")
    .map(
      ([label, text]) => `  ${paint("dim", label.padEnd(9))} ${toPrintable(text).replaceAll("\n", "\n            ")}\n`,
    )
    .join("");
}

function exitForError(error: unknown): number {
  if (!RuntimeFailure.is(error)) return EXIT.failed;
  if (error.failure === "input") return EXIT.badInput;
  return error.failure === "cancelled" ? EXIT.interrupted : EXIT.failed;
}
