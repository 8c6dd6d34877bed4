import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { InputError } from "../base/index.ts";

/*
 * The memory's own database: any process may open it.
 *
 * 1. Every statement names the tenant: nobody sees or touches what another one wrote.
 * 2. What is deleted is overwritten (`secure_delete`). SQLite moves rows between pages and may leave a copy in the unused
 *    part of one; so what is forgotten on purpose has the file written anew (`VACUUM`) and the log emptied.
 * 3. The weight of an entry is the number of outermost runs that observed it, less those that saw the contrary.
 */

const APPLICATION_ID = 0x5061774d; // "PawM"
const VERSION = 1;
/** How long a write waits for another process. */
const BUSY_TIMEOUT_MS = 10_000;
const LOG_TIMEOUT_MS = 50;
/** Below this, two connections that checkpoint at once can corrupt a database (https://sqlite.org/releaselog/3_51_3.html). */
const SQLITE_FLOOR = "3.51.3";

const SCHEMA = `
  CREATE TABLE entries (
    tenant TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, type TEXT NOT NULL, text TEXT NOT NULL,
    labels TEXT NOT NULL, run TEXT NOT NULL, node TEXT, created_at REAL NOT NULL, expires_at REAL, story TEXT,
    embedder TEXT, vector BLOB, seal TEXT NOT NULL, PRIMARY KEY (tenant, id)) STRICT;
  CREATE TABLE observations (
    tenant TEXT NOT NULL, id TEXT NOT NULL, root TEXT NOT NULL, run TEXT NOT NULL, key TEXT NOT NULL,
    weight INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (tenant, id, run, key)) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${VERSION};
`;

/**
 * Opens the database, or makes it for its user alone; `:memory:` is forgotten with the process.
 *
 * @throws {InputError} STORE_FOREIGN, STORE_NEWER, STORE_UNSAFE, SQLITE_TOO_OLD
 */
export function openDatabase(file: string): DatabaseSync {
  refuseOldSqlite(process.versions["sqlite"] ?? "0");
  const isOnDisk = file !== ":memory:";
  if (isOnDisk) makePrivate(file);
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, defensive: true });
  try {
    if (isOnDisk) inspect(database, file);
    const { journal_mode: mode } = database.prepare("PRAGMA journal_mode = WAL").get() ?? {};
    if (isOnDisk && mode !== "wal") throw unsafe(file, String(mode));
    database.exec(
      `PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA secure_delete = ON; PRAGMA mmap_size = 0;
      PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;
      PRAGMA journal_size_limit = 1048576;`,
    );
    makeTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Makes an empty file for its user alone; one that exists keeps its permissions, and is not opened (its locks would go). */
function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  if (existsSync(file)) return;
  try {
    closeSync(openSync(file, "wx", 0o600));
    chmodSync(file, 0o600);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

function inspect(database: DatabaseSync, file: string): void {
  let head: { readonly id: number; readonly version: number; readonly tables: number };
  try {
    head = {
      id: numberOf(database, "PRAGMA application_id"),
      version: numberOf(database, "PRAGMA user_version"),
      tables: numberOf(database, "SELECT count(*) FROM sqlite_schema"),
    };
  } catch (error) {
    throw foreign(file, error);
  }
  if (head.tables === 0 && head.id === 0) return;
  if (head.id !== APPLICATION_ID) throw foreign(file, undefined);
  if (head.version > VERSION) {
    throw new InputError(
      "STORE_NEWER",
      `Expected ${file} in version ${VERSION}, got version ${head.version}. It was left as it is. Update Pawl.`,
    );
  }
}

/** In one transaction, so that two processes that come first at once make one set of tables. */
function makeTables(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE");
  if (numberOf(database, "PRAGMA user_version") === 0) database.exec(SCHEMA);
  database.exec("COMMIT");
}

/** The one number that a statement gives. */
export function numberOf(database: DatabaseSync, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() ?? {})[0]);
}

/** Rewrites the file without what was deleted. False: another process is reading, so that the log could not be emptied. */
export function rewrite(database: DatabaseSync): boolean {
  database.exec("VACUUM");
  // The event loop stands still meanwhile, so it does not wait for a reader as long as a write does.
  database.exec(`PRAGMA busy_timeout = ${LOG_TIMEOUT_MS}`);
  const busy = numberOf(database, "PRAGMA wal_checkpoint(TRUNCATE)");
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  return busy === 0;
}

function refuseOldSqlite(version: string): void {
  if (version.localeCompare(SQLITE_FLOOR, "en", { numeric: true }) >= 0) return;
  throw new InputError(
    "SQLITE_TOO_OLD",
    `Expected SQLite ${SQLITE_FLOOR} or newer inside Node, got ${version}. Use a newer Node 24.`,
  );
}

function foreign(file: string, cause: unknown): InputError {
  return new InputError(
    "STORE_FOREIGN",
    `Expected ${file} to be a memory that Pawl made, or nothing. It was left as it is. Choose another file.`,
    { cause },
  );
}

function unsafe(file: string, mode: string): InputError {
  return new InputError(
    "STORE_UNSAFE",
    `Expected a write-ahead log for ${file}, got journal mode "${mode}". Put it on a local disk.`,
  );
}
