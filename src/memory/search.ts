import { loadPackage } from "../base/index.ts";
import type { Row } from "./database.ts";
import { cosine } from "./similar.ts";

/** A row and how well it fits, best first; of equal ones the older first. */
export interface Hit {
  readonly row: Row;
  readonly score: number;
}

/** Exact search among vectors: cosine, all rows looked at. */
export function searchVectors(rows: readonly Row[], query: Float32Array): readonly Hit[] {
  const hits = rows.flatMap((row) => (row.vector === undefined ? [] : [{ row, score: cosine(row.vector, query) }]));
  return ranked(hits.filter(({ score }) => score > 0));
}

interface MiniSearch {
  readonly addAll: (documents: readonly { readonly id: number; readonly text: string }[]) => void;
  readonly search: (query: string, options: object) => readonly { readonly id: unknown; readonly score: number }[];
}

type MiniSearchClass = new (options: object) => MiniSearch;

function isClass(value: unknown): value is MiniSearchClass {
  return typeof value === "function";
}

/** Full text search, where no model makes vectors: BM25+ with prefixes and small misspellings. */
export function searchText(rows: readonly Row[], query: string): readonly Hit[] {
  const loaded = loadPackage("minisearch");
  const found: unknown = typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded.default : loaded;
  if (!isClass(found)) throw new TypeError("minisearch has another form than expected");
  const index = new found({ fields: ["text"] });
  index.addAll(rows.map(({ entry }, id) => ({ id, text: entry.text })));
  const results = index.search(query, { prefix: true, fuzzy: 0.2 });
  return ranked(
    results.flatMap(({ id, score }) => {
      const row = rows[Number(id)];
      return row === undefined ? [] : [{ row, score }];
    }),
  );
}

function ranked(hits: readonly Hit[]): readonly Hit[] {
  return hits.toSorted(
    (a, b) =>
      b.score - a.score || a.row.entry.createdAt - b.row.entry.createdAt || (a.row.entry.id < b.row.entry.id ? -1 : 1),
  );
}
