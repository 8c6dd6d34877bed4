import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { InputError } from "../../base/index.ts";
import { isBusy, isDamage, storeForeign } from "./faults.ts";
import { makePrivateFile, type Folder } from "./folder.ts";

/*
 * Who owns a state folder.
 *
 * 1. The owner holds an exclusive SQLite transaction on owner.db. The system drops such locks when a process ends,
 *    however it ends, and SQLite keeps two connections of one process apart as well.
 * 2. Nothing is ever decided by owner.json: a pid may have been given to another process since.
 */

/** Being the owner. */
export interface Ownership {
  readonly release: () => void;
}

/** Two that start at once must not refuse each other: the one without the lock lets go within this time. */
const RACE_MS = 100;

/**
 * Becomes the owner of a folder, or is refused at once.
 *
 * @throws {InputError} FOLDER_OWNED
 */
export function own(folder: Folder): Ownership {
  makePrivateFile(folder.lock);
  const lock = new DatabaseSync(folder.lock, { timeout: RACE_MS });
  try {
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw folderOwned(folder);
    throw isDamage(error) ? storeForeign(folder.lock, "a file that is no SQLite database", error) : error;
  }
  writeInfo(folder);
  return {
    release: () => {
      if (!lock.isOpen) return;
      rmSync(folder.info, { force: true });
      lock.close();
    },
  };
}

function writeInfo(folder: Folder): void {
  const draft = `${folder.info}.new`;
  writeFileSync(draft, `${JSON.stringify({ pid: process.pid, since: new Date().toISOString() })}\n`, { mode: 0o600 });
  renameSync(draft, folder.info);
}

function folderOwned(folder: Folder): InputError {
  return new InputError(
    "FOLDER_OWNED",
    `Expected ${folder.dir} to be free, but ${readOwner(folder)} owns it. ` +
      "Connect to it as a client, end it first, or use another folder.",
  );
}

function readOwner(folder: Folder): string {
  try {
    const info: unknown = JSON.parse(readFileSync(folder.info, "utf8"));
    if (typeof info === "object" && info !== null && "pid" in info && "since" in info) {
      const who = info.pid === process.pid ? "this very process" : `process ${String(info.pid)}`;
      return `${who} (since ${String(info.since)})`;
    }
  } catch {
    // Only for people: an owner that is just starting has not written it yet.
  }
  return "another process";
}
