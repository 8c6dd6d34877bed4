import { lstat, opendir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../../base/index.ts";
import { openFields, refuseProblems, take } from "../fields.ts";
import { integer } from "../kinds.ts";
import { readFrom, removeFrom, writeInto, type FoundFile, type Guard } from "./contents.ts";
import { foldersToMake, inFolder, makeFolders, removeEmpty, unlessMissing, withPlace, type Tree } from "./folders.ts";
import { faultIn, toParts } from "./parts.ts";
import { tooLarge, withReasons } from "./refusals.ts";
import { WAY, type Place, type Way } from "./walk.ts";

/** What a gateway lets through. */
export interface FileLimits {
  /** Bytes of a file that is read or written. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Entries of a folder that is listed. Default 1,000. */
  readonly maxEntries?: number;
}

/** Something in a folder. */
export interface FileEntry {
  readonly name: string;
  readonly type: "file" | "folder";
  readonly bytes: number;
}

/** A folder's entries by name. */
interface FileListing {
  readonly entries: readonly FileEntry[];
  /** How many are not shown, since they can't be used: links, files with several names, special files, odd names. */
  readonly hidden: number;
  /** There are more. */
  readonly isCut: boolean;
}

/** What a write may be told. */
interface WriteOptions {
  /** Permissions, nine bits. Default: as they were; of a new file as the system's mask says. */
  readonly mode?: number;
  /** Is shown what is about to be replaced; throws to leave it as it is. */
  readonly guard?: Guard;
}

/**
 * Files below one root, and nothing else: no link, no hard link, no device, no way out, also while others change it.
 *
 * On Linux this holds against whoever changes files and folders under the root at the same time. On other systems folders
 * are known by their names alone: a change at the very moment between a look and a use can still lead out.
 *
 * All throw {InputError} FILE_PATH_REFUSED, {PermanentError} FILE_NOT_FOUND, FILE_REFUSED, FILE_TOO_LARGE, FILE_CHANGED (it
 * was replaced at that moment), {TransientError} FILE_FAILED (the disk is full or failing).
 */
export interface FileGateway {
  readonly root: string;
  readonly read: (path: string) => Promise<Buffer>;
  /** Undefined: there is no such file. */
  readonly find: (path: string) => Promise<FoundFile | undefined>;
  /** Writes whole or not at all: a new file beside it takes its place. Makes the folders on the way. */
  readonly write: (path: string, content: Uint8Array, options?: WriteOptions) => Promise<void>;
  /** Removes a file. `guard` is shown it before, and throws to leave it. */
  readonly remove: (path: string, guard?: Guard) => Promise<void>;
  readonly list: (path: string) => Promise<FileListing>;
  /** Names the folders that a write to this path would make, the outer ones first. */
  readonly foldersToMake: (path: string) => Promise<readonly string[]>;
  /** Removes a folder if it is there and empty; tells whether it is gone. */
  readonly removeEmptyFolder: (path: string) => Promise<boolean>;
}

/**
 * Opens files below a root to those who must not get out of it.
 *
 * @throws {InputError} TOOL_OPTIONS when the root is the whole file system, or a limit makes no sense.
 */
export function createFileGateway(root: string, limits: FileLimits = {}): FileGateway {
  return openGateway(root, limits);
}

/** A gateway that tells folders apart in one of two ways; the better one is the default. */
export function openGateway(given: string, limits: FileLimits = {}, way: Way = WAY): FileGateway {
  const root = resolve(given);
  if (dirname(root) === root)
    throw new InputError(
      "TOOL_OPTIONS",
      "The root is the whole file system. Give a folder that holds only what may be used.",
    );
  const { maxBytes: most, maxEntries } = readLimits(limits);
  const tree: Tree = { root, way };
  const find = async (path: string): Promise<FoundFile> =>
    await inFolder(tree, toParts(path), async (place, name) => await readFrom(place, name, most));
  return {
    root,
    read: async (path) => (await find(path)).content,
    find: async (path) => await unlessMissing(() => find(path)),
    write: async (path, content, { mode, guard } = {}) => {
      if (content.byteLength > most) throw tooLarge(path, most);
      const parts = toParts(path);
      await makeFolders(tree, parts.slice(0, -1));
      await inFolder(tree, parts, async (place, name) => await writeInto(place, name, { content, mode, guard, most }));
    },
    remove: async (path, guard) =>
      await inFolder(tree, toParts(path), async (place, name) => await removeFrom(place, name, { most, guard })),
    list: async (path) =>
      await withPlace(tree, toParts(path), async (place) => await listOf(place, path === "" ? "." : path, maxEntries)),
    foldersToMake: async (path) => await foldersToMake(tree, toParts(path).slice(0, -1)),
    removeEmptyFolder: async (path) => (await unlessMissing(() => inFolder(tree, toParts(path), removeEmpty))) ?? true,
  };
}

const MOST_BYTES = 268_435_456;

function readLimits(limits: FileLimits): Required<FileLimits> {
  const known = ["maxBytes", "maxEntries"];
  const fields = openFields({ ...limits }, { path: "files", code: "TOOL_OPTIONS", isTemplate: false, known });
  const read = {
    maxBytes: take(fields, "maxBytes", integer(1, MOST_BYTES)) ?? 1_048_576,
    maxEntries: take(fields, "maxEntries", integer(1, 100_000)) ?? 1_000,
  };
  refuseProblems("The gateway for files cannot be made", fields.problems);
  return read;
}

async function listOf(place: Place, name: string, most: number): Promise<FileListing> {
  const entries: FileEntry[] = [];
  let seen = 0;
  await withReasons(name, async () => {
    for await (const { name: child } of await opendir(place.path)) {
      seen += 1;
      if (seen > most) break;
      const entry = await entryOf(place, child);
      if (entry !== undefined) entries.push(entry);
    }
  });
  await place.confirm();
  const shown = entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return { entries: shown, hidden: Math.min(seen, most) - shown.length, isCut: seen > most };
}

async function entryOf(place: Place, name: string): Promise<FileEntry | undefined> {
  if (faultIn(name) !== undefined) return undefined;
  const facts = await lstat(join(place.path, name), { bigint: true }).catch(() => undefined);
  if (facts === undefined || facts.dev !== place.device) return undefined;
  if (facts.isDirectory()) return { name, type: "folder", bytes: 0 };
  return facts.isFile() && facts.nlink === 1n ? { name, type: "file", bytes: Number(facts.size) } : undefined;
}
