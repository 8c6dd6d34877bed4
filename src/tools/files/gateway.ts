import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { PermanentError } from "../../base/index.ts";
import { toParts } from "./parts.ts";
import { openFile, openFolder, refusal, toFileError, type Place } from "./walk.ts";

/** What a gateway lets through. */
export interface FileLimits {
  /** Bytes of a file that is read or written. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Entries of a folder that is listed. Default 1,000. */
  readonly maxEntries?: number;
}

/** Something in a folder. Links and special files are not shown: they can't be used. */
export interface FileEntry {
  readonly name: string;
  readonly type: "file" | "folder";
  readonly bytes: number;
}

/** Files below one root, and nothing else: no link, no hard link, no device, no way out, also while others change it. */
export interface FileGateway {
  readonly root: string;
  /** @throws {PermanentError} FILE_NOT_FOUND, FILE_REFUSED, FILE_TOO_LARGE @throws {InputError} FILE_PATH_REFUSED */
  readonly read: (path: string) => Promise<Buffer>;
  /** Undefined: there is no such file. */
  readonly find: (path: string) => Promise<Buffer | undefined>;
  /** Writes whole or not at all: a new file beside it takes its place. Makes the folders on the way. */
  readonly write: (path: string, content: Uint8Array) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  readonly list: (path: string) => Promise<{ readonly entries: readonly FileEntry[]; readonly isCut: boolean }>;
}

/** Opens files below a root to those who must not get out of it. */
export function createFileGateway(
  root: string,
  { maxBytes = 1_048_576, maxEntries = 1_000 }: FileLimits = {},
): FileGateway {
  const within = <T>(path: string, use: (place: Place, name: string) => Promise<T>): Promise<T> =>
    inFolder(root, toParts(path), use);
  const read = (path: string): Promise<Buffer> => within(path, (place, name) => readFrom(place, name, maxBytes));
  return {
    root,
    read,
    find: async (path) => {
      try {
        return await read(path);
      } catch (error) {
        if (PermanentError.is(error) && error.code === "FILE_NOT_FOUND") return undefined;
        throw error;
      }
    },
    write: async (path, content) => {
      if (content.byteLength > maxBytes) throw tooLarge(path, maxBytes);
      const parts = toParts(path);
      await makeFolders(root, parts.slice(0, -1));
      await inFolder(root, parts, (place, name) => writeInto(place, name, content));
    },
    remove: (path) => within(path, removeFrom),
    list: async (path) => {
      const place = await openFolder(root, toParts(path));
      try {
        return await listOf(place, maxEntries);
      } finally {
        await place.close();
      }
    },
  };
}

async function inFolder<T>(
  root: string,
  parts: readonly string[],
  use: (place: Place, name: string) => Promise<T>,
): Promise<T> {
  const name = parts.at(-1);
  if (name === undefined) throw refusal(".", "it is the root, not a file");
  const place = await openFolder(root, parts.slice(0, -1));
  try {
    return await use(place, name);
  } finally {
    await place.close();
  }
}

async function readFrom(place: Place, name: string, most: number): Promise<Buffer> {
  const handle = await openFile(place, name, constants.O_RDONLY);
  try {
    const { size } = await handle.stat();
    if (size > most) throw tooLarge(name, most);
    const buffer = Buffer.alloc(most + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, most + 1 - length, length);
      if (bytesRead === 0) return Buffer.from(buffer.subarray(0, length));
      length += bytesRead;
      if (length > most) throw tooLarge(name, most); // it grew meanwhile
    }
  } finally {
    await handle.close();
  }
}

async function writeInto(place: Place, name: string, content: Uint8Array): Promise<void> {
  await demandPlain(place, name);
  const fresh = join(place.path, `.pawl-${randomUUID()}`);
  try {
    await writeNew(fresh, content);
    await rename(fresh, join(place.path, name));
    await syncFolder(place);
  } catch (error) {
    throw toFileError(error, name); // such as: the folder was taken away meanwhile
  }
}

async function writeNew(path: string, content: Uint8Array): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Renaming replaces a link itself, never what it points to; all the same, a link or a device is no file of ours. */
async function demandPlain(place: Place, name: string): Promise<void> {
  try {
    const stat = await lstat(join(place.path, name));
    if (!stat.isFile() || stat.nlink !== 1)
      throw refusal(name, "it is a link, has several names, or is no regular file");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw toFileError(error, name);
  }
}

async function syncFolder(place: Place): Promise<void> {
  const handle = await open(place.path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function removeFrom(place: Place, name: string): Promise<void> {
  const handle = await openFile(place, name, constants.O_RDONLY);
  await handle.close();
  try {
    await unlink(join(place.path, name));
    await syncFolder(place);
  } catch (error) {
    throw toFileError(error, name);
  }
}

async function makeFolders(root: string, parts: readonly string[]): Promise<void> {
  for (let depth = 0; depth < parts.length; depth += 1) {
    const place = await openFolder(root, parts.slice(0, depth));
    try {
      await mkdir(join(place.path, parts[depth] ?? ""), { mode: 0o700 });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST"))
        throw toFileError(error, parts[depth] ?? "");
    } finally {
      await place.close();
    }
  }
}

async function listOf(place: Place, most: number): Promise<{ entries: readonly FileEntry[]; isCut: boolean }> {
  const names = (await readdir(place.path)).toSorted();
  const entries: FileEntry[] = [];
  for (const name of names.slice(0, most)) {
    const stat = await lstat(join(place.path, name)).catch(() => undefined);
    if (stat?.isDirectory() === true) entries.push({ name, type: "folder", bytes: 0 });
    else if (stat?.isFile() === true && stat.nlink === 1) entries.push({ name, type: "file", bytes: stat.size });
  }
  return { entries, isCut: names.length > most };
}

function tooLarge(name: string, most: number): PermanentError {
  return new PermanentError(
    "FILE_TOO_LARGE",
    `${JSON.stringify(name)} is larger than ${most} bytes. Take a part of it, or raise maxBytes.`,
  );
}
