import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text as readText } from "node:stream/consumers";
import { InputError, parseStrictJson, type Json, type Problem } from "../base/index.ts";

/**
 * Reads the value of --input, or of an argument: JSON itself, `@FILE`, or `-` for stdin.
 *
 * @throws {InputError} FILE_UNREADABLE, and what the strict reader says; the problem's path names the source.
 */
export async function readInput(given: string | undefined, cwd: string, where: string = "--input"): Promise<Json> {
  if (given === undefined) return null;
  const source = given === "-" ? "stdin" : given.startsWith("@") ? given.slice(1) : where;
  const text = given === "-" ? await readText(process.stdin) : source === where ? given : await read(source, cwd);
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (!InputError.is(error)) throw error;
    throw named(error, source);
  }
}

async function read(file: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), "utf8");
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    const fix = "Check the path; it is relative to the current folder.";
    const problem = { code: "FILE_UNREADABLE", path: `--input @${file}`, expected: "a file of JSON", got, fix };
    throw new InputError("FILE_UNREADABLE", "The input can't be read", { cause, problems: [problem] });
  }
}

function named(error: unknown, source: string): unknown {
  if (!(error instanceof InputError)) return error;
  const problems: readonly Problem[] = error.problems.map((problem) => ({
    ...problem,
    path: problem.path === "" ? source : `${source}: ${problem.path}`,
  }));
  return new InputError(error.code, "The input is not JSON that can be trusted", { cause: error, problems });
}
