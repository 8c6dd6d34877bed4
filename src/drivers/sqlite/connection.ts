import type { DatabaseSync, StatementSync } from "node:sqlite";
import { RuntimeFailure } from "../../base/index.ts";
import { storeClosed, storeFailed } from "../../store/index.ts";
import { BUSY_TIMEOUT_MS } from "./database.ts";
import { isBusy, storeBusy, toFailure } from "./faults.ts";

const LOG_TIMEOUT_MS = 50;

/** One open database, with its statements prepared once, that stops for good at the first fault of a write or the disk. */
export interface Connection {
  readonly prepare: (sql: string) => StatementSync;
  /** Runs a read; its faults come out as our errors. `what` names what is read. */
  readonly reading: <T>(what: string, read: () => T) => T;
  /** Runs a read within one state of the database. */
  readonly snapshot: <T>(what: string, read: () => T) => T;
  /**
   * Runs a write in one transaction. Any throw rolls it back and ends the connection's life, unless the write was not
   * even begun: STORE_BUSY.
   */
  readonly writing: (write: () => void) => void;
  /** Copies the log into the database and empties it, unless another process is reading just now: false. */
  readonly emptyLog: () => boolean;
  /** @throws {DefectError} STORE_CLOSED, STORE_FAILED */
  readonly mustLive: () => void;
  readonly isOpen: () => boolean;
  readonly close: () => void;
}

/** Takes over an open database. */
export function createConnection(database: DatabaseSync): Connection {
  const prepare = createStatements(database);
  let failure: unknown;

  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");

  const mustLive = (): void => {
    if (!database.isOpen) throw storeClosed();
    if (failure !== undefined) throw storeFailed(failure);
  };
  const reading = <T>(what: string, read: () => T): T => {
    mustLive();
    try {
      return read();
    } catch (error) {
      const told = toFailure(what, error);
      if (told.code === "STORE_FAILED") failure = error;
      throw told;
    }
  };

  return {
    prepare,
    mustLive,
    reading,
    snapshot: (what, read) =>
      reading(what, () => {
        prepare("BEGIN").run();
        try {
          return read();
        } finally {
          leave(database);
        }
      }),
    writing: (write) => {
      mustLive();
      try {
        begin.run();
      } catch (error) {
        if (isBusy(error)) throw storeBusy("The store", error);
        failure = error;
        throw storeFailed(error);
      }
      try {
        write();
        commit.run();
      } catch (error) {
        leave(database);
        failure = error;
        throw RuntimeFailure.is(error) ? error : storeFailed(error);
      }
    },
    emptyLog: () => reading("the log", () => emptyLog(database)),
    isOpen: () => database.isOpen,
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function createStatements(database: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
}

function emptyLog(database: DatabaseSync): boolean {
  // The event loop stands still meanwhile, so it does not wait for a reader as long as a write does.
  database.exec(`PRAGMA busy_timeout = ${LOG_TIMEOUT_MS}`);
  const { busy } = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() ?? {};
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  return busy === 0;
}

function leave(database: DatabaseSync): void {
  try {
    if (database.isTransaction) database.exec("ROLLBACK");
  } catch {
    // The fault that led here is the one to tell; SQLite rolls back by itself when the file is opened again.
  }
}
