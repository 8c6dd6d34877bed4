import type { Hash, Instant, Json, NodeId, RunId } from "../base/index.ts";
import type { PlanGraph, RunEvent, RunTag } from "../plan/index.ts";

/** One line of the list of runs. */
export interface RunSummary {
  readonly run: RunId;
  readonly planName: string;
  readonly plan: Hash;
  readonly tag: RunTag;
  readonly tags: readonly string[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly parent: RunId | undefined;
  /** Number of records in the journal: the sequence number of the last one. */
  readonly head: number;
  /** Hash of the last record: the anchor of the chain. */
  readonly headHash: Hash;
  /** Set by `list` when the line does not match its seal, so may say anything; `read` then throws JOURNAL_DAMAGED. */
  readonly damaged?: true;
}

/** A journal record as it is kept. `hash = H(previous hash, seq, epoch, digest)`, `digest = H(payload)`; see chain.ts. */
export interface StoredEvent {
  /** 1 for the first, without gaps. */
  readonly seq: number;
  readonly epoch: number;
  readonly event: RunEvent;
  readonly digest: Hash;
  readonly hash: Hash;
}

/** What became of an effect that has an identity. */
export interface LedgerEntry {
  /** H(tenant, action, identity), the same for all generations. */
  readonly effect: Hash;
  /** Grows by one with each undo. */
  readonly generation: number;
  readonly state: "started" | "done" | "unknown" | "undone" | "not-done";
  readonly run: RunId;
  readonly node: NodeId;
  /** Only when done. */
  readonly output?: Json;
  /** Labels of the output. */
  readonly labels?: PlanGraph["nodes"][string]["labels"];
}

/** An order of a client, to be journaled once by the owner. */
export interface InboxCommand {
  readonly id: string;
  readonly at: Instant;
  readonly command: Json;
}

/** What the owner made of a command. */
export type CommandResult =
  | { readonly tag: "done"; readonly value: Json }
  | { readonly tag: "refused"; readonly code: string; readonly message: string };

/** What is appended to one run's journal. */
export interface RunAppend {
  readonly run: RunId;
  /** Sequence number of the first of `events`; a mismatch with the journal is a defect. */
  readonly from: number;
  readonly events: readonly RunEvent[];
  readonly tag: RunTag;
}

/** A list of records beside the journals. */
export type Collection = "memory" | "decisions" | "rewards" | "experiments" | "registry";

/** A change of one record. */
export interface RecordWrite {
  readonly collection: Collection;
  /** 1 to 200 printable characters. */
  readonly key: string;
  /** Undefined: the record is deleted. */
  readonly value: Json | undefined;
}

/** A record as it is kept. */
export interface StoredRecord {
  readonly key: string;
  readonly value: Json;
}

/** Which records a listing gives: ordered by key (code points), at most `limit` (default 100), behind the key `after`. */
export interface RecordQuery {
  readonly prefix?: string;
  readonly after?: string;
  readonly limit?: number;
}

/** All that becomes durable together, in one transaction, or not at all. */
export interface Batch {
  readonly runs: readonly RunAppend[];
  /** Plans that the runs of this batch are the first to use. */
  readonly plans?: readonly { readonly hash: Hash; readonly graph: PlanGraph }[];
  readonly ledger?: readonly LedgerEntry[];
  readonly results?: readonly { readonly command: string; readonly result: CommandResult }[];
  /** Done one after the other: of two for one key the last one stays. */
  readonly records?: readonly RecordWrite[];
  /** What `records` deletes or replaces leaves no trace in the store's files; costs as much as writing its collections anew. */
  readonly erase?: boolean;
}

/** Which runs a list shows; newest first, and of those made in the same millisecond the last one first. */
export interface RunQuery {
  /** Runs that have all of these. */
  readonly tags?: readonly string[];
  readonly states?: readonly RunTag[];
  readonly planName?: string;
  readonly parent?: RunId;
  /** At most this many (default 100), older than `before`. */
  readonly limit?: number;
  readonly before?: Instant;
  /** Goes on after this run of an earlier page; exact also where several runs were made in the same millisecond. */
  readonly after?: RunId;
}

/** Damage that a check of the whole store found. */
export interface StoreProblem {
  /** Absent: not of one run alone. */
  readonly run?: RunId;
  readonly code: string;
  readonly message: string;
}

/** What anyone may read, the owner or not. */
export interface StoreReader {
  readonly summary: (run: RunId) => Promise<RunSummary | undefined>;
  readonly list: (query: RunQuery) => Promise<readonly RunSummary[]>;
  /** Records from `from` (default 1) on, at most `limit`; blobs resolved. @throws {DefectError} JOURNAL_DAMAGED naming the seq. */
  readonly read: (
    run: RunId,
    options?: { readonly from?: number; readonly limit?: number },
  ) => Promise<readonly StoredEvent[]>;
  readonly plan: (hash: Hash) => Promise<PlanGraph | undefined>;
  readonly effect: (effect: Hash) => Promise<LedgerEntry | undefined>;
  readonly commandResult: (command: string) => Promise<CommandResult | undefined>;
  /** @throws {DefectError} JOURNAL_DAMAGED if it is not as it was written. */
  readonly record: (collection: Collection, key: string) => Promise<Json | undefined>;
  /** @throws {DefectError} JOURNAL_DAMAGED if one of them is not as it was written. */
  readonly records: (collection: Collection, query?: RecordQuery) => Promise<readonly StoredRecord[]>;
  /**
   * Resolves when others may have changed the store since the last call, after `ms`, when `signal` aborts, or when the
   * store is closed (it never rejects for these). What was written through this very store or reader does not count. Keeps the process alive
   * while it is awaited, and only then.
   */
  readonly changed: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Puts a command into the inbox; durable when it resolves. An id that is there already changes nothing. */
  readonly send: (command: InboxCommand) => Promise<void>;
  /** Looks for damage that no single read can see: lost lines, broken indexes. Absent: there is none to look for. */
  readonly audit?: () => Promise<readonly StoreProblem[]>;
  readonly close: () => Promise<void>;
}

/**
 * The Store port, as the owner has it: journal, blobs, ledger, inbox and collections behind one transaction.
 *
 * 1. (J1) `commit` with an epoch that is no longer the store's changes nothing and throws STALE_EPOCH.
 * 2. (J1, J3) Sequence numbers are gapless, hashes chained, the head anchored in the same transaction.
 * 3. (J4) When `commit` resolves, the batch survives a power cut.
 * 4. After any failed `commit` the store refuses everything (STORE_FAILED): recovery starts from what is on disk.
 *    The store lives on only if the batch was never tried: the limits forbid it (InputError VALUE_TOO_LARGE,
 *    BAD_RUN_ID, BAD_INPUT), or another process held the store for too long (TransientError STORE_BUSY).
 * 5. Records are written through the owner's `commit` alone, whoever wants them written: the engine's loop, an action,
 *    a command line that has become the owner for the moment. Commits of one owner may be mixed in any order.
 * 6. What a batch with `erase` deleted or replaced is in no file of the store once `commit` resolves, or, where another
 *    process is reading just then, with the next commit or close.
 */
export interface Store extends StoreReader {
  /** This owner's epoch: greater than that of every owner before. */
  readonly epoch: number;
  readonly commit: (batch: Batch) => Promise<void>;
  /** Commands that have no result yet, oldest first. */
  readonly inbox: () => Promise<readonly InboxCommand[]>;
}

/** Opens the same store for owners and readers; what a driver gives and the conformance suite tries. */
export interface StoreDriver {
  /** @throws {InputError} FOLDER_OWNED at once while another process owns it. */
  readonly open: () => Promise<Store>;
  /** A reader of the same store, whether or not it has an owner. */
  readonly read: () => Promise<StoreReader>;
}
