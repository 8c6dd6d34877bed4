import { constants, type BigIntStats } from "node:fs";
import { lstat, open, readlink, realpath, stat, type FileHandle } from "node:fs/promises";
import { basename, join } from "node:path";
import { refusal, withReasons } from "./refusals.ts";

/*
 * How a place below the root is reached.
 *
 * 1. Each folder on the way is opened by name inside the one before, never following a link, and is then known by its
 *    descriptor: what is put in its place afterwards changes nothing. Linux has this through /proc/self/fd. A folder that is
 *    moved out of the root at that moment is used where it went.
 * 2. Elsewhere names are all there is: a folder is known by its real path and identity, and both are compared again before
 *    anything that was read is given out and after anything was written. Whoever can change folders under the root at that
 *    very moment can win that race; it is the weaker promise.
 * 3. A file is a regular one with one name (no hard link) on the root's own file system, or it is refused. That name is the
 *    one by which it was opened, and it has had it since.
 */

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const HAS_DESCRIPTORS = process.platform === "linux";

/** An open folder. */
export interface Place {
  /** By which its children are named. */
  readonly path: string;
  readonly device: bigint;
  /** @throws {PermanentError} FILE_REFUSED when it is no longer the folder that was opened, where that can happen. */
  readonly confirm: () => Promise<void>;
  /**
   * Tells whether a file has had this name ever since it was opened by it. Else a second name of a file from elsewhere could
   * be opened, and removed before the names are counted.
   */
  readonly hasKept: (name: string, file: OpenFile) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** How folders are told from each other: by descriptors that are held, or by their names. */
export type Way = "held" | "named";
export const WAY: Way = HAS_DESCRIPTORS ? "held" : "named";

/** Opens the root; it may be a link itself, since its owner named it. */
async function openRoot(root: string, way: Way = WAY): Promise<Place> {
  const real = await withReasons(root, () => realpath(root));
  return await openPlace(real, root, way);
}

/** Opens a folder below the root. The caller closes what it gets. */
export async function openFolder(root: string, parts: readonly string[], way: Way = WAY): Promise<Place> {
  let place = await openRoot(root, way);
  for (const part of parts) {
    const outer = place;
    try {
      place = await enter(outer, part, way);
    } finally {
      await outer.close();
    }
  }
  return place;
}

async function enter(outer: Place, part: string, way: Way): Promise<Place> {
  const place = await openPlace(join(outer.path, part), part, way);
  if (place.device === outer.device) return place;
  await place.close();
  throw refusal(part, "it is on another file system");
}

/** Opens a folder by its path, whose last part is not followed where it is a link. `name` is what errors call it. */
export async function openPlace(path: string, name: string, way: Way = WAY): Promise<Place> {
  return way === "held" ? await holdFolder(path, name) : await nameFolder(path, name);
}

async function holdFolder(path: string, name: string): Promise<Place> {
  const handle = await withReasons(name, () => open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  try {
    const held = `/proc/self/fd/${handle.fd}`;
    const facts = await handle.stat({ bigint: true });
    const seen = await stat(held, { bigint: true }).catch(() => undefined);
    if (seen === undefined || !isSame(seen, facts)) throw refusal(name, "/proc is not mounted, which is needed here");
    const confirm = (): Promise<void> => Promise.resolve();
    return { path: held, device: facts.dev, confirm, hasKept: hasKeptEntry, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function nameFolder(path: string, name: string): Promise<Place> {
  const look = (): Promise<BigIntStats> => withReasons(name, () => lstat(path, { bigint: true }));
  const facts = await look();
  if (!facts.isDirectory()) throw refusal(name, "it is a link, or no folder");
  const confirm = async (): Promise<void> => {
    // Where case or normal form don't matter to the system, its real path has the name as it is stored.
    const real = await withReasons(name, () => realpath(path));
    if (real !== path || !isSame(await look(), facts)) throw refusal(name, "it is a link, or has another name");
  };
  await confirm();
  const hasKept = async (child: string, file: OpenFile): Promise<boolean> => await isNamedSo(join(path, child), file);
  return { path, device: facts.dev, confirm, hasKept, close: () => Promise.resolve() };
}

/** A regular file that is open to be read, and what the system says of it. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly facts: BigIntStats;
}

/** How often a file is opened that someone replaces at that moment, as every careful writer does. */
const TRIES = 5;

/** Opens a file inside a folder, never following a link and never waiting for a pipe's other end. */
export async function openFile(place: Place, name: string): Promise<OpenFile> {
  const path = join(place.path, name);
  for (let left = TRIES; left > 0; left -= 1) {
    const handle = await withReasons(name, () => open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    try {
      const facts = await handle.stat({ bigint: true });
      const fault = faultOf(facts, place);
      if (fault !== undefined) throw refusal(name, fault);
      if (await place.hasKept(name, { handle, facts })) {
        await place.confirm();
        return { handle, facts };
      }
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
  }
  throw refusal(name, "others keep changing it");
}

/**
 * Linux remembers the very entry by which a file was opened, and marks it for ever once it is removed, also when the same
 * file gets the same name again.
 */
async function hasKeptEntry(name: string, { handle }: OpenFile): Promise<boolean> {
  const entry = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => "");
  return basename(entry) === name;
}

/**
 * The name leads to the file, and it has one name still. Linking and unlinking in between change ctime; where that moves in
 * coarse steps they can hide.
 */
async function isNamedSo(path: string, { handle, facts }: OpenFile): Promise<boolean> {
  const named = await lstat(path, { bigint: true }).catch(() => undefined);
  if (named === undefined || !isSame(named, facts)) return false;
  const { nlink, ctimeNs } = await handle.stat({ bigint: true });
  return nlink === 1n && ctimeNs === facts.ctimeNs;
}

/** Says why something is no file of ours; undefined: it may be one, or has been replaced meanwhile and has no name at all. */
export function faultOf(facts: BigIntStats, place: Place): string | undefined {
  if (facts.isSymbolicLink()) return "it is a link";
  if (!facts.isFile()) return "it is no regular file";
  if (facts.nlink > 1n) return "it has several names (hard links)";
  return facts.dev === place.device ? undefined : "it is on another file system";
}

/** Tells whether two looks saw one thing. */
export function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}
