import { InputError } from "../../base/index.ts";
import { checkBatch, type Store, type StoreDriver, type StoreReader } from "../../store/index.ts";
import { createConnection, type Connection } from "./connection.ts";
import { inspect, mustSyncFully, openDatabase, refuseOldSqlite } from "./database.ts";
import { toFailure } from "./faults.ts";
import { folderAt, makeFolder, makePrivateFile, type Folder } from "./folder.ts";
import { JournalWriter } from "./journal.ts";
import { own, type Ownership } from "./owner.ts";
import { createReader, readInbox } from "./reader.ts";
import { number } from "./rows.ts";
import { migrate, SCHEMA_VERSION } from "./schema.ts";

/**
 * Keeps runs in a folder, in SQLite, so that what was committed survives a crash and a power cut.
 *
 * `open` makes the folder if need be and becomes its owner; `read` opens it beside an owner, in any process.
 *
 * @throws {InputError} from `open`: FOLDER_OWNED, STORE_FOREIGN, STORE_NEWER, STORE_UNSAFE, SQLITE_TOO_OLD; from
 * `read`: FOLDER_MISSING and the last four.
 * @see docs/state-folder.md
 */
export function createSqliteDriver(options: { readonly dir: string }): StoreDriver {
  const folder = folderAt(options.dir);
  return { open: async () => openOwned(folder), read: async () => openReader(folder) };
}

function openOwned(folder: Folder): Store {
  refuseOldSqlite();
  makeFolder(folder);
  const ownership = own(folder);
  try {
    return createStore(connectAsOwner(folder), ownership);
  } catch (error) {
    ownership.release();
    throw toFailure(folder.database, error);
  }
}

function connectAsOwner(folder: Folder): { connection: Connection; epoch: number } {
  inspect(folder.database);
  makePrivateFile(folder.database);
  const database = openDatabase(folder.database);
  try {
    migrate(database, number(database.prepare("PRAGMA user_version").get() ?? {}, "user_version"));
    const raised = database.prepare("UPDATE owner SET epoch = epoch + 1 RETURNING epoch").get();
    mustSyncFully(database);
    return { connection: createConnection(database), epoch: number(raised ?? {}, "epoch") };
  } catch (error) {
    database.close();
    throw error;
  }
}

function createStore(opened: { connection: Connection; epoch: number }, ownership: Ownership): Store {
  const { connection, epoch } = opened;
  const writer = new JournalWriter(connection, epoch);
  return {
    ...createReader(connection),
    epoch,
    commit: async (batch) => {
      connection.mustLive();
      checkBatch(batch);
      connection.writing(() => writer.write(batch));
    },
    inbox: async () => readInbox(connection),
    close: async () => {
      connection.close();
      ownership.release();
    },
  };
}

function openReader(folder: Folder): StoreReader {
  refuseOldSqlite();
  const head = inspect(folder.database);
  if (head === undefined || head.version < SCHEMA_VERSION) throw folderMissing(folder);
  const connection = createConnection(openDatabase(folder.database));
  return { ...createReader(connection), close: async () => connection.close() };
}

function folderMissing(folder: Folder): InputError {
  return new InputError(
    "FOLDER_MISSING",
    `Expected runs in ${folder.dir}, found none there. Check the path, or start a run with it first.`,
  );
}
