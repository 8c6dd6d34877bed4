import {
  canonicalJson,
  checkStrictJson,
  isJsonObject,
  PermanentError,
  RuntimeFailure,
  toExcerpt,
  type Json,
  type JsonObject,
} from "../../base/index.ts";
import type { McpOutputOptions } from "./options.ts";

/** How a result is to be read. */
export interface ResultReading {
  /** `SERVER.TOOL`. */
  readonly action: string;
  /** The tool promised a structure: that alone is then its output. */
  readonly isStructured: boolean;
  /** The tool only reads, so that a result which can't be used leaves no doubt behind. */
  readonly isQuery: boolean;
  readonly output: McpOutputOptions;
  readonly hide: (text: string) => string;
}

const DEFAULT_MOST_BYTES = 1_048_576;
const LONGEST_REASON = 2_000;

/**
 * Gives the output of a call. A tool that promised a structure gives that; any other gives
 * `{ text, structured?, parts? }`: its texts joined by line breaks, and what is no text as parts. Images, sounds and
 * binary resources are described by type and size, or kept as base64 (`keepsBinary`).
 *
 * @throws {PermanentError} TOOL_FAILED when the tool says that it failed, MCP_BAD_RESULT, MCP_OUTPUT_TOO_LARGE.
 */
export function toOutput(result: unknown, reading: ResultReading): Json {
  const maxBytes = reading.output.maxBytes ?? DEFAULT_MOST_BYTES;
  const value = readResult(result, reading);
  const content = Array.isArray(value["content"]) ? value["content"].filter(isJsonObject) : [];
  if (value["isError"] === true) throw failed(content, value["structuredContent"], reading);
  const structured = value["structuredContent"];
  if (reading.isStructured && structured === undefined) {
    throw bad(reading, "it promised structured content and sent none");
  }
  const output =
    reading.isStructured && structured !== undefined
      ? structured
      : toPlain(content, structured, reading.output.keepsBinary === true);
  const bytes = Buffer.byteLength(canonicalJson(output));
  if (bytes > maxBytes) throw tooLarge(reading, bytes, maxBytes);
  return output;
}

function readResult(result: unknown, reading: ResultReading): JsonObject {
  try {
    // Its size was bounded when it was received.
    const value = checkStrictJson(result, { maxBytes: Number.MAX_SAFE_INTEGER });
    return isJsonObject(value) ? value : {};
  } catch (error) {
    if (!RuntimeFailure.is(error)) throw error;
    throw bad(reading, error.message);
  }
}

function toPlain(content: readonly JsonObject[], structured: Json | undefined, keepsBinary: boolean): JsonObject {
  const parts = content.filter(({ type }) => type !== "text").map((piece) => toPart(piece, keepsBinary));
  return {
    text: joinTexts(content),
    ...(structured !== undefined && { structured }),
    ...(parts.length > 0 && { parts }),
  };
}

function joinTexts(content: readonly JsonObject[]): string {
  return content.flatMap(({ type, text }) => (type === "text" && typeof text === "string" ? [text] : [])).join("\n");
}

/** A piece that is no text: a link and a text resource as they are, bytes as told. */
function toPart(piece: JsonObject, keepsBinary: boolean): JsonObject {
  const told = withoutTrimmings(piece);
  const { resource = null } = told;
  if (!isJsonObject(resource)) return describeBytes(told, "data", keepsBinary);
  return { ...told, resource: describeBytes(withoutTrimmings(resource), "blob", keepsBinary) };
}

/** What is for a screen, or for nobody. */
function withoutTrimmings({ _meta, annotations: _hints, icons: _icons, ...rest }: JsonObject): JsonObject {
  return rest;
}

function describeBytes(piece: JsonObject, field: "data" | "blob", keepsBinary: boolean): JsonObject {
  const { [field]: base64, ...rest } = piece;
  if (typeof base64 !== "string" || keepsBinary) return piece;
  return { ...rest, omitted: "binary", bytes: Buffer.byteLength(base64, "base64") };
}

/** The server answered and says that it failed: that is a clear outcome, not a doubt. */
function failed(
  content: readonly JsonObject[],
  structured: Json | undefined,
  { action, hide }: ResultReading,
): PermanentError {
  const texts = joinTexts(content);
  const words = texts === "" && structured !== undefined ? canonicalJson(structured) : texts;
  const said = words === "" ? "It gave no reason." : `Its words: ${toExcerpt(hide(words), LONGEST_REASON)}`;
  return new PermanentError("TOOL_FAILED", `${action} failed. ${said}`);
}

function bad({ action, isQuery }: ResultReading, why: string): PermanentError {
  const message = `${action} gave a result that can't be used: ${toExcerpt(why, 500)}. Report it to the server's makers.`;
  return new PermanentError("MCP_BAD_RESULT", message, { mayHaveActed: !isQuery });
}

function tooLarge({ action, isQuery }: ResultReading, bytes: number, maxBytes: number): PermanentError {
  const fix = "Ask for less, or raise `output.maxBytes` of the connection.";
  const message = `${action} gave ${bytes} bytes, expected at most ${maxBytes}. ${fix}`;
  return new PermanentError("MCP_OUTPUT_TOO_LARGE", message, { mayHaveActed: !isQuery });
}
