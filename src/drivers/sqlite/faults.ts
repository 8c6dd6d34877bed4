import { type DefectError, InputError, RuntimeFailure, TransientError } from "../../base/index.ts";
import { journalDamaged, storeFailed } from "../../store/index.ts";

const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
/** No permission, read-only, can't open. */
const REFUSED: ReadonlySet<number> = new Set([3, 8, 14]);

/** Primary result code of an SQLite error (https://sqlite.org/rescode.html), or undefined for any other error. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** Someone else holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}

/** The file is not what SQLite wrote. A number out of range is one that Pawl never wrote. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === CORRUPT || code === NOT_A_DATABASE || error instanceof RangeError || error instanceof SyntaxError;
}

/** Turns whatever a read threw into one of our errors; `what` names what was read. */
export function toFailure(what: string, error: unknown): RuntimeFailure {
  if (RuntimeFailure.is(error)) return error;
  if (isDamage(error)) return journalDamaged(what, error instanceof Error ? error.message : String(error), error);
  return isBusy(error) ? storeBusy(what, error) : storeFailed(error);
}

/** Another process is in the middle of a write, and takes long. */
export function storeBusy(what: string, cause: unknown): TransientError {
  const message =
    `Expected to reach ${what} within 10 s, but another process holds it. Nothing was changed. ` +
    "Try again, and look for a stopped process that uses the folder.";
  return new TransientError("STORE_BUSY", message, { cause });
}

/** The folder can't give what the store promises. */
export function storeUnsafe(expected: string, got: unknown): InputError {
  return new InputError(
    "STORE_UNSAFE",
    `Expected SQLite to run with ${expected}, it answers ${String(got)}; a power cut could lose finished work. ` +
      "Keep the state folder on a local disk, not on a network file system.",
  );
}

/** A file that Pawl did not make. */
export function storeForeign(path: string, got: string, cause?: unknown): InputError {
  return new InputError(
    "STORE_FOREIGN",
    `Expected ${path} to be made by Pawl, got ${got}. It was left as it is. Choose another folder.`,
    {
      cause,
    },
  );
}

/** The file system does not let Pawl work in the folder. */
function folderUnusable(dir: string, cause: unknown): InputError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new InputError(
    "FOLDER_UNUSABLE",
    `Expected a folder that this user may read and write at ${dir}, got: ${why}. Correct its permissions or choose another folder.`,
    { cause },
  );
}

/** Turns whatever opening a store threw into one of our errors. */
export function toOpenFailure(dir: string, error: unknown): RuntimeFailure {
  const code = sqliteCode(error);
  const isRefused = code === undefined ? isSystemError(error) : REFUSED.has(code);
  return isRefused ? folderUnusable(dir, error) : toFailure(`The store in ${dir}`, error);
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

/** A row that can't have been written by Pawl. */
export function oddRow(column: string, value: unknown): DefectError {
  return journalDamaged(`Column "${column}"`, `it holds ${value === null ? "nothing" : typeof value}`);
}
