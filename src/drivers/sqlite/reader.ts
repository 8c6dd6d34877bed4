import type { PlanGraph } from "../../plan/index.ts";
import {
  checkCommand,
  journalDamaged,
  unpack,
  type CommandResult,
  type InboxCommand,
  type LedgerEntry,
  type StoreReader,
} from "../../store/index.ts";
import { auditStore } from "./audit.ts";
import { createWatcher } from "./changes.ts";
import { createRecordReader } from "./collections.ts";
import type { Connection } from "./connection.ts";
import { readHeader, toSummary } from "./header.ts";
import { createLineWriter } from "./lines.ts";
import { listQuery } from "./query.ts";
import { blobSource, findHeader, readRecords as readJournal } from "./records.ts";
import { seal, text, type Row } from "./rows.ts";

/** A line outside the journals: which table, which column is its key, which holds its content. */
interface Place {
  readonly table: "ledger" | "results" | "plans" | "inbox";
  readonly key: string;
  readonly content: string;
}

/** What owner and reader share: everything but commit. */
export function createReader(connection: Connection): Omit<StoreReader, "close"> {
  const changed = createWatcher(connection);
  const lines = createLineWriter(connection);
  const lookUp = (place: Place, key: string): string | undefined => {
    const { table, content } = place;
    const row = connection.prepare(`SELECT ${content}, seal FROM ${table} WHERE ${place.key} = ?`).get(key);
    return row === undefined ? undefined : readLine(connection, row, { ...place, value: key });
  };

  return {
    summary: async (run) =>
      connection.reading(`The line of run "${run}"`, () => {
        const header = findHeader(connection, run);
        return header === undefined ? undefined : toSummary(header);
      }),
    list: async (query) =>
      connection.reading("The list of runs", () => {
        const { sql, values } = listQuery(query);
        const rows = connection.prepare(sql).all(...values);
        return rows.map((row) => toSummary(readHeader(row)));
      }),
    read: async (run, { from = 1, limit = Infinity } = {}) =>
      readJournal(connection, run, { from: Math.max(1, from), until: Math.max(1, from) + limit - 1 }),
    plan: async (hash) =>
      connection.reading(`Plan ${hash}`, () => {
        const row = connection.prepare("SELECT name, graph, seal FROM plans WHERE hash = ?").get(hash);
        if (row === undefined) return undefined;
        const place = { table: "plans", content: "graph", value: `${hash}\n${text(row, "name")}` } as const;
        const { graph }: { graph: PlanGraph } = JSON.parse(readLine(connection, row, place));
        return graph;
      }),
    effect: async (effect) =>
      connection.reading(`Effect ${effect}`, () => {
        const found = lookUp({ table: "ledger", key: "effect", content: "entry" }, effect);
        if (found === undefined) return undefined;
        const entry: LedgerEntry = JSON.parse(found);
        return entry;
      }),
    commandResult: async (command) =>
      connection.reading(`The result of command "${command}"`, () => {
        const found = lookUp({ table: "results", key: "command", content: "result" }, command);
        if (found === undefined) return undefined;
        const result: CommandResult = JSON.parse(found);
        return result;
      }),
    ...createRecordReader(connection),
    changed,
    send: async (command) => {
      connection.mustLive();
      checkCommand(command);
      connection.writing(() => lines.putCommand(command));
    },
    audit: async () => connection.reading("The store", () => auditStore(connection)),
  };
}

/** Gives the content of a line, whose key has this value. @throws {DefectError} JOURNAL_DAMAGED */
function readLine(
  connection: Connection,
  row: Row,
  { table, content: column, value }: Omit<Place, "key"> & { readonly value: string },
): string {
  const content = text(row, column);
  if (text(row, "seal") !== seal(value, content)) {
    throw journalDamaged(`Line "${value}" of table ${table}`, "it does not match its seal");
  }
  return unpack(content, blobSource(connection));
}

/** Gives the commands without a result, oldest first. */
export function readInbox(connection: Connection): readonly InboxCommand[] {
  return connection.reading("The inbox", () =>
    connection
      .prepare("SELECT id, command, seal FROM inbox ORDER BY no")
      .all()
      .map((row) => {
        const id = text(row, "id");
        const content = text(row, "command");
        if (text(row, "seal") !== seal(id, content))
          throw journalDamaged(`Command "${id}"`, "it does not match its seal");
        const command: InboxCommand = JSON.parse(unpack(content, blobSource(connection)));
        return command;
      }),
  );
}
