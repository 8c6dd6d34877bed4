import { setImmediate as nextTurn } from "node:timers/promises";
import { sha256, toHash, type Hash, type RunId } from "../../base/index.ts";
import {
  CHAIN_START,
  decodeEvent,
  journalDamaged,
  verifyChain,
  type BlobSource,
  type ChainPoint,
  type StoredEvent,
} from "../../store/index.ts";
import type { Connection } from "./connection.ts";
import { mustBeWhole, readHeader, type Header } from "./header.ts";
import { number, text, textOrNone, type Row } from "./rows.ts";

/** Records that are read in one turn of the event loop. */
const PAGE = 500;

/** Which records to read: from `from` to `until`, both included. */
interface Span {
  readonly from: number;
  readonly until: number;
}

/** Reads a run's line, checked. */
export function findHeader(connection: Connection, run: RunId): Header | undefined {
  const row = connection.prepare("SELECT * FROM runs WHERE id = ?").get(run);
  return row === undefined ? undefined : mustBeWhole(readHeader(row));
}

/**
 * Reads records of a journal, a page a turn, and follows their chain (J3) to the head that the run's line names.
 * What is appended meanwhile is left for the next read.
 *
 * @throws {DefectError} JOURNAL_DAMAGED naming the first record that is not as it was written.
 */
export async function readRecords(connection: Connection, run: RunId, span: Span): Promise<StoredEvent[]> {
  const records: StoredEvent[] = [];
  let previous: ChainPoint | undefined;
  let until = span.until;
  for (let from = span.from; from <= until;) {
    if (records.length > 0) await nextTurn();
    const page = connection.snapshot(`The journal of run "${run}"`, () => {
      const header = findHeader(connection, run);
      if (header === undefined || from > header.head + 1) return undefined;
      until = Math.min(until, header.head);
      return readPage(connection, header, { from, until, previous });
    });
    if (page === undefined) return [];
    records.push(...page.records);
    previous = page.last;
    from = page.last.seq + 1;
  }
  return records;
}

interface PageStart extends Span {
  /** Absent: the record before `from` is looked up. */
  readonly previous: ChainPoint | undefined;
}

interface Page {
  readonly records: readonly StoredEvent[];
  readonly last: ChainPoint;
}

function readPage(connection: Connection, header: Header, start: PageStart): Page {
  const previous = start.previous ?? recordBefore(connection, header, start.from);
  const to = Math.min(start.until, start.from + PAGE - 1);
  const rows = connection
    .prepare("SELECT seq, epoch, hash, digest, payload FROM events WHERE run = ? AND seq BETWEEN ? AND ? ORDER BY seq")
    .all(header.no, start.from, to);
  const blobs = blobSource(connection);
  const chain = rows.map(readLink);
  const check = verifyChain(chain, previous);
  if (check.tag === "broken") throw damagedAt(header, check.seq, check.why);
  const { last } = check;
  const end = Math.max(to, previous.seq);
  if (last.seq !== end) throw damagedAt(header, last.seq + 1, "the record is missing");
  if (last.seq === header.head) mustBeHead(connection, header, last);
  return { records: rows.map((row) => readRecord(header, row, blobs)), last };
}

/** The anchor (J3): the chain ends where the run's line says, with the same hash, and nothing follows. */
function mustBeHead(connection: Connection, header: Header, last: ChainPoint): void {
  if (last.hash !== header.headHash) throw damagedAt(header, last.seq, "the hash is not the head of the run's line");
  const more = connection.prepare("SELECT seq FROM events WHERE run = ? AND seq > ? LIMIT 1").get(header.no, last.seq);
  if (more !== undefined) throw damagedAt(header, last.seq + 1, "the record stands beyond the head of the run's line");
}

function recordBefore(connection: Connection, header: Header, from: number): ChainPoint {
  if (from <= 1) return CHAIN_START;
  const row = connection
    .prepare("SELECT seq, epoch, hash FROM events WHERE run = ? AND seq = ?")
    .get(header.no, from - 1);
  if (row === undefined) throw damagedAt(header, from - 1, "the record is missing");
  return { seq: number(row, "seq"), epoch: number(row, "epoch"), hash: toHash(text(row, "hash")) };
}

function readLink(row: Row): ChainPoint & { readonly digest: Hash } {
  const payload = textOrNone(row, "payload");
  return {
    seq: number(row, "seq"),
    epoch: number(row, "epoch"),
    hash: toHash(text(row, "hash")),
    digest: payload === undefined ? toHash(text(row, "digest")) : sha256(payload),
  };
}

function readRecord(header: Header, row: Row, blobs: BlobSource): StoredEvent {
  const link = readLink(row);
  const payload = textOrNone(row, "payload");
  if (payload === undefined) throw damagedAt(header, link.seq, "its payload was erased");
  return { ...link, event: decodeEvent(payload, blobs) };
}

function damagedAt(header: Header, seq: number, why: string): Error {
  return journalDamaged(`Record ${seq} of run "${header.run}"`, why);
}

/** Gives blobs, checked against their names. */
export function blobSource(connection: Connection): BlobSource {
  return (hash) => {
    const row = connection.prepare("SELECT content FROM blobs WHERE hash = ?").get(hash);
    if (row === undefined) throw journalDamaged(`Blob ${hash}`, "it is missing");
    const content = text(row, "content");
    if (sha256(content) !== hash) throw journalDamaged(`Blob ${hash}`, "its content does not match its name");
    return content;
  };
}
