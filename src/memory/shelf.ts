import type { DatabaseSync } from "node:sqlite";
import { numberOf, openDatabase, rewrite } from "./database.ts";
import { damagedRow, readRows, type DamagedRow, type Row } from "./rows.ts";
import { compareAge, createTextIndex, type TextIndex } from "./search.ts";

/** Changes entries, and names all whose row or weight it may have changed. */
export type Change = (database: DatabaseSync) => Iterable<string>;

/**
 * What one tenant has, held in memory with its index and kept in step with the database.
 *
 * 1. Read whole when it is first asked, and again when another connection has written (`data_version`).
 * 2. After a change of its own it reads what it changed, so that what it holds is what the database holds.
 * 3. A change looks at the database within its transaction, never at what is held: another process may have been there.
 */
export class Shelf {
  readonly #database: DatabaseSync;
  readonly #tenant: string;
  readonly #rows = new Map<string, Row>();
  readonly #damaged = new Set<string>();
  #sorted: readonly Row[] | undefined;
  #index: TextIndex | undefined;
  #version: number | undefined;
  /** The file may hold what was erased, since another process was reading. */
  #isDirty = false;

  constructor(file: string, tenant: string) {
    this.#tenant = tenant;
    this.#database = openDatabase(file);
  }

  /** All rows, oldest first. @throws {DefectError} JOURNAL_DAMAGED */
  rows(): readonly Row[] {
    this.#refresh();
    const [id] = this.#damaged;
    if (id !== undefined) throw damagedRow(id);
    return (this.#sorted ??= [...this.#rows.values()].sort(compareAge));
  }

  row(id: string): Row | undefined {
    this.#refresh();
    return this.#rows.get(id);
  }

  /** Scores of a full text search, by id. */
  search(text: string): ReadonlyMap<string, number> {
    this.#refresh();
    if (this.#index === undefined) {
      this.#index = createTextIndex();
      for (const { entry } of this.rows()) this.#index.put(entry.id, entry.text);
    }
    return this.#index.search(text);
  }

  /** Changes entries in one transaction. `isErased`: no file keeps a trace of what went. */
  change(change: Change, { isErased = false }: { readonly isErased?: boolean } = {}): void {
    const ids = this.#transact(change);
    this.#sorted = undefined;
    for (const id of ids) {
      const [row] = readRows(this.#database, this.#tenant, id);
      if (row === undefined) this.#drop(id);
      else this.#hold(row);
    }
    this.#isDirty ||= isErased;
    if (this.#isDirty) this.#isDirty = !rewrite(this.#database);
  }

  close(): void {
    this.#database.close();
  }

  #transact(change: Change): ReadonlySet<string> {
    const database = this.#database;
    database.exec("BEGIN IMMEDIATE");
    try {
      const ids = new Set(change(database));
      database.exec("COMMIT");
      return ids;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  #refresh(): void {
    const version = numberOf(this.#database, "PRAGMA data_version");
    if (version === this.#version) return;
    this.#rows.clear();
    this.#damaged.clear();
    this.#sorted = undefined;
    this.#index = undefined;
    for (const row of readRows(this.#database, this.#tenant)) this.#hold(row);
    this.#version = version;
  }

  #hold(row: Row | DamagedRow): void {
    if ("damaged" in row) {
      this.#damaged.add(row.damaged);
      return;
    }
    const { id, text } = row.entry;
    this.#damaged.delete(id);
    this.#rows.set(id, row);
    this.#index?.put(id, text);
  }

  #drop(id: string): void {
    this.#damaged.delete(id);
    this.#rows.delete(id);
    this.#index?.remove(id);
  }
}
