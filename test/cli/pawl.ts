import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Validator, type Schema } from "@cfworker/json-schema";
import { expect, onTestFinished } from "vitest";
import { ROOT } from "../../tools/lib/paths.ts";

const BIN = join(ROOT, "bin", "pawl.cjs");

/** What a finished command left. */
interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with plan files, and the command line in it. */
export interface Bench {
  readonly dir: string;
  readonly write: (name: string, content: string) => string;
  readonly pawl: (...words: readonly string[]) => Promise<Finished>;
  /** With this on stdin. */
  readonly feed: (input: string, ...words: readonly string[]) => Promise<Finished>;
  readonly start: (...words: readonly string[]) => {
    readonly child: ChildProcess;
    readonly done: Promise<Finished>;
    readonly said: () => string;
  };
}

export function createBench(env: Readonly<Record<string, string>> = {}): Bench {
  const dir = mkdtempSync(join(tmpdir(), "pawl-cli-"));
  const begin = (stdin: "ignore" | "pipe", words: readonly string[]): ReturnType<Bench["start"]> => {
    const { NO_COLOR: _no, FORCE_COLOR: _force, PAWL_DIR: _dir, PAWL_MODEL: _model, ...clean } = process.env;
    const child = spawn(process.execPath, [BIN, ...words], {
      cwd: dir,
      env: { ...clean, ...env },
      stdio: [stdin, "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL")); // a test that fails leaves nobody behind
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    return { child, done: finish(child, () => stderr), said: () => stderr };
  };
  const start: Bench["start"] = (...words) => begin("ignore", words);
  return {
    dir,
    write: (name, content) => {
      writeFileSync(join(dir, name), content);
      return join(dir, name);
    },
    start,
    pawl: (...words) => start(...words).done,
    feed: (input, ...words) => {
      const { child, done } = begin("pipe", words);
      child.stdin?.end(input);
      return done;
    },
  };
}

async function finish(child: ChildProcess, said: () => string): Promise<Finished> {
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const stdout = child.stdout === null ? "" : await text(child.stdout);
  return { code: await code, stdout, stderr: said() };
}

const schema: { readonly $defs: Record<string, object> } = JSON.parse(
  readFileSync(join(ROOT, "schemas", "cli.schema.json"), "utf8"),
);

/** Reads JSON and holds it to the published schema of a verb. */
export function readAs<T>(name: string, json: string): T {
  expect(Object.keys(schema.$defs)).toContain(name);
  const whole: Schema = { ...schema, $ref: `#/$defs/${name}` };
  const value: T = JSON.parse(json);
  const { valid, errors } = new Validator(whole, "2020-12", false).validate(value);
  expect({ valid, errors }).toEqual({ valid: true, errors: [] });
  return value;
}

/** One process node. */
export function command(script: string, more: string = ""): string {
  const argv = JSON.stringify(["sh", "-c", script]);
  return `{ uses: process, with: { command: ${argv}, output: text }, effect: { repeat: safe, undo: not-needed }${more} }`;
}
