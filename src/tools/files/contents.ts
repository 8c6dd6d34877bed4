import { randomUUID } from "node:crypto";
import { constants, type BigIntStats } from "node:fs";
import { lstat, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { FRESH } from "./parts.ts";
import { afterwards, changed, refusal, systemCode, tooLarge, withReasons } from "./refusals.ts";
import { faultOf, isSame, openFile, type OpenFile, type Place } from "./walk.ts";

/** A file that is there. */
export interface FoundFile {
  readonly content: Buffer;
  /** Its permissions: nine bits. */
  readonly mode: number;
}

/** Looks at what is about to be replaced or removed; throws to leave it as it is. Undefined: there is nothing. */
export type Guard = (found: FoundFile | undefined) => void;

/** How a content is written. */
export interface Writing {
  readonly content: Uint8Array;
  /** Default: as it was; for a new file as the system's mask says. */
  readonly mode?: number | undefined;
  readonly most: number;
  readonly guard?: Guard | undefined;
}

/** Reads a file whole. */
export async function readFrom(place: Place, name: string, most: number): Promise<FoundFile> {
  const { found } = await look(place, name, most);
  return found;
}

interface Looked {
  readonly found: FoundFile;
  readonly facts: BigIntStats;
}

async function look(place: Place, name: string, most: number): Promise<Looked> {
  const file = await openFile(place, name);
  try {
    const content = await withReasons(name, () => contentOf(file, name, most));
    await place.confirm();
    return { found: { content, mode: Number(file.facts.mode & 0o777n) }, facts: file.facts };
  } finally {
    await file.handle.close();
  }
}

async function contentOf({ handle, facts }: OpenFile, name: string, most: number): Promise<Buffer> {
  if (facts.size > BigInt(most)) throw tooLarge(name, most);
  const pieces: Buffer[] = [];
  let length = 0;
  // One byte more than it should have: it may have grown, and some files have no size.
  for (let ask = Number(facts.size) + 1; ; ask = Math.min(65_536, most + 1 - length)) {
    const piece = Buffer.alloc(ask);
    const { bytesRead } = await handle.read(piece, 0, ask, length);
    if (bytesRead === 0) return Buffer.concat(pieces, length);
    pieces.push(piece.subarray(0, bytesRead));
    length += bytesRead;
    if (length > most) throw tooLarge(name, most);
  }
}

/**
 * Writes whole or not at all: a new file beside it, on the disk before it takes the name. Who has the former file open goes
 * on reading that.
 */
export async function writeInto(place: Place, name: string, writing: Writing): Promise<void> {
  const before = await lookIfThere(place, name, writing);
  writing.guard?.(before?.found);
  const mode = writing.mode ?? before?.found.mode;
  const fresh = join(place.path, `${FRESH}${randomUUID()}`);
  const target = join(place.path, name);
  await withReasons(name, async () => {
    try {
      const written = await writeNew(fresh, writing.content, mode);
      await demandUnchanged(place, name, before?.facts);
      await place.confirm();
      await rename(fresh, target);
      await demandOurs(target, name, written);
    } catch (error) {
      await unlink(fresh).catch(() => undefined);
      throw error;
    }
  });
  await afterwards(name, () => syncFolder(place));
}

async function lookIfThere(
  place: Place,
  name: string,
  { most, guard }: Pick<Writing, "most" | "guard">,
): Promise<Looked | undefined> {
  const facts = await lstatIfThere(place, name);
  if (facts === undefined) return undefined;
  const fault = faultOf(facts, place);
  if (fault !== undefined) throw refusal(name, fault);
  if (guard !== undefined) return await look(place, name, most);
  const mode = Number(facts.mode & 0o777n);
  return { found: { content: Buffer.alloc(0), mode }, facts };
}

async function lstatIfThere(place: Place, name: string): Promise<BigIntStats | undefined> {
  return await withReasons(name, async () => {
    try {
      return await lstat(join(place.path, name), { bigint: true });
    } catch (error) {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

async function writeNew(path: string, content: Uint8Array, mode: number | undefined): Promise<BigIntStats> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode === undefined ? 0o666 : 0o600);
  try {
    await handle.writeFile(content);
    if (mode !== undefined) await handle.chmod(mode & 0o777);
    await handle.sync();
    return await handle.stat({ bigint: true });
  } finally {
    await handle.close();
  }
}

/** The system can't rename on a condition. This makes the time in which another's change would be lost very short. */
async function demandUnchanged(place: Place, name: string, before: BigIntStats | undefined): Promise<void> {
  const now = await lstatIfThere(place, name);
  if (before === undefined && now === undefined) return;
  if (before === undefined || now === undefined) throw changed(name, "it came or went meanwhile. Read it again.");
  if (isSame(before, now) && before.mtimeNs === now.mtimeNs && before.size === now.size) return;
  throw changed(name, "it is not what it was a moment ago. Read it again.");
}

/** Someone may have put another thing under the fresh name, which then got the file's name. */
async function demandOurs(target: string, name: string, written: BigIntStats): Promise<void> {
  const now = await lstat(target, { bigint: true }).catch(() => undefined);
  if (now !== undefined && isSame(now, written)) return;
  throw changed(name, "right after it was written something else had its name.", true);
}

/** Removes a file. */
export async function removeFrom(
  place: Place,
  name: string,
  { most, guard }: Pick<Writing, "most" | "guard">,
): Promise<void> {
  const { found, facts } = await look(place, name, most);
  guard?.(found);
  await demandUnchanged(place, name, facts);
  await withReasons(name, () => unlink(join(place.path, name)));
  await afterwards(name, () => syncFolder(place));
}

/** Not every system has this for folders. */
async function syncFolder(place: Place): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(place.path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
