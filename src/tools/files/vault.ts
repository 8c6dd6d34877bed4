import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Label } from "../../action/index.ts";
import { sha256 } from "../../base/index.ts";

/*
 * What is kept beside the root: contents that were replaced, by their hash, so that an undo can bring them back; and the
 * labels of what was written, by path and hash, so that a file that someone else has changed since has none of them.
 */

/** Hash of what was there before a change; null: nothing. */
export interface Was {
  readonly was: string | null;
}

/** The folder beside a root. */
export interface Vault {
  readonly folder: string;
  /** Keeps a content; gives its hash. */
  readonly keep: (content: Uint8Array) => Promise<string>;
  readonly fetch: (hash: string) => Promise<Buffer>;
  readonly setLabels: (path: string, hash: string, labels: readonly Label[]) => Promise<void>;
  /** What an attempt found before it changed anything, by its key. */
  readonly note: (key: string, was: Was) => Promise<void>;
  readonly noteOf: (key: string) => Promise<Was | undefined>;
  /** Undefined: not written through here. */
  readonly labelsOf: (path: string, hash: string) => Promise<readonly Label[] | undefined>;
}

/** Hash of a content. */
export function hashOf(content: Uint8Array): string {
  return sha256(Buffer.from(content).toString("base64"));
}

/** Names the vault of a root; it is made when something is first kept. */
export function openVault(
  root: string,
  folder: string = join(dirname(resolve(root)), `.${basename(resolve(root))}-pawl`),
): Vault {
  const note = (path: string, hash: string): string => join(folder, `${sha256(`${path}\n${hash}`)}.labels.json`);
  const write = async (file: string, content: string | Uint8Array): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const fresh = `${file}.${process.pid}.new`;
    await writeFile(fresh, content, { mode: 0o600 });
    await rename(fresh, file);
  };
  return {
    folder,
    keep: async (content) => {
      const hash = hashOf(content);
      await write(join(folder, `${hash}.content`), content);
      return hash;
    },
    fetch: (hash) => readFile(join(folder, `${hash}.content`)),
    setLabels: (path, hash, labels) => write(note(path, hash), JSON.stringify(labels)),
    note: (key, was) => write(join(folder, `${sha256(key)}.was.json`), JSON.stringify(was)),
    noteOf: (key) => readNote<Was>(join(folder, `${sha256(key)}.was.json`)),
    labelsOf: (path, hash) => readNote<readonly Label[]>(note(path, hash)),
  };
}

/** What was noted, in the form in which it was; undefined: nothing. */
async function readNote<T>(file: string): Promise<T | undefined> {
  try {
    const noted: T = JSON.parse(await readFile(file, "utf8"));
    return noted;
  } catch {
    return undefined;
  }
}
