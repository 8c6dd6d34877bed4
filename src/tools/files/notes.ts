import { isJsonObject, sha256, type Json } from "../../base/index.ts";
import { isVersion, type Version } from "./labels.ts";
import { refusal } from "./refusals.ts";
import type { Vault } from "./vault.ts";

/** What a change found and what it makes of it, written down before anything is changed. */
export type Note = {
  readonly path: string;
  /** What was there; null: nothing. */
  readonly was: { readonly hash: string; readonly mode: number } | null;
  /** Hash of what will be there; null: nothing. */
  readonly is: string | null;
  readonly bytes: number;
  /** Folders that it makes. */
  readonly made: readonly string[];
  /** What was known of the labels before. */
  readonly versions: readonly Version[];
};

const documentOf = (key: string): string => `${sha256(key)}.change`;

/** Writes a note under the key of an effect. */
export async function putNote(vault: Vault, key: string, note: Note): Promise<void> {
  await vault.put(documentOf(key), note);
}

/** Removes the note of an effect that has not happened. */
export async function dropNote(vault: Vault, key: string): Promise<void> {
  await vault.drop(documentOf(key));
}

/** Gives the note of an effect; undefined: it has changed nothing. */
export async function noteOf(vault: Vault, key: string): Promise<Note | undefined> {
  const note = await vault.get(documentOf(key));
  if (note === undefined || isNote(note)) return note;
  throw refusal(documentOf(key), `what is kept of a change in ${vault.folder} can't be read`);
}

function isNote(value: Json): value is Note {
  if (!isJsonObject(value)) return false;
  const { path, was, is, bytes, made, versions } = value;
  const isWas =
    was === null || (isJsonObject(was) && typeof was["hash"] === "string" && typeof was["mode"] === "number");
  const isKnown = Array.isArray(versions) && versions.every(isVersion);
  return typeof path === "string" && isWas && isText(is) && typeof bytes === "number" && isPaths(made) && isKnown;
}

const isText = (value: Json | undefined): boolean => value === null || typeof value === "string";
const isPaths = (value: Json | undefined): boolean =>
  Array.isArray(value) && value.every((path) => typeof path === "string");
