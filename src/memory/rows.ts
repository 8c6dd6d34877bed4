import type { DatabaseSync } from "node:sqlite";
import type { Label } from "../action/index.ts";
import { DefectError, sha256 } from "../base/index.ts";
import type { Entry, EntryType, Story } from "./entry.ts";

/** An entry as it is kept, with its vector and the name of the model that made it. */
export interface Row {
  readonly entry: Entry;
  readonly vector: Float32Array | undefined;
  readonly embedder: string | undefined;
}

/** A row that is not as it was written. */
export interface DamagedRow {
  readonly damaged: string;
}

const SELECT = `
  SELECT e.*, o.weight, o.seen_at FROM entries e LEFT JOIN (
    SELECT id, max(at) AS seen_at,
      count(DISTINCT CASE WHEN weight > 0 THEN root END) - count(DISTINCT CASE WHEN weight < 0 THEN root END) AS weight
    FROM observations WHERE tenant = :tenant GROUP BY id) o ON o.id = e.id
  WHERE e.tenant = :tenant`;

/** Says that an entry is not as it was written. */
export function damagedRow(id: string): DefectError {
  return new DefectError(
    "JOURNAL_DAMAGED",
    `Expected entry "${id}" of the memory as it was written, but it does not match its seal. ` +
      "Restore a copy of the file, or forget the entry by its id.",
  );
}

/** Reads the row of an id within a change. @throws {DefectError} JOURNAL_DAMAGED */
export function findRow(database: DatabaseSync, tenant: string, id: string): Row | undefined {
  const [row] = readRows(database, tenant, id);
  if (row !== undefined && "damaged" in row) throw damagedRow(id);
  return row;
}

/** What an entry is found by when it is to be deleted, damaged or not. */
export type RowName = Pick<Entry, "id" | "kind" | "run">;

/** Reads the names of all entries. */
export function readNames(database: DatabaseSync, tenant: string): readonly RowName[] {
  const rows = database.prepare("SELECT id, kind, run FROM entries WHERE tenant = ?").all(tenant);
  return rows.map((row) => ({ id: String(row["id"]), kind: String(row["kind"]), run: String(row["run"]) }));
}

/** Reads a tenant's rows, of all or of one id. */
export function readRows(database: DatabaseSync, tenant: string, id?: string): readonly (Row | DamagedRow)[] {
  const statement = database.prepare(id === undefined ? SELECT : `${SELECT} AND e.id = :id`);
  return statement.all(id === undefined ? { tenant } : { tenant, id }).map((row) => toRow(tenant, row));
}

function toRow(tenant: string, row: Record<string, unknown>): Row | DamagedRow {
  const id = String(row["id"]);
  const bytes = row["vector"] instanceof Uint8Array ? row["vector"] : undefined;
  if (row["seal"] !== sealOf(tenant, row, bytes)) return { damaged: id };
  const labels: readonly Label[] = JSON.parse(String(row["labels"]));
  const story: Story | undefined = typeof row["story"] === "string" ? JSON.parse(row["story"]) : undefined;
  const createdAt = Number(row["created_at"]);
  const entry: Entry = {
    id,
    kind: String(row["kind"]),
    type: typeOf(row["type"]),
    text: String(row["text"]),
    labels,
    run: String(row["run"]),
    ...(typeof row["node"] === "string" && { node: row["node"] }),
    createdAt,
    expiresAt: row["expires_at"] === null ? undefined : Number(row["expires_at"]),
    seenAt: Math.max(createdAt, Number(row["seen_at"] ?? 0)),
    weight: Number(row["weight"] ?? 0),
    ...(story !== undefined && { story }),
  };
  const embedder = typeof row["embedder"] === "string" ? row["embedder"] : undefined;
  return { entry, vector: bytes && new Float32Array(bytes.slice().buffer), embedder };
}

function typeOf(value: unknown): EntryType {
  return value === "lesson" || value === "episode" ? value : "fact";
}

const SEALED = ["id", "kind", "type", "text", "labels", "run", "node", "created_at", "expires_at", "story", "embedder"];

/** Labels stand under it too: a flipped bit must not make words from outside trusted. */
function sealOf(tenant: string, row: Record<string, unknown>, vector: Uint8Array | undefined): string {
  const bytes = vector === undefined ? "" : Buffer.from(vector).toString("base64");
  return sha256(JSON.stringify([tenant, ...SEALED.map((column) => row[column] ?? null), bytes]));
}

/** Writes a row in place of the one with its id. */
export function putRow(database: DatabaseSync, tenant: string, { entry, vector, embedder }: Row): void {
  const columns = {
    id: entry.id,
    kind: entry.kind,
    type: entry.type,
    text: entry.text,
    labels: JSON.stringify(entry.labels),
    run: entry.run,
    node: entry.node ?? null,
    created_at: entry.createdAt,
    expires_at: entry.expiresAt ?? null,
    story: entry.story === undefined ? null : JSON.stringify(entry.story),
    embedder: embedder ?? null,
  };
  const bytes = vector && new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
  database
    .prepare(
      `INSERT OR REPLACE INTO entries VALUES (:tenant, :id, :kind, :type, :text, :labels, :run, :node, :created_at,
      :expires_at, :story, :embedder, :vector, :seal)`,
    )
    .run({ tenant, ...columns, vector: bytes ?? null, seal: sealOf(tenant, columns, bytes) });
}

/** What a run saw of an entry: the same (1) or the contrary (-1). */
export interface Observation {
  readonly id: string;
  readonly root: string;
  readonly run: string;
  readonly key: string;
  readonly weight: 1 | -1;
  readonly at: number;
}

/** Notes an observation, once for each run and key. */
export function observe(database: DatabaseSync, tenant: string, seen: Observation): void {
  database
    .prepare("INSERT OR IGNORE INTO observations VALUES (:tenant, :id, :root, :run, :key, :weight, :at)")
    .run({ tenant, ...seen });
}

/** What is taken back: what a run observed, with the runs within it, or what was observed under a key. */
export type Unobserved = { readonly run: string } | { readonly key: string };

/** Takes observations back, and names the entries that it concerns. */
export function unobserve(database: DatabaseSync, tenant: string, what: Unobserved): readonly string[] {
  const where = "run" in what ? "(run = :name OR root = :name)" : "key = :name";
  const name = "run" in what ? what.run : what.key;
  return idsOf(
    database.prepare(`DELETE FROM observations WHERE tenant = :tenant AND ${where} RETURNING id`).all({ tenant, name }),
  );
}

/** Deletes entries, lessons that nobody observed any more, and observations of what is gone; names the entries. */
export function deleteRows(database: DatabaseSync, tenant: string, ids: readonly string[]): readonly string[] {
  const one = database.prepare("DELETE FROM entries WHERE tenant = ? AND id = ?");
  for (const id of ids) one.run(tenant, id);
  const unseen = database
    .prepare(
      `DELETE FROM entries WHERE tenant = :tenant AND type = 'lesson' AND id NOT IN
      (SELECT id FROM observations WHERE tenant = :tenant AND weight > 0) RETURNING id`,
    )
    .all({ tenant });
  database
    .prepare(
      `DELETE FROM observations WHERE tenant = :tenant AND id NOT IN (SELECT id FROM entries WHERE tenant = :tenant)`,
    )
    .run({ tenant });
  return [...ids, ...idsOf(unseen)];
}

function idsOf(rows: readonly Record<string, unknown>[]): readonly string[] {
  return rows.map((row) => String(row["id"]));
}
