import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const FIRST_STOCK: Readonly<Record<string, number>> = { cup: 40, grinder: 12, "espresso-machine": 6 };
export const PRICES: Readonly<Record<string, number>> = { cup: 990, grinder: 12_900, "espresso-machine": 64_950 };

/** What stands in the shop's books. */
export interface Books {
  readonly paid: number;
  readonly refunded: number;
  /** Cents of the orders that were shipped. */
  readonly shipped: number;
  readonly stock: Readonly<Record<string, number>>;
  /** Pieces that left the house, by article. */
  readonly sold: Readonly<Record<string, number>>;
  readonly mails: number;
}

/** A real small shop: its own database, a stock file and an outbox of mails. Nothing in it knows of Pawl. */
export interface Shop {
  readonly database: DatabaseSync;
  readonly stock: () => Record<string, number>;
  /** Changes the stock once for each key. @throws {Error} when there is not enough. */
  readonly move: (key: string, sku: string, pieces: number) => void;
  readonly sendMail: (key: string, to: string, text: string) => void;
  readonly books: () => Books;
  readonly close: () => void;
}

/** Opens the shop in a folder; the first time it is stocked. */
export function openShop(dir: string): Shop {
  mkdirSync(join(dir, "outbox"), { recursive: true });
  const stockFile = join(dir, "stock.json");
  if (!existsSync(stockFile))
    writeFileSync(stockFile, JSON.stringify({ pieces: FIRST_STOCK, moves: [] }, undefined, 2));
  const database = new DatabaseSync(join(dir, "shop.db"));
  database.exec(`
    PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS payments (key TEXT PRIMARY KEY, id TEXT, orders TEXT, cents INTEGER, refunded INTEGER DEFAULT 0);
    CREATE TABLE IF NOT EXISTS invoices (orders TEXT PRIMARY KEY, payment TEXT, state TEXT);
    CREATE TABLE IF NOT EXISTS shipments (orders TEXT PRIMARY KEY, tracking TEXT);
    CREATE TABLE IF NOT EXISTS points (key TEXT PRIMARY KEY, email TEXT, points INTEGER);
  `);
  const readStock = (): StockFile => {
    const file: StockFile = JSON.parse(readFileSync(stockFile, "utf8"));
    return file;
  };
  return {
    database,
    stock: () => readStock().pieces,
    move: (key, sku, pieces) => {
      const { pieces: all, moves } = readStock();
      if (moves.includes(key)) return;
      const left = (all[sku] ?? 0) + pieces;
      if (left < 0) throw new Error(`Only ${all[sku] ?? 0} of ${sku} left.`);
      const next = { pieces: { ...all, [sku]: left }, moves: [...moves, key] };
      writeFileSync(`${stockFile}.new`, JSON.stringify(next, undefined, 2));
      renameSync(`${stockFile}.new`, stockFile);
    },
    sendMail: (key, to, text) => {
      const file = join(dir, "outbox", `${key}.txt`);
      if (!existsSync(file)) appendFileSync(file, `To: ${to}\n\n${text}\n`);
    },
    books: () => readBooks(database, readStock().pieces),
    close: () => database.close(),
  };
}

interface StockFile {
  readonly pieces: Record<string, number>;
  readonly moves: readonly string[];
}

function readBooks(database: DatabaseSync, stock: Record<string, number>): Books {
  const one = (sql: string): number => Number(database.prepare(sql).get()?.["n"] ?? 0);
  const sold: Record<string, number> = {};
  for (const [sku, pieces] of Object.entries(FIRST_STOCK)) sold[sku] = pieces - (stock[sku] ?? 0);
  return {
    paid: one("SELECT sum(cents) AS n FROM payments"),
    refunded: one("SELECT sum(cents) AS n FROM payments WHERE refunded = 1"),
    shipped: one("SELECT sum(cents) AS n FROM payments JOIN shipments USING (orders) WHERE refunded = 0"),
    stock,
    sold,
    mails: one("SELECT count(*) AS n FROM shipments"),
  };
}
