import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { InputError, isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import type { Delta, ModelReply } from "../port.ts";

/** One recorded answer. */
export interface Recording {
  readonly hash: string;
  readonly request: JsonObject;
  readonly pieces: readonly Delta[];
  readonly reply: ModelReply;
}

/**
 * Reads a cassette: a JSON line for each answer. A last line that was not written to its end, by a process that was
 * killed, never happened.
 *
 * @throws {InputError} MODEL_CASSETTE_INVALID
 */
export function readCassette(file: string): readonly Recording[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  // What follows the last line end is empty, or torn.
  return lines.slice(0, -1).flatMap((line, index) => (line === "" ? [] : [parseLine(line, `${file}:${index + 1}`)]));
}

function parseLine(line: string, place: string): Recording {
  try {
    const value: unknown = JSON.parse(line);
    if (isRecording(value)) return value;
  } catch {
    // Told below.
  }
  const fix = "Take the line out, or record the file again.";
  throw new InputError("MODEL_CASSETTE_INVALID", `Expected a recorded answer at ${place}, got something else. ${fix}`);
}

function isRecording(value: unknown): value is Recording {
  if (!isJsonObject(value)) return false;
  const { hash, request, pieces, reply } = value;
  return typeof hash === "string" && isJsonObject(request) && Array.isArray(pieces) && isReply(reply);
}

function isReply(value: Json | undefined): boolean {
  if (!isJsonObject(value)) return false;
  return typeof value["text"] === "string" && Array.isArray(value["calls"]) && isJsonObject(value["usage"]);
}

/** Adds an answer in one write, so that a reader sees it whole or not at all. */
export function appendRecording(file: string, recording: Recording): void {
  removeTornLine(file);
  appendFileSync(file, `${JSON.stringify(recording)}\n`);
}

function removeTornLine(file: string): void {
  if (!existsSync(file)) return;
  const bytes = readFileSync(file);
  if (bytes.length > 0 && bytes.at(-1) !== 10) truncateSync(file, bytes.lastIndexOf(10) + 1);
}
