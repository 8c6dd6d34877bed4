import type { Hash, Json } from "../../base/index.ts";
import {
  boundsOf,
  checkCollection,
  COLLECTIONS,
  journalDamaged,
  type Batch,
  type Collection,
  type RecordQuery,
  type RecordWrite,
  type StoredRecord,
  type StoreProblem,
  type StoreReader,
} from "../../store/index.ts";
import type { Connection } from "./connection.ts";
import { number, seal, text, type Row } from "./rows.ts";

/*
 * Records beside the journals.
 *
 * 1. Each collection has a table of its own, so that erasing from one costs nothing of the others.
 * 2. A large value stays in its row: as a blob it could be shared with a journal, and would then have to outlive its
 *    deletion.
 * 3. Records may be deleted, so a gap in numbers tells nothing: `collections` holds how many there are, under a seal.
 * 4. `secure_delete` fills what is deleted with zeros, but SQLite moves rows between pages and then leaves a copy in the
 *    unused part of one (seen once in about a thousand deletions of small rows). So `erase` frees every page of the table,
 *    which fills it with zeros, and writes the records anew; the caller then empties the log.
 */

/** Writes records, within a transaction that the caller opens. */
export type RecordWriter = (batch: Pick<Batch, "records" | "erase">) => void;

/** Makes the writer of the one connection that writes records: it remembers how many there are. */
export function createRecordWriter({ prepare }: Connection): RecordWriter {
  const counts = new Map<Collection, number>();

  const put = ({ collection, key, value }: RecordWrite): void => {
    const table = tableOf(collection);
    const before = counts.get(collection) ?? countOf(prepare, collection);
    if (value === undefined) {
      const { changes } = prepare(`DELETE FROM ${table} WHERE key = ?`).run(key);
      counts.set(collection, before - Number(changes));
      return;
    }
    const content = JSON.stringify(value);
    const line = sealOf(collection, key, content);
    const { changes } = prepare(`UPDATE ${table} SET content = ?, seal = ? WHERE key = ?`).run(content, line, key);
    if (changes === 0) prepare(`INSERT INTO ${table} (key, content, seal) VALUES (?, ?, ?)`).run(key, content, line);
    counts.set(collection, before + (changes === 0 ? 1 : 0));
  };

  return ({ records = [], erase = false }) => {
    for (const write of records) put(write);
    for (const collection of new Set(records.map((write) => write.collection))) {
      const lines = counts.get(collection) ?? 0;
      prepare("INSERT OR REPLACE INTO collections (name, lines, seal) VALUES (?, ?, ?)").run(
        collection,
        lines,
        seal(collection, String(lines)),
      );
      if (erase) rewrite(prepare, tableOf(collection));
    }
  };
}

function rewrite(prepare: Connection["prepare"], table: string): void {
  const rows = prepare(`SELECT key, content, seal FROM ${table} ORDER BY no`).all();
  prepare(`DELETE FROM ${table}`).run();
  const insert = prepare(`INSERT INTO ${table} (key, content, seal) VALUES (?, ?, ?)`);
  for (const row of rows) insert.run(text(row, "key"), text(row, "content"), text(row, "seal"));
}

/** What a reader can do with records. */
export function createRecordReader(connection: Connection): Pick<StoreReader, "record" | "records"> {
  return {
    record: async (collection, key) =>
      connection.reading(`Record "${key}" of ${collection}`, () => readRecord(connection, collection, key)),
    records: async (collection, query = {}) =>
      connection.reading(`Collection ${collection}`, () => readRecords(connection, collection, query)),
  };
}

function readRecord(connection: Connection, collection: Collection, key: string): Json | undefined {
  const table = tableOf(collection);
  if (!hasCollections(connection)) return undefined;
  const row = connection.prepare(`SELECT key, content, seal FROM ${table} WHERE key = ?`).get(key);
  return row === undefined ? undefined : toRecord(collection, row).value;
}

function readRecords(connection: Connection, collection: Collection, query: RecordQuery): readonly StoredRecord[] {
  const { from, isAfter, limit } = boundsOf(query);
  const { prefix = "" } = query;
  const table = tableOf(collection);
  if (limit === 0 || !hasCollections(connection)) return [];
  const sql = `SELECT key, content, seal FROM ${table} WHERE key ${isAfter ? ">" : ">="} ? ORDER BY key`;
  const found: StoredRecord[] = [];
  // Keys with the prefix stand together: the first that hasn't got it is behind them all.
  for (const row of connection.prepare(sql).iterate(from)) {
    if (!text(row, "key").startsWith(prefix)) break;
    found.push(toRecord(collection, row));
    if (found.length === limit) break;
  }
  return found;
}

function toRecord(collection: Collection, row: Row): StoredRecord {
  const key = text(row, "key");
  const content = text(row, "content");
  if (text(row, "seal") !== sealOf(collection, key, content)) throw damagedRecord(collection, key);
  const value: Json = JSON.parse(content);
  return { key, value };
}

/** Looks for records that are gone or changed. */
export function auditCollections(connection: Connection): readonly StoreProblem[] {
  if (!hasCollections(connection)) return [];
  const found: StoreProblem[] = [];
  const add = ({ code, message }: { readonly code: string; readonly message: string }): void => {
    found.push({ code, message });
  };
  const { prepare } = connection;
  for (const collection of COLLECTIONS) {
    let lines = 0;
    for (const row of prepare(`SELECT key, content, seal FROM ${tableOf(collection)}`).iterate()) {
      const key = text(row, "key");
      lines += 1;
      if (row["seal"] !== sealOf(collection, key, text(row, "content"))) add(damagedRecord(collection, key));
    }
    const stated = findCount(prepare, collection);
    if (stated !== lines) add(damagedCount(collection, `it has ${lines} records, written were ${stated ?? "unknown"}`));
  }
  return found;
}

/** A folder of an older version has none until an owner migrates it, and a reader may come first. */
function hasCollections({ prepare }: Connection): boolean {
  return prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'collections'").get() !== undefined;
}

/** Only a known name stands in a statement. @throws {InputError} BAD_INPUT */
function tableOf(collection: Collection): string {
  checkCollection(collection);
  return `records_${collection}`;
}

function sealOf(collection: Collection, key: string, content: string): Hash {
  return seal(`${collection}\n${key}`, content);
}

function countOf(prepare: Connection["prepare"], collection: Collection): number {
  const count = findCount(prepare, collection);
  if (count === undefined) throw damagedCount(collection, "the number of its records does not match its seal");
  return count;
}

/** Undefined: it is damaged. */
function findCount(prepare: Connection["prepare"], collection: Collection): number | undefined {
  const row = prepare("SELECT lines, seal FROM collections WHERE name = ?").get(collection);
  if (row === undefined) return 0;
  const lines = number(row, "lines");
  return row["seal"] === seal(collection, String(lines)) ? lines : undefined;
}

function damagedRecord(collection: Collection, key: string): ReturnType<typeof journalDamaged> {
  return journalDamaged(`Record "${key}" of ${collection}`, "it does not match its seal");
}

function damagedCount(collection: Collection, why: string): ReturnType<typeof journalDamaged> {
  return journalDamaged(`Collection ${collection}`, why);
}
