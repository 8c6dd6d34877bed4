import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSqliteDriver } from "../drivers/sqlite/index.ts";

/** One thing that was looked at; `fix` says what to do where it is not ok. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly fix: string | null;
}

const NODE_FLOOR = 24;
const SQLITE_FLOOR = [3, 51, 3] as const;
const LEAST_FREE = 256 * 1024 * 1024;

/** Looks at what Pawl runs on. */
export function checkEnvironment(): readonly Finding[] {
  const node = Number(process.versions.node.split(".")[0]);
  const sqlite = process.versions["sqlite"] ?? "none";
  return [
    judge("Node", node >= NODE_FLOOR, {
      found: process.versions.node,
      fix: `Install Node ${NODE_FLOOR} or newer: https://nodejs.org`,
    }),
    judge("SQLite", isNewEnough(sqlite), {
      found: sqlite,
      fix: `Older than ${SQLITE_FLOOR.join(".")}: use a newer Node 24.`,
    }),
  ];
}

/** Looks at the state folder, or at the place where it would be made. */
export async function checkFolderState(dir: string): Promise<readonly Finding[]> {
  const place = nearestExisting(dir);
  return [checkRights(dir, place), ...checkOwner(dir), checkSpace(place), await checkSync(place)];
}

function judge(name: string, ok: boolean, said: { readonly found: string; readonly fix: string }): Finding {
  return { name, ok, found: said.found, fix: ok ? null : said.fix };
}

function well(name: string, found: string): Finding {
  return { name, ok: true, found, fix: null };
}

function bad(name: string, found: string, fix: string): Finding {
  return { name, ok: false, found, fix };
}

function isNewEnough(version: string): boolean {
  const parts = version.split(".").map(Number);
  for (const [at, floor] of SQLITE_FLOOR.entries()) {
    const part = parts[at] ?? 0;
    if (part !== floor) return part > floor;
  }
  return true;
}

function nearestExisting(dir: string): string {
  return existsSync(dir) || dirname(dir) === dir ? dir : nearestExisting(dirname(dir));
}

function checkRights(dir: string, place: string): Finding {
  const name = "state folder";
  try {
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return bad(name, `${place} can't be read and written`, `chmod u+rwx ${place}, or choose another with --dir.`);
  }
  if (place !== dir) return well(name, `${dir} will be made`);
  const { mode, uid } = statSync(dir);
  const rights = `${dir} (${(mode & 0o777).toString(8)})`;
  if (process.platform !== "win32" && (mode & 0o077) !== 0)
    return bad(name, `${rights}: others can read it, and runs may hold secrets`, `chmod 700 ${dir}`);
  const isOurs = process.getuid === undefined || uid === process.getuid() || process.getuid() === 0;
  return isOurs
    ? well(name, rights)
    : bad(name, `${rights} belongs to user ${uid}`, `Run as that user, or chown ${dir}.`);
}

/** An owner holds an exclusive lock: whoever can read the file for a moment knows that there is none. */
function checkOwner(dir: string): readonly Finding[] {
  const file = join(dir, "owner.db");
  if (!existsSync(file)) return [];
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    lock.prepare("SELECT count(*) FROM sqlite_schema").get();
    return [well("owner", "nobody")];
  } catch {
    return [well("owner", "a living process; commands go through it")];
  } finally {
    lock?.close();
  }
}

function checkSpace(place: string): Finding {
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const found = `${Math.floor(free / 1024 / 1024)} MB free`;
  return judge("disk", free >= LEAST_FREE, { found, fix: "Free at least 256 MB: a full disk stops every run." });
}

/** Opens and writes a store on the same disk, which is what the promises rest on. */
async function checkSync(place: string): Promise<Finding> {
  const name = "sync";
  let dir: string | undefined;
  try {
    dir = mkdtempSync(join(place, ".pawl-doctor-"));
    const begin = performance.now();
    const store = await createSqliteDriver({ dir }).open();
    await store.close();
    return well(name, `write-ahead log, synchronous=FULL (${Math.round(performance.now() - begin)} ms to open)`);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return bad(name, found, "Use a local disk: network and some container disks can't keep the promises.");
  } finally {
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  }
}
