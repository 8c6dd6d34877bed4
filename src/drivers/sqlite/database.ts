import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { InputError } from "../../base/index.ts";
import { isDamage, storeForeign, storeUnsafe } from "./faults.ts";
import { APPLICATION_ID, refuseNewer } from "./schema.ts";
import { number, type Row } from "./rows.ts";

/** Below this, two connections that checkpoint at once can corrupt a database (https://sqlite.org/releaselog/3_51_3.html). */
const SQLITE_FLOOR = [3, 51, 3] as const;
/** How long a connection waits for another process. */
export const BUSY_TIMEOUT_MS = 10_000;
const SYNCHRONOUS_FULL = 2;
/** Pages of 4 KB. The log is copied back at this length, which costs three fsyncs. */
const CHECKPOINT_PAGES = 1_000;
const LARGEST_IDLE_LOG = 8 * 1024 * 1024;

/** @throws {InputError} SQLITE_TOO_OLD */
export function refuseOldSqlite(version: string = process.versions["sqlite"] ?? "none"): void {
  const parts = version.split(".").map(Number);
  for (const [at, floor] of SQLITE_FLOOR.entries()) {
    const part = parts[at] ?? 0;
    if (part > floor) return;
    if (part < floor || Number.isNaN(part)) throw tooOld(version);
  }
}

function tooOld(version: string): InputError {
  return new InputError(
    "SQLITE_TOO_OLD",
    `Expected SQLite ${SQLITE_FLOOR.join(".")} or newer inside Node, got ${version}, which can corrupt a database. ` +
      "Use a newer Node 24.",
  );
}

/** What the head of a file says, without changing the file. */
export interface FileHead {
  /** 0: nothing was written yet. */
  readonly version: number;
}

/**
 * Looks at a database file and leaves it as it is.
 *
 * @throws {InputError} STORE_FOREIGN, STORE_NEWER
 */
export function inspect(path: string): FileHead | undefined {
  if (!existsSync(path)) return undefined;
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    const application = pragma(database, "application_id");
    const version = pragma(database, "user_version");
    const tables = number(one(database, "SELECT count(*) AS value FROM sqlite_schema"), "value");
    if (application === 0 && version === 0 && tables === 0) return { version: 0 };
    if (application !== APPLICATION_ID) throw storeForeign(path, `application id ${application}`);
    refuseNewer(path, version);
    return { version };
  } catch (error) {
    throw isDamage(error) ? storeForeign(path, "a file that is no SQLite database, or a damaged one", error) : error;
  } finally {
    database.close();
  }
}

/**
 * Opens an existing database file with the settings that the store's promises rest on, and reads them back.
 *
 * @throws {InputError} STORE_UNSAFE
 */
export function openDatabase(path: string): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set("mode", "rw"); // never makes the file
  const database = new DatabaseSync(url, { timeout: BUSY_TIMEOUT_MS, defensive: true });
  try {
    const mode = one(database, "PRAGMA journal_mode = WAL")["journal_mode"];
    if (mode !== "wal") throw storeUnsafe("journal_mode WAL", mode);
    database.exec(
      `PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA mmap_size = 0;
      PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;
      PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${LARGEST_IDLE_LOG}`,
    );
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Copies a log that a crash left into the database and begins a new one: what stood behind the last whole commit must
 * never be taken for a part of the new log (log-check.ts).
 */
export function startNewLog(database: DatabaseSync): void {
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

/** To be called after the first write: some builds of SQLite lower the setting at that moment. @throws {InputError} STORE_UNSAFE */
export function mustSyncFully(database: DatabaseSync): void {
  const level = pragma(database, "synchronous");
  if (level !== SYNCHRONOUS_FULL) throw storeUnsafe(`synchronous FULL (${SYNCHRONOUS_FULL})`, level);
}

function pragma(database: DatabaseSync, name: string): number {
  return number(one(database, `PRAGMA ${name}`), name);
}

function one(database: DatabaseSync, sql: string): Row {
  return database.prepare(sql).get() ?? {};
}
