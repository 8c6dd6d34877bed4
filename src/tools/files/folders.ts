import { mkdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, refusal, systemCode, toFileError } from "./refusals.ts";
import { openFolder, type Place, type Way } from "./walk.ts";

/** A root, and how folders below it are told from each other. */
export interface Tree {
  readonly root: string;
  readonly way: Way;
}

/** Gives undefined where there is nothing of that name. */
export async function unlessMissing<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Uses a folder, and closes it. */
export async function withPlace<T>(
  { root, way }: Tree,
  parts: readonly string[],
  use: (place: Place) => Promise<T>,
): Promise<T> {
  const place = await openFolder(root, parts, way);
  try {
    return await use(place);
  } finally {
    await place.close();
  }
}

/** Uses a name in its folder, which is closed again. */
export async function inFolder<T>(
  tree: Tree,
  parts: readonly string[],
  use: (place: Place, name: string) => Promise<T>,
): Promise<T> {
  const name = parts.at(-1);
  if (name === undefined) throw refusal(".", "it is the root, not a file");
  return await withPlace(tree, parts.slice(0, -1), async (place) => await use(place, name));
}

/** Makes the folders that are missing. */
export async function makeFolders(tree: Tree, parts: readonly string[]): Promise<void> {
  const missing = await foldersToMake(tree, parts);
  for (let depth = parts.length - missing.length + 1; depth <= parts.length; depth += 1)
    await inFolder(tree, parts.slice(0, depth), makeFolder);
}

async function makeFolder(place: Place, name: string): Promise<void> {
  try {
    await mkdir(join(place.path, name));
    await place.confirm();
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw toFileError(error, name);
  }
}

/** Names the folders that are missing, the outer ones first. */
export async function foldersToMake(tree: Tree, parts: readonly string[]): Promise<readonly string[]> {
  for (let depth = parts.length; depth > 0; depth -= 1) {
    const isThere = await unlessMissing(() => withPlace(tree, parts.slice(0, depth), () => Promise.resolve(true)));
    if (isThere === true) return namesFrom(parts, depth);
  }
  return namesFrom(parts, 0);
}

const namesFrom = (parts: readonly string[], depth: number): readonly string[] =>
  parts.slice(depth).map((_, index) => parts.slice(0, depth + index + 1).join("/"));

/** Removes a folder if it is there and empty; tells whether it is gone. */
export async function removeEmpty(place: Place, name: string): Promise<boolean> {
  try {
    await rmdir(join(place.path, name));
    return true;
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "ENOENT") return true;
    if (["ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(code)) return false;
    throw toFileError(error, name);
  }
}
