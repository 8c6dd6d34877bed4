import { loadPackage } from "../base/index.ts";
import type { Row } from "./rows.ts";

/** A row and how well it fits. */
export interface Hit {
  readonly row: Row;
  readonly score: number;
}

/** A full text index of one tenant's entries. */
export interface TextIndex {
  readonly put: (id: string, text: string) => void;
  readonly remove: (id: string) => void;
  /** Score of each entry that has one of the words, or nearly. */
  readonly search: (query: string) => ReadonlyMap<string, number>;
}

interface Document {
  readonly id: string;
  readonly text: string;
}

interface MiniSearch {
  readonly add: (document: Document) => void;
  readonly remove: (document: Document) => void;
  readonly search: (query: string, options: object) => readonly { readonly id: unknown; readonly score: number }[];
}

type MiniSearchClass = new (options: object) => MiniSearch;

function isClass(value: unknown): value is MiniSearchClass {
  return typeof value === "function";
}

const WORD = /[\p{L}\p{N}]+/gu;
/** Each word costs a walk through the index, while the event loop stands still; a whole document may be asked for. */
const MOST_WORDS = 64;

/** A short word is the beginning of too many. */
function isLong(word: string): boolean {
  return word.length > 3;
}

function fuzzyFor(word: string): number | false {
  return isLong(word) && 0.2;
}

/** Makes an empty index: BM25+ with prefixes and small misspellings. The package is loaded here, and not before. */
export function createTextIndex(): TextIndex {
  const loaded = loadPackage("minisearch");
  const found: unknown = typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded.default : loaded;
  if (!isClass(found)) throw new TypeError("minisearch has another form than expected");
  const index = new found({ fields: ["text"] });
  const held = new Map<string, Document>();
  const remove = (id: string): void => {
    const document = held.get(id);
    if (document !== undefined) index.remove(document);
    held.delete(id);
  };
  return {
    remove,
    put: (id, text) => {
      remove(id);
      held.set(id, { id, text });
      index.add({ id, text });
    },
    search: (query) => {
      const words = new Set(query.toLowerCase().match(WORD));
      const results = index.search([...words].slice(0, MOST_WORDS).join(" "), { prefix: isLong, fuzzy: fuzzyFor });
      return new Map(results.map(({ id, score }) => [String(id), score]));
    },
  };
}

/** Sums of floats differ in their last digits with the order of what was added; what differs in them alone is equal. */
const DIGITS = 1e6;

/** Best first; of equal ones the older first. */
export function ranked(hits: readonly Hit[]): readonly Row[] {
  return hits
    .map(({ row, score }) => ({ row, score: Math.round(score * DIGITS) }))
    .toSorted((a, b) => b.score - a.score || compareAge(a.row, b.row))
    .map(({ row }) => row);
}

/** Oldest first, and among those of one millisecond by id. */
export function compareAge({ entry: a }: Row, { entry: b }: Row): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
