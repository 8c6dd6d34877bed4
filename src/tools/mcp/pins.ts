import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { InputError, isJsonObject, type Json } from "../../base/index.ts";
import { parseJson } from "../json.ts";

/** Where the hashes of approved tools are kept, by `SERVER.TOOL`. */
export interface PinStore {
  readonly read: () => Promise<ReadonlyMap<string, string>>;
  readonly write: (name: string, hash: string) => Promise<void>;
}

/** A JSON file's path, or a map that lives as long as the program. */
export type Pins = string | Map<string, string>;

const LARGEST_BYTES = 8_388_608;
const HASH = /^[0-9a-f]{64}$/u;

/** Opens a place for pins. A file is made at the first approval, readable for its owner only. */
export function openPins(pins: Pins): PinStore {
  if (typeof pins !== "string") {
    return {
      read: async () => await Promise.resolve(new Map(pins)),
      write: async (name, hash) => {
        await Promise.resolve(pins.set(name, hash));
      },
    };
  }
  let last: Promise<unknown> = Promise.resolve();
  const write = async (name: string, hash: string): Promise<void> => {
    const before = await readPins(pins);
    await replace(pins, new Map([...before, [name, hash]]));
  };
  return {
    read: async () => await readPins(pins),
    // One after the other: two approvals at once would each forget the other's.
    write: (name, hash) => {
      const next = last.then(async () => await write(name, hash));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

async function readPins(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await readText(file);
  if (text === undefined) return new Map();
  const parsed = text.length > LARGEST_BYTES ? undefined : parseJson(text);
  const pins = parsed?.tag === "parsed" ? toPins(parsed.value) : undefined;
  if (pins !== undefined) return pins;
  const expected = 'expected `{ "version": 1, "tools": { "SERVER.TOOL": "SHA-256" } }`, got something else';
  const fix = "Restore the file, or delete it and approve the tools again.";
  throw new InputError("MCP_PINS", `The file of approved tools ${file} can't be used: ${expected}. ${fix}`);
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw unusable(file, cause);
  }
}

function toPins(value: Json): ReadonlyMap<string, string> | undefined {
  if (!isJsonObject(value) || value["version"] !== 1 || !isJsonObject(value["tools"])) return undefined;
  const pins = new Map<string, string>();
  for (const [name, hash] of Object.entries(value["tools"])) {
    if (typeof hash !== "string" || !HASH.test(hash)) return undefined;
    pins.set(name, hash);
  }
  return pins;
}

/** A new file under the old name: a crash leaves the one or the other, never half of it. */
async function replace(file: string, pins: ReadonlyMap<string, string>): Promise<void> {
  const sorted = [...pins].sort(([one], [other]) => (one < other ? -1 : 1));
  const text = `${JSON.stringify({ version: 1, tools: Object.fromEntries(sorted) }, undefined, 2)}\n`;
  const draft = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: "wx", flush: true });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw unusable(file, cause);
  }
}

function unusable(file: string, cause: unknown): InputError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  const fix = "Check that its folder exists and may be read and written.";
  return new InputError("MCP_PINS", `The file of approved tools ${file} can't be used (${code}). ${fix}`, { cause });
}
