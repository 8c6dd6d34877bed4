import { InputError, type Json } from "../base/index.ts";
import { badName, checkSize, isName } from "./limits.ts";
import type { Collection, RecordQuery, RecordWrite, StoredRecord } from "./port.ts";
import { DEFAULT_LIST_LIMIT } from "./select-runs.ts";

/** The collections that a store holds beside journals and ledger. */
export const COLLECTIONS: readonly Collection[] = ["memory", "decisions", "rewards", "experiments", "registry"];

const known: ReadonlySet<string> = new Set(COLLECTIONS);

/**
 * Refuses a record that the limits forbid, before anything is written.
 *
 * @throws {InputError} BAD_INPUT (no such collection), BAD_RUN_ID (the key), VALUE_TOO_LARGE
 */
export function checkRecord({ collection, key, value }: RecordWrite): void {
  checkCollection(collection);
  if (!isName(key)) throw badName("record key", key);
  if (value !== undefined) checkSize(`a record of ${collection}`, value);
}

/** @throws {InputError} BAD_INPUT */
export function checkCollection(collection: Collection): void {
  if (known.has(collection)) return;
  throw new InputError("BAD_INPUT", `Expected a collection (${COLLECTIONS.join(", ")}), got "${collection}".`);
}

/** The order of keys: by code point, which is that of their UTF-8 bytes, as databases compare text. */
function compareKeys(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Where a listing begins, behind that key if `isAfter`, and how many records it gives. */
export function boundsOf({ prefix = "", after, limit = DEFAULT_LIST_LIMIT }: RecordQuery): {
  readonly from: string;
  readonly isAfter: boolean;
  readonly limit: number;
} {
  const isAfter = after !== undefined && compareKeys(after, prefix) >= 0;
  return { from: isAfter ? after : prefix, isAfter, limit: Math.max(0, Math.floor(limit)) };
}

/** Gives the records that a query asks for, ordered by key, out of all of a collection. */
export function selectRecords(all: ReadonlyMap<string, Json>, query: RecordQuery): readonly StoredRecord[] {
  const { from, isAfter, limit } = boundsOf(query);
  const { prefix = "" } = query;
  return [...all]
    .filter(([key]) => key.startsWith(prefix) && compareKeys(key, from) >= (isAfter ? 1 : 0))
    .sort(([one], [other]) => compareKeys(one, other))
    .slice(0, limit)
    .map(([key, value]) => ({ key, value }));
}
