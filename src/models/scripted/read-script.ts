import { readFileSync } from "node:fs";
import { InputError, isJsonObject, parseStrictJson, type Json } from "../../base/index.ts";
import type { Script, ScriptedReply } from "./scripted-model.ts";

/**
 * Reads a script from a JSON file: a list of replies, each a text or an object as `scriptedModel` takes it.
 *
 * @throws {InputError} MODEL_SCRIPT_INVALID
 */
export function readScript(file: string): Script {
  const replies = parse(file, read(file));
  if (!Array.isArray(replies) || !replies.every(isReply)) {
    throw invalid(file, "a JSON list of texts and replies");
  }
  return replies;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw invalid(file, "a file that can be read", error);
  }
}

function parse(file: string, text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw invalid(file, "JSON", error);
  }
}

const FIELDS = ["text", "reasoning", "calls", "finish", "usage", "delayMs", "pieceMs", "fault", "times"];

function isReply(value: unknown): value is ScriptedReply {
  if (typeof value === "string") return true;
  if (!isJsonObject(value) || !Object.keys(value).every((key) => FIELDS.includes(key))) return false;
  const { text, calls, fault } = value;
  const areCalls = calls === undefined || (Array.isArray(calls) && calls.every(isCall));
  const isFault = fault === undefined || (isJsonObject(fault) && typeof fault["type"] === "string");
  return (text === undefined || typeof text === "string") && areCalls && isFault;
}

function isCall(value: Json): boolean {
  return isJsonObject(value) && typeof value["tool"] === "string";
}

function invalid(file: string, expected: string, cause?: unknown): InputError {
  const got = cause instanceof Error ? cause.message : "something else";
  return new InputError("MODEL_SCRIPT_INVALID", `Expected ${expected} in ${file}, got ${got}. Correct the file.`, {
    cause,
  });
}
