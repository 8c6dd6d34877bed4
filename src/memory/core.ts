import { DefectError, InputError } from "../base/index.ts";
import type { Embedder } from "../models/index.ts";
import type { Query } from "./entry.ts";
import { deleteRows, findRow, putRow, type Row } from "./rows.ts";
import { compareAge } from "./search.ts";
import { Shelf } from "./shelf.ts";

/** What a memory is opened with. */
export interface MemoryOptions {
  /** Its database, such as `.pawl/memory.db`; `:memory:` is forgotten with the process. */
  readonly file: string;
  /** Who may see it. Default: one tenant. */
  readonly tenant?: string;
  /** Makes vectors of texts. Absent: full text search. */
  readonly embedder?: Embedder;
  /** Independent runs that must have observed a lesson before it counts. Default 2. */
  readonly observations?: number;
  /** Entries that were not written or observed for so long are deleted, in milliseconds. */
  readonly maxAgeMs?: number;
  /** Beyond these, those that were longest not written or observed are deleted. Default 10,000. */
  readonly maxEntries?: number;
  readonly now?: () => number;
}

/** An open memory's insides. */
export interface Core {
  readonly tenant: string;
  readonly options: MemoryOptions;
  readonly now: () => number;
  /** @throws {DefectError} STORE_CLOSED */
  readonly shelf: () => Shelf;
  readonly close: () => void;
}

/** The file is opened when it is first used, so that an agent can be defined where none of its runs ever starts. */
export function createCore(options: MemoryOptions): Core {
  const { file, tenant = "", now = Date.now } = options;
  let shelf: Shelf | undefined;
  let isClosed = false;
  return {
    tenant,
    options,
    now,
    shelf: () => {
      if (isClosed)
        throw new DefectError("STORE_CLOSED", `Expected ${file} to be open, but it was closed. Open it again.`);
      return (shelf ??= new Shelf(file, tenant));
    },
    close: () => {
      isClosed = true;
      shelf?.close();
      shelf = undefined;
    },
  };
}

/** What is there and not too old, oldest first. */
export function standing(core: Core): readonly Row[] {
  const isFresh = freshness(core);
  return core.shelf().rows().filter(isFresh);
}

/** Tells what is not too old now. */
function freshness({ options: { maxAgeMs = Infinity }, now }: Core): (row: Row) => boolean {
  const at = now();
  return ({ entry }) => (entry.expiresAt ?? Infinity) > at && entry.seenAt >= at - maxAgeMs;
}

/** Lets go of what is too old, then of what is too much. Overwritten in place: to erase without a trace is `forget`'s. */
export function prune(core: Core): void {
  const { maxEntries = 10_000 } = core.options;
  const all = core.shelf().rows();
  const left = standing(core);
  if (left.length === all.length && all.length <= maxEntries) return;
  const kept = new Set(
    left.toSorted((a, b) => b.entry.seenAt - a.entry.seenAt || compareAge(b, a)).slice(0, maxEntries),
  );
  const ids = all.filter((row) => !kept.has(row)).map(({ entry }) => entry.id);
  core.shelf().change((database) => deleteRows(database, core.tenant, ids));
}

const MINUTE_MS = 60_000;
/** Texts that are embedded in one request. */
const AT_ONCE = 100;

/** Makes the vector of a text, if there is an embedder. */
export async function toVector(
  { options: { embedder } }: Core,
  text: string,
  signal: AbortSignal = AbortSignal.timeout(MINUTE_MS),
): Promise<Pick<Row, "vector" | "embedder">> {
  if (embedder === undefined) return { vector: undefined, embedder: undefined };
  const [vector] = await embedder.embed([text], { signal });
  return { vector, embedder: embedder.name };
}

/** Gives rows the vectors of this embedder, where they have none of its: written before there was one, or by another. */
export async function mendVectors(
  core: Core,
  rows: readonly Row[],
  { signal }: Pick<Query, "signal"> = {},
): Promise<void> {
  const { embedder } = core.options;
  if (embedder === undefined) return;
  const bare = rows.filter((row) => row.embedder !== embedder.name);
  for (let at = 0; at < bare.length; at += AT_ONCE) {
    const some = bare.slice(at, at + AT_ONCE);
    const texts = some.map(({ entry }) => entry.text);
    const vectors = await embedder.embed(texts, { signal: signal ?? AbortSignal.timeout(MINUTE_MS) });
    core.shelf().change((database) =>
      some.map(({ entry: { id, text } }, index) => {
        const row = findRow(database, core.tenant, id);
        // Forgotten or changed meanwhile, it must not come back.
        if (row?.entry.text === text)
          putRow(database, core.tenant, { ...row, vector: vectors[index], embedder: embedder.name });
        return id;
      }),
    );
  }
}

const LONGEST = 100_000;

/** @throws {InputError} MEMORY_TEXT */
export function checkText(text: string): void {
  if (text.trim() !== "" && text.length <= LONGEST) return;
  const got = text.length > LONGEST ? `${text.length} characters` : "none";
  throw new InputError(
    "MEMORY_TEXT",
    `Expected a text of 1 to ${LONGEST} characters to remember, got ${got}. Write less, or something.`,
  );
}
