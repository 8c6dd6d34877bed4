import type { SQLOutputValue } from "node:sqlite";
import { sha256, type Hash } from "../../base/index.ts";
import { oddRow } from "./faults.ts";

/** A row as `node:sqlite` gives it. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** Reads a text column. @throws {DefectError} JOURNAL_DAMAGED */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw oddRow(column, value);
  return value;
}

/** Reads a number column. @throws {DefectError} JOURNAL_DAMAGED */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw oddRow(column, value);
  return value;
}

/** Reads a text column that may be empty. */
export function textOrNone(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

/** The checksum that lines outside the journals carry, so that damage is seen: SHA-256 of key, line feed, content. */
export function seal(key: string, content: string): Hash {
  return sha256(`${key}\n${content}`);
}
