import { mkdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { sha256, type Json } from "../../base/index.ts";
import { parseJson } from "../json.ts";
import { readFrom, removeFrom, writeInto } from "./contents.ts";
import { unlessMissing } from "./folders.ts";
import { refusal, withReasons } from "./refusals.ts";
import { openPlace, type Place } from "./walk.ts";

/*
 * What is kept outside the root, in one folder that belongs to whoever runs this and that nobody else may write:
 * contents that were replaced, by their hash, and small documents. What is damaged is an error and never taken for nothing:
 * a label that can't be read must not be a label that isn't there.
 */

/** The folder in which tools for files keep what they need later. It is made when something is first kept. */
export interface Vault {
  readonly folder: string;
  /** Keeps a content, on the disk before it returns; gives its hash. */
  readonly keep: (content: Uint8Array) => Promise<string>;
  readonly fetch: (hash: string) => Promise<Buffer>;
  readonly put: (name: string, document: Json) => Promise<void>;
  /** Undefined: there is none of that name. */
  readonly get: (name: string) => Promise<Json | undefined>;
  readonly drop: (name: string) => Promise<void>;
}

const MOST_BYTES = 268_435_456;

/** Names the vault of a root. */
export function openVault(folder: string, root: string): Vault {
  const read = async (name: string): Promise<Buffer | undefined> =>
    await unlessMissing(() =>
      inVault({ folder, root }, async (place) => (await readFrom(place, name, MOST_BYTES)).content),
    );
  const write = async (name: string, content: Uint8Array): Promise<void> => {
    const writing = { content, mode: 0o600, most: MOST_BYTES };
    await withReasons(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
    await inVault({ folder, root }, async (place) => await writeInto(place, name, writing));
  };
  return {
    folder,
    keep: async (content) => {
      const hash = sha256(content);
      if ((await read(`${hash}.content`)) === undefined) await write(`${hash}.content`, content);
      return hash;
    },
    fetch: async (hash) => {
      const content = await read(`${hash}.content`);
      if (content !== undefined && sha256(content) === hash) return content;
      throw refusal(join(folder, `${hash}.content`), "the former content is missing there, or damaged");
    },
    put: async (name, document) => await write(`${name}.json`, Buffer.from(JSON.stringify(document))),
    get: async (name) => {
      const content = await read(`${name}.json`);
      return content === undefined ? undefined : parse(content, join(folder, `${name}.json`));
    },
    drop: async (name) => {
      const options = { most: MOST_BYTES };
      await unlessMissing(() =>
        inVault({ folder, root }, async (place) => await removeFrom(place, `${name}.json`, options)),
      );
    },
  };
}

function parse(content: Buffer, path: string): Json {
  const parsed = parseJson(content.toString("utf8"));
  if (parsed.tag === "parsed") return parsed.value;
  throw refusal(
    path,
    "it is damaged. Restore it, or delete it: what it said of labels and former contents is then lost",
  );
}

interface Where {
  readonly folder: string;
  readonly root: string;
}

/** @throws {PermanentError} FILE_NOT_FOUND when there is no vault, or nothing of that name in it. */
async function inVault<T>({ folder, root }: Where, use: (place: Place) => Promise<T>): Promise<T> {
  // The way to it is its owner's; only its own name must be no link, since that can be made beforehand.
  const real = join(await withReasons(folder, () => realpath(dirname(folder))), basename(folder));
  if (isWithin(real, await withReasons(root, () => realpath(root)))) throw refusal(folder, "it is inside the root");
  const place = await openPlace(real, folder);
  try {
    await demandOurs(place, folder);
    return await use(place);
  } finally {
    await place.close();
  }
}

async function demandOurs(place: Place, folder: string): Promise<void> {
  const { uid, mode } = await stat(place.path);
  const user = process.getuid?.();
  if (user === undefined || (uid === user && (mode & 0o022) === 0)) return;
  throw refusal(folder, "it belongs to someone else, or others may write there. Give another folder as `vault`");
}

/** Tells whether one path is the other or below it, part by part. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || !(way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way));
}
