import type { StatementSync } from "node:sqlite";
import type { Hash, RunId } from "../../base/index.ts";
import type { RunEvent } from "../../plan/index.ts";
import {
  CHAIN_START,
  createdBy,
  encodeEvent,
  journalDamaged,
  journalGap,
  staleEpoch,
  type Batch,
  type ChainPoint,
  type RunAppend,
} from "../../store/index.ts";
import { createRecordWriter, type RecordWriter } from "./collections.ts";
import type { Connection } from "./connection.ts";
import { isOpenTag, mustBeWhole, readHeader, sealBase, sealHeader, type RunBirth } from "./header.ts";
import { createLineWriter, type LineWriter } from "./lines.ts";
import { number } from "./rows.ts";

/*
 * What `commit` writes.
 *
 * 1. (J1) The epoch is read inside the transaction that writes: an owner of the past changes nothing.
 * 2. (J3) A run's line, which holds the head of its chain, is written in the same transaction as its events.
 * 3. Lines of runs that are under way are remembered, so that an append reads nothing; they are right because this is
 *    the only writer, and useless after a failed commit, which is the last one of its connection.
 */

/** A run's line, as far as the next append needs it. */
interface OpenRun {
  readonly no: number;
  readonly sealBase: string;
  tag: string;
  updatedAt: number;
  last: ChainPoint;
}

/** Writes the batches of one owner, each within a transaction that the caller opens. */
export class JournalWriter {
  readonly #connection: Connection;
  readonly #epoch: number;
  readonly #lines: LineWriter;
  readonly #putRecords: RecordWriter;
  readonly #open = new Map<RunId, OpenRun>();
  /** Number of the last run that was made. */
  #runs: number;
  readonly #epochNow: StatementSync;
  readonly #addEvent: StatementSync;
  readonly #moveHead: StatementSync;

  constructor(connection: Connection, epoch: number) {
    const { prepare } = connection;
    this.#connection = connection;
    this.#epoch = epoch;
    this.#lines = createLineWriter(connection);
    this.#putRecords = createRecordWriter(connection);
    this.#runs = number(prepare("SELECT coalesce(max(no), 0) AS value FROM runs").get() ?? {}, "value");
    this.#epochNow = prepare("SELECT epoch FROM owner");
    this.#addEvent = prepare("INSERT INTO events (run, seq, epoch, hash, payload) VALUES (?, ?, ?, ?, ?)");
    // Without the tag, which seldom changes: naming it would rewrite the index of open runs each time.
    this.#moveHead = prepare("UPDATE runs SET updated_at = ?, head = ?, head_hash = ?, seal = ? WHERE no = ?");
  }

  write(batch: Batch): void {
    const now = number(this.#epochNow.get() ?? {}, "epoch");
    if (now !== this.#epoch) throw staleEpoch(this.#epoch, now);
    batch.plans?.forEach(this.#lines.putPlan);
    for (const append of batch.runs) this.#append(append);
    batch.ledger?.forEach(this.#lines.putEntry);
    batch.results?.forEach(this.#lines.putResult);
    this.#putRecords(batch);
  }

  #append(append: RunAppend): void {
    const known = this.#open.get(append.run) ?? this.#find(append.run);
    const entry = known ?? this.#create(append);
    if (known !== undefined) this.#extend(known, append);
    // A run that ended is rarely written again, and there is no end to their number.
    if (!isOpenTag(entry.tag)) this.#open.delete(append.run);
    else if (!this.#open.has(append.run)) this.#open.set(append.run, entry);
  }

  #find(run: RunId): OpenRun | undefined {
    const row = this.#connection.prepare("SELECT * FROM runs WHERE id = ?").get(run);
    if (row === undefined) return undefined;
    const header = mustBeWhole(readHeader(row));
    const last = { seq: header.head, epoch: this.#epoch, hash: header.headHash };
    return { no: header.no, sealBase: sealBase(header), tag: header.tag, updatedAt: header.updatedAt, last };
  }

  #create(append: RunAppend): OpenRun {
    if (append.from !== 1) throw journalGap(append.run, 1, append.from);
    const { plan, tags, at, parent } = createdBy(append);
    const planName = this.#lines.planName(append.run, plan);
    const birth: RunBirth = { run: append.run, plan, planName, tags, createdAt: at, parent: parent?.run };
    this.#runs += 1;
    const entry = { no: this.#runs, sealBase: sealBase(birth), tag: append.tag, updatedAt: at, last: CHAIN_START };
    this.#addEvents(entry, append.events);
    this.#addLine(entry, birth);
    return entry;
  }

  #addLine(entry: OpenRun, birth: RunBirth): void {
    const { seq, hash } = entry.last;
    const tags = JSON.stringify(birth.tags);
    this.#connection
      .prepare(
        `INSERT INTO runs (no, id, plan, plan_name, tags, created_at, parent, tag, updated_at, head, head_hash, seal)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        entry.no,
        birth.run,
        birth.plan,
        birth.planName,
        tags,
        birth.createdAt,
        birth.parent ?? null,
        entry.tag,
        entry.updatedAt,
        seq,
        hash,
        headSeal(entry),
      );
  }

  #extend(entry: OpenRun, append: RunAppend): void {
    const { seq: head } = entry.last;
    if (append.from !== head + 1) throw journalGap(append.run, head + 1, append.from);
    this.#addEvents(entry, append.events);
    if (entry.tag !== append.tag) {
      entry.tag = append.tag;
      this.#connection.prepare("UPDATE runs SET tag = ? WHERE no = ?").run(append.tag, entry.no);
    }
    const { seq, hash } = entry.last;
    const { changes } = this.#moveHead.run(entry.updatedAt, seq, hash, headSeal(entry), entry.no);
    if (changes !== 1) throw journalDamaged(`Run "${append.run}"`, "its line in the list of runs is gone");
  }

  #addEvents(entry: OpenRun, events: readonly RunEvent[]): void {
    for (const event of events) {
      const { payload, hash, blobs } = encodeEvent(event, entry.last, this.#epoch);
      if (blobs.length > 0) this.#lines.addBlobs(blobs);
      entry.last = { seq: entry.last.seq + 1, epoch: this.#epoch, hash };
      entry.updatedAt = event.at;
      this.#addEvent.run(entry.no, entry.last.seq, this.#epoch, hash, payload);
    }
  }
}

function headSeal(entry: OpenRun): Hash {
  const { tag, updatedAt, last } = entry;
  return sealHeader(entry.sealBase, { tag, updatedAt, seq: last.seq, hash: last.hash });
}
