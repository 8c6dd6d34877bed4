import { constants } from "node:fs";
import { lstat, open, realpath, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { PermanentError } from "../../base/index.ts";

/*
 * How a place below the root is reached.
 *
 * 1. Each folder on the way is opened by name inside the one before, never following a link, and is then known by its
 *    descriptor: what is put in its place afterwards changes nothing. Linux has this through /proc/self/fd.
 * 2. Elsewhere names are all there is: each part is looked at, and the folder's real path compared before and after. Whoever
 *    can change folders under the root at that very moment can win that race; it is the weaker promise.
 * 3. A file is a regular one with one name (no hard link) on the root's own file system, or it is refused.
 */

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
const HAS_DESCRIPTOR_PATHS = process.platform === "linux";

/** An open folder, and the path by which its children are named. */
export interface Place {
  readonly path: string;
  readonly device: number | bigint;
  readonly close: () => Promise<void>;
}

/** Opens the root; it may be a link itself, since its owner named it. */
export async function openRoot(root: string): Promise<Place> {
  const real = await realpath(root);
  return toPlace(await open(real, O_RDONLY | O_DIRECTORY), real);
}

/** Opens a folder below the root. The caller closes what it gets. */
export async function openFolder(root: string, parts: readonly string[]): Promise<Place> {
  let place = await openRoot(root);
  for (const part of parts) {
    const outer = place;
    try {
      place = await enter(outer, part);
    } finally {
      await outer.close();
    }
  }
  return place;
}

async function enter(outer: Place, part: string): Promise<Place> {
  const path = join(outer.path, part);
  const handle = await openOrRefuse(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const place = await toPlace(handle, path);
  if (place.device === outer.device && (HAS_DESCRIPTOR_PATHS || (await isItself(path)))) return place;
  await place.close();
  throw refusal(part, "it is a link, or on another file system");
}

async function toPlace(handle: FileHandle, path: string): Promise<Place> {
  const { dev } = await handle.stat();
  return {
    path: HAS_DESCRIPTOR_PATHS ? `/proc/self/fd/${handle.fd}` : path,
    device: dev,
    close: () => handle.close(),
  };
}

async function isItself(path: string): Promise<boolean> {
  const [real, stat] = await Promise.all([realpath(path), lstat(path)]);
  return real === path && !stat.isSymbolicLink();
}

/** Opens something inside a folder by its descriptor, never following a link and never waiting for a pipe's other end. */
export async function openFile(place: Place, name: string, flags: number): Promise<FileHandle> {
  const handle = await openOrRefuse(join(place.path, name), flags | O_NOFOLLOW | constants.O_NONBLOCK);
  const stat = await handle.stat();
  const fault = stat.isFile()
    ? stat.nlink === 1 && stat.dev === place.device
      ? undefined
      : "it has several names (hard links), or is on another file system"
    : "it is no regular file";
  if (fault === undefined) return handle;
  await handle.close();
  throw refusal(name, fault);
}

async function openOrRefuse(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags);
  } catch (error) {
    throw toFileError(error, path);
  }
}

/** Why the system did not open something, in words; whatever is not here is passed on as it is. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["ELOOP", "it is a link, or no folder"],
  ["ENOTDIR", "it is a link, or no folder"],
  ["EMLINK", "it is a link, or no folder"],
  ["ENXIO", "it is no regular file"],
  ["EISDIR", "it is no regular file"],
  ["ENODEV", "it is no regular file"],
  ["ENAMETOOLONG", "its name is too long"],
  ["EACCES", "the system does not allow it"],
  ["EPERM", "the system does not allow it"],
]);

/** Turns what the system says into an error with a code. */
export function toFileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const name = path.split("/").at(-1) ?? path;
  const reason = REASONS.get(code);
  if (reason !== undefined) return refusal(name, reason);
  if (code !== "ENOENT") return error;
  const message = `There is no ${JSON.stringify(name)} here. List the folder to see what there is.`;
  return new PermanentError("FILE_NOT_FOUND", message);
}

/** Says why something below the root is not touched. */
export function refusal(name: string, why: string): PermanentError {
  return new PermanentError("FILE_REFUSED", `${JSON.stringify(name)} is refused: ${why}.`);
}
