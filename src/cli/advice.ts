import { toPrintable } from "../base/index.ts";
import type { WaitReport } from "../plan/index.ts";
import { brief, oneLine } from "./text.ts";

/** The rest of a command that names the folder, where it is not the usual one. */
export function dirFlag(folder: string): string {
  return folder === ".pawl" ? "" : ` --dir ${quote(folder)}`;
}

/** Quotes a word for a shell, where it needs it. */
export function quote(word: string): string {
  const safe = toPrintable(word);
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`;
}

/** Lines that say what is waited for, and how to answer. */
export function howToAnswer(waits: readonly WaitReport[], folder: string): readonly string[] {
  const lines = waits.flatMap((wait) => [
    `${oneLine(wait.run)} waits for someone: ${oneLine(wait.node)} asks ${brief(wait.show)}`,
    `  answer: pawl answer ${quote(wait.wait)} ${exampleAnswer(wait)}${dirFlag(folder)}`,
  ]);
  return lines;
}

/** How to go on with what was interrupted. */
export function howToResume(ids: readonly string[], folder: string): string {
  const [only] = ids;
  const id = ids.length === 1 && only !== undefined ? ` ${quote(only)}` : "";
  return `go on with: pawl resume${id}${dirFlag(folder)}`;
}

function exampleAnswer({ kind, answer }: WaitReport): string {
  if (kind === "unknown") return `'{"happened": true}'`;
  return answer === undefined ? "yes|no" : "JSON";
}
