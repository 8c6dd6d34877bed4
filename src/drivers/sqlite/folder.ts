import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join, resolve } from "node:path";

/** The files of a state folder; docs/state-folder.md says what each is. */
export interface Folder {
  readonly dir: string;
  /** Journals and all else that must last. */
  readonly database: string;
  /** Held locked by the owner; holds nothing. */
  readonly lock: string;
  /** Who the owner is, for people. */
  readonly info: string;
}

const OWNER_ONLY_DIR = 0o700;
const OWNER_ONLY_FILE = 0o600;

/** Names the files of a state folder; touches nothing. */
export function folderAt(dir: string): Folder {
  const full = resolve(dir);
  return { dir: full, database: join(full, "pawl.db"), lock: join(full, "owner.db"), info: join(full, "owner.json") };
}

/** Makes the folder, for its user alone. One that exists keeps its permissions. */
export function makeFolder(folder: Folder): void {
  mkdirSync(folder.dir, { recursive: true, mode: OWNER_ONLY_DIR });
}

/**
 * Makes an empty file for its user alone, unless it exists.
 *
 * A database file must never be opened and closed here once SQLite may have it open: closing any descriptor of a file
 * drops all POSIX locks that the process holds on it. `wx` fails without opening what exists.
 */
export function makePrivateFile(path: string): void {
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, "wx", OWNER_ONLY_FILE));
    chmodSync(path, OWNER_ONLY_FILE);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
