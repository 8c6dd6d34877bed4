import type { Outcome } from "../../action/index.ts";
import {
  CancelledError,
  isJsonObject,
  PermanentError,
  TransientError,
  type Json,
  type RuntimeFailure,
  hideSecrets,
  toExcerpt,
  toPrintable,
} from "../../base/index.ts";
import { parseJson, type Parsed } from "../json.ts";
import type { Environment } from "./environment.ts";
import type { OutputForm } from "./options.ts";
import type { Ending } from "./spawn.ts";

/** How the end of a process is to be read. */
export interface Reading {
  readonly program: string;
  readonly okExitCodes: readonly number[];
  readonly output: OutputForm;
  readonly maxOutputBytes: number;
  readonly secrets: Environment;
}

/** EX_USAGE and EX_DATAERR of sysexits.h: the same arguments and data can never work. */
const NEVER_CODES = [64, 65];
const NOT_DONE_CODE = 3;
const EXCERPT_LENGTH = 200;

/**
 * Gives the output of a process, or throws what its end means.
 *
 * A process that was told to stop has still done its work when it ends well with a whole JSON document: that is
 * evidence which must not be lost. Ending well in silence is no such evidence, since many programs do so on SIGTERM.
 *
 * @throws {CancelledError} PROCESS_STOPPED
 * @throws {TransientError} PROCESS_FAILED, PROCESS_KILLED
 * @throws {PermanentError} PROCESS_FAILED, PROCESS_BAD_OUTPUT, PROCESS_OUTPUT_TOO_LARGE
 */
export function toOutput(ending: Ending, reading: Reading): Json {
  if (ending.stopped === "too-large") throw tooLarge(reading);
  const isOk = ending.exitCode !== null && reading.okExitCodes.includes(ending.exitCode);
  if (ending.stopped === "abort") {
    const isWhole = isOk && reading.output === "json" && ending.stdout.length > 0;
    const parsed = isWhole ? readOutput(ending.stdout, "json") : undefined;
    if (parsed?.tag !== "parsed" || parsed.value === null) throw stopped(ending, reading);
    return parsed.value;
  }
  if (!isOk) throw failed(ending, reading);
  const parsed = readOutput(ending.stdout, reading.output);
  if (parsed.tag === "refused") throw badOutput(ending, reading, parsed.why);
  return parsed.value;
}

/** Throws unless an undo ended well. What it writes is of no use, so it may be anything. */
export function requireUndone(ending: Ending, reading: Reading): void {
  if (ending.stopped === "abort") throw stopped(ending, reading);
  const isOk = ending.exitCode !== null && reading.okExitCodes.includes(ending.exitCode);
  if (!isOk && ending.stopped === "too-large") throw tooLarge(reading);
  if (!isOk) throw failed(ending, reading);
}

/**
 * Gives what a check found out: exit code 0 is done, with standard output as the node's output (or
 * `{ "tag": "done", "output": ... }`), 3 is not done; everything else can't tell.
 *
 * @throws {CancelledError} PROCESS_STOPPED
 */
export function toFinding(ending: Ending, reading: Reading): Outcome<Json> {
  if (ending.stopped === "abort") throw stopped(ending, reading);
  if (ending.exitCode === NOT_DONE_CODE) return { tag: "not-done" };
  if (ending.exitCode !== 0 || ending.stopped !== undefined) return { tag: "cannot-tell" };
  const parsed = readOutput(ending.stdout, reading.output);
  if (parsed.tag === "refused") return { tag: "cannot-tell" };
  const tagged = reading.output === "json" ? toTagged(parsed.value) : undefined;
  return tagged ?? { tag: "done", output: parsed.value };
}

function toTagged(value: Json): Outcome<Json> | undefined {
  if (!isJsonObject(value)) return undefined;
  const names = Object.keys(value).sort().join();
  if (names === "output,tag" && value["tag"] === "done") return { tag: "done", output: value["output"] ?? null };
  if (names !== "tag") return undefined;
  return value["tag"] === "not-done" || value["tag"] === "cannot-tell" ? { tag: value["tag"] } : undefined;
}

function readOutput(bytes: Buffer, form: OutputForm): Parsed {
  const text = decode(bytes);
  if (text === undefined) return { tag: "refused", why: "bytes that are not UTF-8" };
  if (form === "json") return text.trim() === "" ? { tag: "parsed", value: null } : parseJson(text);
  const whole = text.replace(/\r?\n$/u, "");
  if (form === "text") return { tag: "parsed", value: whole };
  return { tag: "parsed", value: text === "" ? [] : whole.split(/\r?\n/u) };
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function stopped(ending: Ending, reading: Reading): CancelledError {
  return new CancelledError(
    "PROCESS_STOPPED",
    `${reading.program} was told to stop and ended ${how(ending)}. It may have done part of its work.`,
  );
}

function failed(ending: Ending, reading: Reading): RuntimeFailure {
  const message = `${reading.program} ended ${how(ending)}, expected ${expected(reading)}.${lastWords(ending, reading)}`;
  if (ending.exitCode === null) return new TransientError("PROCESS_KILLED", message, { mayHaveActed: true });
  if (NEVER_CODES.includes(ending.exitCode)) return new PermanentError("PROCESS_FAILED", message);
  return new TransientError("PROCESS_FAILED", message);
}

function badOutput(ending: Ending, reading: Reading, why: string): PermanentError {
  const wanted = reading.output === "json" ? "one strict JSON document or nothing" : "text in UTF-8";
  const start = toExcerpt(hideSecrets(ending.stdout.toString("utf8"), reading.secrets), EXCERPT_LENGTH);
  const advice = 'Write messages to standard error, or say `output: "text"`.';
  const came =
    ending.stdout.length === 0 ? "nothing" : `${ending.stdout.length} bytes that start with ${JSON.stringify(start)}`;
  const message = `${reading.program} ended well, but wrote ${came} (${why}); expected ${wanted} on standard output. ${advice}`;
  return new PermanentError("PROCESS_BAD_OUTPUT", message, { mayHaveActed: true });
}

function tooLarge(reading: Reading): PermanentError {
  const advice = "Let it write a file and print the file's name, or raise `maxOutputBytes`.";
  const message = `${reading.program} wrote more than ${reading.maxOutputBytes} bytes to standard output and was stopped. ${advice}`;
  return new PermanentError("PROCESS_OUTPUT_TOO_LARGE", message, { mayHaveActed: true });
}

const how = (ending: Ending): string =>
  ending.exitCode === null ? `by ${ending.signal ?? "a signal"}` : `with exit code ${ending.exitCode}`;

const expected = (reading: Reading): string => `exit code ${reading.okExitCodes.join(" or ")}`;

function lastWords(ending: Ending, reading: Reading): string {
  const words = toPrintable(hideSecrets(ending.stderr, reading.secrets)).trim();
  return words === "" ? " It wrote nothing to standard error." : ` The end of its standard error:\n${words}`;
}
