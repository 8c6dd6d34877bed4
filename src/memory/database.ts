import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Label } from "../action/index.ts";
import type { Entry } from "./entry.ts";

/*
 * The memory's own database: any process may open it.
 *
 * 1. Every statement names the tenant: nobody sees or touches what another one wrote.
 * 2. What is deleted is overwritten (`secure_delete`), and the write-ahead log is emptied after a deletion.
 * 3. The weight of an entry is the sum of its observations, one a run: a run that is repeated counts once.
 */

/** A row, with its vector if it has one. */
export interface Row {
  readonly entry: Entry;
  readonly vector: Float32Array | undefined;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS entries (
    tenant TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, type TEXT NOT NULL, text TEXT NOT NULL,
    labels TEXT NOT NULL, run TEXT NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, vector BLOB,
    PRIMARY KEY (tenant, id)) STRICT;
  CREATE INDEX IF NOT EXISTS by_kind ON entries (tenant, kind, type);
  CREATE TABLE IF NOT EXISTS observations (
    tenant TEXT NOT NULL, id TEXT NOT NULL, run TEXT NOT NULL, weight INTEGER NOT NULL,
    PRIMARY KEY (tenant, id, run)) STRICT;
`;

const COLUMNS = `
  SELECT id, kind, type, text, labels, run, created_at, expires_at, vector,
    (SELECT coalesce(sum(weight), 0) FROM observations o WHERE o.tenant = e.tenant AND o.id = e.id) AS weight
  FROM entries e WHERE tenant = ?`;

/** Opens the database, or makes it; `:memory:` is forgotten with the process. */
export function openDatabase(file: string): DatabaseSync {
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(file);
  database.exec(
    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;",
  );
  database.exec(SCHEMA);
  return database;
}

/** All rows of a tenant, oldest first; of one kind and type where they are given. */
export function readRows(
  database: DatabaseSync,
  tenant: string,
  where: { readonly kind?: string | undefined; readonly type?: string | undefined } = {},
): readonly Row[] {
  const { kind, type } = where;
  const more = `${kind === undefined ? "" : " AND kind = ?"}${type === undefined ? "" : " AND type = ?"}`;
  const given = [tenant, kind, type].filter((value) => value !== undefined);
  return database
    .prepare(`${COLUMNS}${more} ORDER BY created_at, id`)
    .all(...given)
    .map(toRow);
}

function toRow(row: Record<string, unknown>): Row {
  const { vector, expires_at: expiresAt } = row;
  const labels: readonly Label[] = JSON.parse(String(row["labels"]));
  return {
    entry: {
      id: String(row["id"]),
      kind: String(row["kind"]),
      type: row["type"] === "lesson" ? "lesson" : "fact",
      text: String(row["text"]),
      labels,
      run: String(row["run"]),
      createdAt: Number(row["created_at"]),
      expiresAt: expiresAt === null ? undefined : Number(expiresAt),
      weight: Number(row["weight"]),
    },
    vector: vector instanceof Uint8Array ? new Float32Array(vector.slice().buffer) : undefined,
  };
}

/** Writes an entry once. */
export function insertRow(database: DatabaseSync, tenant: string, { entry, vector }: Row): void {
  const { id, kind, type, text, labels, run, createdAt, expiresAt } = entry;
  const bytes = vector === undefined ? null : new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  database
    .prepare("INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .run(tenant, id, kind, type, text, JSON.stringify(labels), run, createdAt, expiresAt ?? null, bytes);
}

/** Notes that a run observed an entry (1), or saw the contrary (-1). Once for each run. */
export function observe(
  database: DatabaseSync,
  tenant: string,
  seen: { readonly id: string; readonly run: string; readonly weight: 1 | -1 },
): void {
  database
    .prepare("INSERT OR IGNORE INTO observations VALUES (?, ?, ?, ?)")
    .run(tenant, seen.id, seen.run, seen.weight);
}

/** Gives an entry other labels. */
export function setLabels(
  database: DatabaseSync,
  tenant: string,
  { id, labels }: { readonly id: string; readonly labels: readonly Label[] },
): void {
  const statement = database.prepare("UPDATE entries SET labels = ? WHERE tenant = ? AND id = ?");
  statement.run(JSON.stringify(labels), tenant, id);
}

/** Takes back what a run observed. */
export function unobserve(database: DatabaseSync, tenant: string, run: string): void {
  database.prepare("DELETE FROM observations WHERE tenant = ? AND run = ?").run(tenant, run);
}

/** Deletes entries with their observations, for good. */
export function deleteRows(database: DatabaseSync, tenant: string, ids: readonly string[]): void {
  if (ids.length === 0) return;
  const entries = database.prepare("DELETE FROM entries WHERE tenant = ? AND id = ?");
  const observations = database.prepare("DELETE FROM observations WHERE tenant = ? AND id = ?");
  database.exec("BEGIN IMMEDIATE");
  for (const id of ids) {
    entries.run(tenant, id);
    observations.run(tenant, id);
  }
  database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);");
}
