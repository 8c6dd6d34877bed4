import { journalDamaged, type StoreProblem } from "../../store/index.ts";
import { sha256 } from "../../base/index.ts";
import { auditCollections } from "./collections.ts";
import type { Connection } from "./connection.ts";
import { number, seal, text, type Row } from "./rows.ts";

const PROBLEMS_SHOWN = 20;

/** Content tables with the statement that gives key, content and the checksum that they should have. */
const sealed = [
  ["ledger", "SELECT effect AS key, entry AS content, seal FROM ledger"],
  ["inbox", "SELECT id AS key, command AS content, seal FROM inbox"],
  ["results", "SELECT command AS key, result AS content, seal FROM results"],
  ["plans", "SELECT hash || char(10) || name AS key, graph AS content, seal FROM plans"],
] as const;

/** Looks for what no read of a single run can see. Takes as long as reading the whole file. */
export function auditStore(connection: Connection): readonly StoreProblem[] {
  return [
    ...brokenStructure(connection),
    ...lostLines(connection),
    ...brokenSeals(connection),
    ...brokenBlobs(connection),
    ...auditCollections(connection),
  ];
}

function problem(where: string, why: string): StoreProblem {
  const { code, message } = journalDamaged(where, why);
  return { code, message };
}

/** What SQLite itself finds: pages, indexes, constraints. */
function brokenStructure(connection: Connection): readonly StoreProblem[] {
  return connection
    .prepare(`PRAGMA integrity_check(${PROBLEMS_SHOWN})`)
    .all()
    .map((row) => text(row, "integrity_check"))
    .filter((line) => line !== "ok")
    .map((line) => problem("The database file", line));
}

/** Numbers have no gaps, so lines that are gone show. */
const counted = [
  [
    "runs",
    "SELECT count(*) AS lines, max(coalesce(max(no), 0), coalesce((SELECT max(run) FROM events), 0)) AS given FROM runs",
  ],
  ...(["plans", "ledger", "results"] as const).map((table) => [table, givenSql(table, "count(*)")] as const),
  ["inbox", givenSql("inbox", "count(*) + (SELECT count(inbox) FROM results)")],
] as const;

function givenSql(table: string, lines: string): string {
  return `SELECT ${lines} AS lines, coalesce((SELECT seq FROM sqlite_sequence WHERE name = '${table}'), 0) AS given FROM ${table}`;
}

function lostLines(connection: Connection): readonly StoreProblem[] {
  return counted.flatMap(([table, sql]) => {
    const row: Row = connection.prepare(sql).get() ?? {};
    const lost = number(row, "given") - number(row, "lines");
    return lost === 0 ? [] : [problem(`Table ${table}`, `${lost} of its lines are gone`)];
  });
}

function brokenSeals(connection: Connection): readonly StoreProblem[] {
  const found: StoreProblem[] = [];
  for (const [table, sql] of sealed) {
    for (const row of connection.prepare(sql).iterate()) {
      const key = text(row, "key");
      if (row["seal"] !== seal(key, text(row, "content"))) {
        found.push(problem(`Line "${key}" of table ${table}`, "it does not match its seal"));
      }
    }
  }
  return found;
}

function brokenBlobs(connection: Connection): readonly StoreProblem[] {
  const found: StoreProblem[] = [];
  for (const row of connection.prepare("SELECT hash, content FROM blobs").iterate()) {
    const hash = text(row, "hash");
    if (sha256(text(row, "content")) !== hash)
      found.push(problem(`Blob ${hash}`, "its content does not match its name"));
  }
  return found;
}
