import type { DatabaseSync } from "node:sqlite";
import { InputError } from "../../base/index.ts";
import { checkBatch, type Store, type StoreDriver, type StoreReader } from "../../store/index.ts";
import { createConnection, type Connection } from "./connection.ts";
import { inspect, mustSyncFully, openDatabase, refuseOldSqlite, startNewLog } from "./database.ts";
import { toOpenFailure } from "./faults.ts";
import { folderAt, makeFolder, makePrivateFile, type Folder } from "./folder.ts";
import { JournalWriter } from "./journal.ts";
import { refuseDamagedLog } from "./log-check.ts";
import { own, type Ownership } from "./owner.ts";
import { createReader, readInbox } from "./reader.ts";
import { number } from "./rows.ts";
import { migrate, OLDEST_READABLE } from "./schema.ts";

/**
 * Keeps runs in a folder, in SQLite, so that what was committed survives a crash and a power cut.
 *
 * `open` makes the folder if need be and becomes its owner; `read` opens it beside an owner, in any process.
 *
 * @throws {InputError} from `open`: FOLDER_OWNED, FOLDER_UNUSABLE, STORE_FOREIGN, STORE_NEWER, STORE_UNSAFE,
 * SQLITE_TOO_OLD; from `read`: FOLDER_MISSING and the last five.
 * @throws {DefectError} JOURNAL_DAMAGED from both, if a log left by a crash is damaged.
 * @see docs/state-folder.md
 */
export function createSqliteDriver(options: { readonly dir: string }): StoreDriver {
  const folder = folderAt(options.dir);
  return { open: async () => openOwned(folder), read: async () => openReader(folder) };
}

function openOwned(folder: Folder): Store {
  refuseOldSqlite();
  let ownership: Ownership | undefined;
  let database: DatabaseSync | undefined;
  try {
    makeFolder(folder);
    ownership = own(folder);
    refuseDamagedLog(folder.database);
    inspect(folder.database);
    makePrivateFile(folder.database);
    database = openDatabase(folder.database);
    startNewLog(database);
    migrate(database, number(database.prepare("PRAGMA user_version").get() ?? {}, "user_version"));
    const raised = database.prepare("UPDATE owner SET epoch = epoch + 1 RETURNING epoch").get();
    mustSyncFully(database);
    return createStore(createConnection(database), number(raised ?? {}, "epoch"), ownership);
  } catch (error) {
    database?.close();
    ownership?.release();
    throw toOpenFailure(folder.dir, error);
  }
}

function createStore(connection: Connection, epoch: number, ownership: Ownership): Store {
  const writer = new JournalWriter(connection, epoch);
  /** Holds what was erased, because another process was reading. Closing empties it, and so does the next owner. */
  let isLogDirty = false;
  return {
    ...createReader(connection),
    epoch,
    commit: async (batch) => {
      connection.mustLive();
      checkBatch(batch);
      connection.writing(() => writer.write(batch));
      isLogDirty ||= batch.erase === true;
      if (isLogDirty) isLogDirty = !connection.emptyLog();
    },
    inbox: async () => readInbox(connection),
    close: async () => {
      try {
        connection.close();
      } finally {
        ownership.release();
      }
    },
  };
}

function openReader(folder: Folder): StoreReader {
  refuseOldSqlite();
  let database: DatabaseSync | undefined;
  try {
    refuseDamagedLog(folder.database);
    const head = inspect(folder.database);
    if (head === undefined || head.version < OLDEST_READABLE) throw folderMissing(folder);
    database = openDatabase(folder.database);
    const connection = createConnection(database);
    return { ...createReader(connection), close: async () => connection.close() };
  } catch (error) {
    database?.close();
    throw toOpenFailure(folder.dir, error);
  }
}

function folderMissing(folder: Folder): InputError {
  return new InputError(
    "FOLDER_MISSING",
    `Expected runs in ${folder.dir}, found none there. Check the path, or start a run with it first.`,
  );
}
