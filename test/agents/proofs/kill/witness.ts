import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

/** What a tool of the killed agent leaves behind: it began, it did something in the world, it came to its end. */
export interface Mark {
  readonly tool: string;
  readonly node: string;
  readonly key: string;
  readonly phase: "begin" | "done" | "end" | "undo";
}

/** Writes a line that survives whatever happens to the process next. */
export function note(file: string, line: object): void {
  const handle = openSync(file, "a");
  writeSync(handle, `${JSON.stringify(line)}\n`);
  fsyncSync(handle);
  closeSync(handle);
}

/** Reads the marks that are there; a line that was not written to its end does not count. */
export function readMarks(file: string): readonly Mark[] {
  return readLines(file).map((line): Mark => JSON.parse(line));
}

/** Reads the whole lines of a file that may not be there yet. */
export function readLines(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "");
}
