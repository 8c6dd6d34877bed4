import type { DatabaseSync } from "node:sqlite";
import { InputError } from "../../base/index.ts";

/** "Pawl" in ASCII: marks the file as ours (https://sqlite.org/pragma.html#pragma_application_id). */
export const APPLICATION_ID = 0x5061776c;

/*
 * 1. A migration never changes once it is released; the next one comes after it.
 * 2. Events stand in the order in which they were committed, with an index by run: many runs that share a commit then
 *    dirty few pages (measured at 200 runs: a fifth of the bytes written by one tree ordered by run).
 * 3. Lines are numbered 1, 2, 3, ... without gaps, and SQLite remembers the last number given (AUTOINCREMENT; for runs
 *    the events do): a lost line shows. `results.inbox` is the number of the command that the result took away.
 * 4. An event's digest is kept only once its payload is erased; until then it follows from the payload.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE owner (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL) STRICT;
  INSERT INTO owner (one, epoch) VALUES (1, 0);
  CREATE TABLE runs (
    no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, plan TEXT NOT NULL, plan_name TEXT NOT NULL, tag TEXT NOT NULL,
    tags TEXT NOT NULL, created_at REAL NOT NULL, updated_at REAL NOT NULL, parent TEXT,
    head INTEGER NOT NULL, head_hash TEXT NOT NULL, seal TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_age ON runs (created_at, no);
  CREATE INDEX runs_open ON runs (created_at, no)
    WHERE tag IN ('running', 'waiting', 'rolling-back', 'cancelling', 'suspended');
  CREATE TABLE events (
    no INTEGER PRIMARY KEY, run INTEGER NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL,
    hash TEXT NOT NULL, digest TEXT, payload TEXT, UNIQUE (run, seq)
  ) STRICT;
  CREATE TABLE blobs (hash TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
  CREATE TABLE plans (
    no INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, graph TEXT NOT NULL,
    seal TEXT NOT NULL
  ) STRICT;
  CREATE TABLE ledger (
    no INTEGER PRIMARY KEY AUTOINCREMENT, effect TEXT NOT NULL UNIQUE, entry TEXT NOT NULL, seal TEXT NOT NULL
  ) STRICT;
  CREATE TABLE inbox (
    no INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, command TEXT NOT NULL, seal TEXT NOT NULL
  ) STRICT;
  CREATE TABLE results (
    no INTEGER PRIMARY KEY AUTOINCREMENT, command TEXT NOT NULL UNIQUE, result TEXT NOT NULL, seal TEXT NOT NULL,
    inbox INTEGER
  ) STRICT;
  `,
  `
  CREATE TABLE collections (name TEXT PRIMARY KEY, lines INTEGER NOT NULL, seal TEXT NOT NULL) STRICT;
  CREATE TABLE records_memory (
    no INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, content TEXT NOT NULL, seal TEXT NOT NULL
  ) STRICT;
  CREATE TABLE records_decisions (
    no INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, content TEXT NOT NULL, seal TEXT NOT NULL
  ) STRICT;
  CREATE TABLE records_rewards (
    no INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, content TEXT NOT NULL, seal TEXT NOT NULL
  ) STRICT;
  CREATE TABLE records_experiments (
    no INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, content TEXT NOT NULL, seal TEXT NOT NULL
  ) STRICT;
  CREATE TABLE records_registry (
    no INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, content TEXT NOT NULL, seal TEXT NOT NULL
  ) STRICT;
  `,
];

/** Version of the schema that this code reads and writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** The oldest version that a reader understands as it is; an owner brings any to the newest. */
export const OLDEST_READABLE = 1;

/** Brings a database to this version, one transaction a step; a crash between two leaves a good older version. */
export function migrate(database: DatabaseSync, version: number): void {
  for (const [at, statements] of MIGRATIONS.entries()) {
    if (at < version) continue;
    database.exec(
      `BEGIN IMMEDIATE; ${statements} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${at + 1}; COMMIT`,
    );
  }
}

/** @throws {InputError} STORE_NEWER */
export function refuseNewer(path: string, version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw new InputError(
    "STORE_NEWER",
    `Expected ${path} in version ${SCHEMA_VERSION} or older, got version ${version}. It was left as it is. ` +
      "Update Pawl to at least the version that wrote it.",
  );
}
