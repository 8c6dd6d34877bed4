import {
  CancelledError,
  isJsonObject,
  PermanentError,
  toExcerpt,
  TransientError,
  type Json,
  type JsonObject,
  type RuntimeFailure,
} from "../../base/index.ts";
import { parseJson } from "../json.ts";
import type { CodeOptions } from "./options.ts";
import type { WorkerEnding } from "./in-worker.ts";

/** What code gives. */
export type CodeOutput = {
  readonly value: Json;
  /** What it wrote with `console.log` and its like, a line each. */
  readonly log: readonly string[];
};

/** Lines that stand before the code in the function that it becomes. */
const LINES_BEFORE = 2;
const MOST_SHOWN = 500;
const OUT_OF_MEMORY = ["out of memory", "string too long"];

/**
 * Gives what the code gave, or throws what its end means. The reply is not trusted: the code may have forged it.
 *
 * @throws {PermanentError} CODE_FAILED, CODE_TIMEOUT, CODE_TOO_MUCH_MEMORY, CODE_BAD_OUTPUT, SANDBOX_MISSING
 * @throws {CancelledError} CODE_STOPPED
 * @throws {TransientError} CODE_NOT_STARTED
 */
export function toCodeOutput(ending: WorkerEnding, limits: Required<CodeOptions>): CodeOutput {
  if (ending.tag !== "reply") throw toFailure(ending, limits);
  const parsed = parseJson(ending.text);
  const reply = parsed.tag === "parsed" && isJsonObject(parsed.value) ? parsed.value : undefined;
  if (reply === undefined) throw badOutput(parsed.tag === "refused" ? parsed.why : "no reply");
  const { tag, value = null, log } = reply;
  if (tag === "threw") throw toThrown(reply, limits);
  if (tag !== "done") throw badOutput(textOf(reply, "why"));
  const lines = Array.isArray(log) ? log.filter((line) => typeof line === "string") : [];
  const isCut = reply["isLogFull"] === true;
  return {
    value,
    log: isCut ? [...lines, `(more than ${limits.maxLogBytes} characters: the rest is left out)`] : lines,
  };
}

type Failure = Exclude<WorkerEnding, { readonly tag: "reply" }>;

function toFailure(ending: Failure, limits: Required<CodeOptions>): RuntimeFailure {
  switch (ending.tag) {
    case "late":
      return new PermanentError(
        "CODE_TIMEOUT",
        `The code ran for more than ${limits.timeoutMs} ms and was stopped. Do less at once, or raise \`timeoutMs\`.`,
      );
    case "out-of-memory":
      return tooMuchMemory(limits);
    case "idle":
      return new PermanentError(
        "CODE_FAILED",
        "The code waits for a promise that nothing will ever settle: there are no timers and no network here.",
      );
    case "stopped":
      return new CancelledError("CODE_STOPPED", "The code was told to stop. It had no effects.");
    case "unready":
      return new TransientError("CODE_NOT_STARTED", "The interpreter did not start in time: the machine is too busy.");
    case "missing":
      return missing(ending.why);
    case "failed":
      return new PermanentError("CODE_FAILED", "The interpreter gave the code up. It had no effects.");
    default:
      return new PermanentError("CODE_FAILED", `The interpreter broke down: ${toExcerpt(ending.why, MOST_SHOWN)}`);
  }
}

function missing(why: string): PermanentError {
  const advice = "Run `npm install quickjs-emscripten-core@0.32 @jitl/quickjs-wasmfile-release-sync@0.32`.";
  return new PermanentError(
    "SANDBOX_MISSING",
    `The interpreter for code could not be loaded. ${advice} (${toExcerpt(why, MOST_SHOWN)})`,
  );
}

function toThrown(reply: JsonObject, limits: Required<CodeOptions>): PermanentError {
  const [name, message, stack] = [textOf(reply, "name"), textOf(reply, "message"), textOf(reply, "stack")];
  if (name === "InternalError" && OUT_OF_MEMORY.includes(message)) return tooMuchMemory(limits);
  const found = /<input>:(\d+)/u.exec(stack)?.[1];
  const line = found === undefined ? 0 : Number(found) - LINES_BEFORE;
  const where = line > 0 ? ` in line ${line}` : "";
  const said = toExcerpt(name === "" ? message : `${name}: ${message}`, MOST_SHOWN);
  return new PermanentError("CODE_FAILED", `The code failed${where}: ${said}`);
}

function tooMuchMemory({ memoryBytes }: Required<CodeOptions>): PermanentError {
  const advice = "Keep less at once, or raise `memoryBytes`.";
  return new PermanentError("CODE_TOO_MUCH_MEMORY", `The code needs more memory than ${memoryBytes} bytes. ${advice}`);
}

function badOutput(why: string): PermanentError {
  const advice = "Return null, true, false, exact numbers, text, lists and plain objects only, and less of them.";
  return new PermanentError(
    "CODE_BAD_OUTPUT",
    `The code gave ${toExcerpt(why, MOST_SHOWN)}; expected a value that is strict JSON. ${advice}`,
  );
}

const textOf = (reply: JsonObject, name: string): string => {
  const value = reply[name];
  return typeof value === "string" ? value : "";
};
