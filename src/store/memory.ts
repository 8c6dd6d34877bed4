import type { Hash, Json, RunId } from "../base/index.ts";
import type { PlanGraph, RunTag } from "../plan/index.ts";
import { CHAIN_START } from "./chain.ts";
import { checkBatch, checkCommand, createdBy } from "./check-batch.ts";
import { checkCollection, selectRecords } from "./collections.ts";
import { encodeEvent } from "./codec.ts";
import { journalGap, planMissing, staleEpoch, storeClosed, storeFailed } from "./failures.ts";
import type {
  Batch,
  Collection,
  CommandResult,
  InboxCommand,
  LedgerEntry,
  RecordQuery,
  RecordWrite,
  RunAppend,
  RunQuery,
  RunSummary,
  Store,
  StoreDriver,
  StoredEvent,
  StoredRecord,
} from "./port.ts";
import { selectRuns } from "./select-runs.ts";

/*
 * The in-memory store: the same promises as on disk, for as long as its driver lives.
 *
 * 1. Events are immutable by convention, so they are kept as they came and given out as they are.
 * 2. Hashes are worked out when someone reads or lists, never in `commit`; they equal those of every other driver.
 */

interface MemoryRun {
  readonly run: RunId;
  readonly planName: string;
  tag: RunTag;
  readonly events: StoredEvent["event"][];
  /** Epoch of each event. */
  readonly epochs: number[];
  /** The events that were chained so far: a prefix of all. */
  readonly chained: StoredEvent[];
}

/** What all stores and readers of one memory driver share. */
interface Shared {
  epoch: number;
  version: number;
  readonly runs: Map<RunId, MemoryRun>;
  readonly plans: Map<Hash, PlanGraph>;
  readonly ledger: Map<Hash, LedgerEntry>;
  readonly inbox: Map<string, InboxCommand>;
  readonly results: Map<string, CommandResult>;
  readonly records: Map<Collection, Map<string, Json>>;
  readonly sleepers: Set<() => void>;
}

/** Opens stores in memory; what a store wrote is there for the next `open()`, which makes the older ones stale. */
export function createMemoryDriver(): StoreDriver {
  const shared: Shared = {
    epoch: 0,
    version: 0,
    runs: new Map(),
    plans: new Map(),
    ledger: new Map(),
    inbox: new Map(),
    results: new Map(),
    records: new Map(),
    sleepers: new Set(),
  };
  return {
    open: () => Promise.resolve(new MemoryStore(shared, ++shared.epoch)),
    read: () => Promise.resolve(new MemoryStore(shared, 0)),
  };
}

/** One open store in memory, for tests and runs that need not outlive the process. */
export function createMemoryStore(): Promise<Store> {
  return createMemoryDriver().open();
}

/** Its methods are fields, so that a wrapper may spread it and replace some. */
class MemoryStore implements Store {
  readonly epoch: number;
  readonly #shared: Shared;
  #seen: number;
  #failure: unknown;
  #isClosed = false;
  readonly #waits = new Set<() => void>();

  constructor(shared: Shared, epoch: number) {
    this.#shared = shared;
    this.#seen = shared.version;
    this.epoch = epoch;
  }

  readonly commit = (batch: Batch): Promise<void> => {
    try {
      this.#mustBeOpen();
      checkBatch(batch);
    } catch (error) {
      return Promise.reject(error);
    }
    try {
      this.#mustFit(batch);
    } catch (error) {
      this.#failure = error;
      return Promise.reject(error);
    }
    this.#write(batch);
    return Promise.resolve();
  };

  /** All refusals come from here, before the first change: that is what makes a batch atomic. */
  #mustFit(batch: Batch): void {
    const { epoch, runs } = this.#shared;
    if (epoch !== this.epoch) throw staleEpoch(this.epoch, epoch);
    const heads = new Map<RunId, number>();
    for (const append of batch.runs) {
      const head = heads.get(append.run) ?? runs.get(append.run)?.events.length ?? 0;
      if (append.from !== head + 1) throw journalGap(append.run, head + 1, append.from);
      if (head === 0) this.#planOf(append, batch);
      heads.set(append.run, head + append.events.length);
    }
  }

  #planOf(append: RunAppend, batch: Batch): PlanGraph {
    const { plan } = createdBy(append);
    const graph = this.#shared.plans.get(plan) ?? batch.plans?.find((item) => item.hash === plan)?.graph;
    if (graph === undefined) throw planMissing(append.run, plan);
    return graph;
  }

  #write(batch: Batch): void {
    const shared = this.#shared;
    for (const { hash, graph } of batch.plans ?? []) if (!shared.plans.has(hash)) shared.plans.set(hash, graph);
    for (const append of batch.runs) this.#append(append, batch);
    for (const entry of batch.ledger ?? []) shared.ledger.set(entry.effect, entry);
    for (const { command, result } of batch.results ?? []) {
      if (!shared.results.has(command)) shared.results.set(command, result);
      shared.inbox.delete(command);
    }
    batch.records?.forEach((write) => this.#put(write));
    this.#tell();
  }

  #append(append: RunAppend, batch: Batch): void {
    const run = this.#shared.runs.get(append.run) ?? this.#create(append, batch);
    run.tag = append.tag;
    for (const event of append.events) {
      run.events.push(event);
      run.epochs.push(this.epoch);
    }
  }

  #put({ collection, key, value }: RecordWrite): void {
    const { records } = this.#shared;
    const held = records.get(collection) ?? new Map<string, Json>();
    records.set(collection, held);
    if (value === undefined) held.delete(key);
    else held.set(key, value);
  }

  #create(append: RunAppend, batch: Batch): MemoryRun {
    const planName = this.#planOf(append, batch).name;
    const run: MemoryRun = { run: append.run, planName, tag: append.tag, events: [], epochs: [], chained: [] };
    this.#shared.runs.set(append.run, run);
    return run;
  }

  readonly summary = (run: RunId): Promise<RunSummary | undefined> => {
    return this.#answer(({ runs }) => {
      const found = runs.get(run);
      return found === undefined ? undefined : summaryOf(found);
    });
  };

  readonly list = (query: RunQuery): Promise<readonly RunSummary[]> => {
    return this.#answer(({ runs }) => selectRuns([...runs.values()].map(summaryOf), query));
  };

  readonly read = (
    run: RunId,
    options: { readonly from?: number; readonly limit?: number } = {},
  ): Promise<readonly StoredEvent[]> => {
    return this.#answer(({ runs }) => {
      const found = runs.get(run);
      if (found === undefined) return [];
      const start = (options.from ?? 1) - 1;
      return chain(found).slice(start, start + (options.limit ?? Infinity));
    });
  };

  readonly plan = (hash: Hash): Promise<PlanGraph | undefined> => {
    return this.#answer(({ plans }) => plans.get(hash));
  };

  readonly effect = (effect: Hash): Promise<LedgerEntry | undefined> => {
    return this.#answer(({ ledger }) => ledger.get(effect));
  };

  readonly commandResult = (command: string): Promise<CommandResult | undefined> => {
    return this.#answer(({ results }) => results.get(command));
  };

  readonly record = (collection: Collection, key: string): Promise<Json | undefined> => {
    return this.#answer(({ records }) => {
      checkCollection(collection);
      return records.get(collection)?.get(key);
    });
  };

  readonly records = (collection: Collection, query: RecordQuery = {}): Promise<readonly StoredRecord[]> => {
    return this.#answer(({ records }) => {
      checkCollection(collection);
      return selectRecords(records.get(collection) ?? new Map(), query);
    });
  };

  readonly inbox = (): Promise<readonly InboxCommand[]> => {
    return this.#answer(({ inbox }) => [...inbox.values()]);
  };

  readonly send = (command: InboxCommand): Promise<void> => {
    return this.#answer(({ inbox, results }) => {
      checkCommand(command);
      if (inbox.has(command.id) || results.has(command.id)) return;
      inbox.set(command.id, command);
      this.#tell();
    });
  };

  readonly changed = (ms: number, signal?: AbortSignal): Promise<void> => {
    return this.#answer(({ sleepers }) => {
      if (this.#seen !== this.#shared.version || signal?.aborted === true) return this.#look();
      return new Promise<void>((resolve) => {
        const wake = (): void => {
          sleepers.delete(notice);
          this.#waits.delete(wake);
          clearTimeout(timer);
          signal?.removeEventListener("abort", wake);
          this.#look();
          resolve();
        };
        const notice = (): void => {
          if (this.#seen !== this.#shared.version) wake();
        };
        const timer = setTimeout(wake, ms);
        sleepers.add(notice);
        this.#waits.add(wake);
        signal?.addEventListener("abort", wake);
      });
    });
  };

  readonly close = (): Promise<void> => {
    this.#isClosed = true;
    for (const wake of this.#waits) wake();
    return Promise.resolve();
  };

  #look(): void {
    this.#seen = this.#shared.version;
  }

  /** Wakes the others. What this one had not seen yet stays unseen. */
  #tell(): void {
    const shared = this.#shared;
    if (this.#seen === shared.version) this.#seen += 1;
    shared.version += 1;
    for (const notice of shared.sleepers) notice();
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw storeClosed();
    if (this.#failure !== undefined) throw storeFailed(this.#failure);
  }

  async #answer<T>(read: (shared: Shared) => T | Promise<T>): Promise<T> {
    this.#mustBeOpen();
    return read(this.#shared);
  }
}

function chain(run: MemoryRun): readonly StoredEvent[] {
  const { chained, events, epochs } = run;
  for (let at = chained.length; at < events.length; at += 1) {
    const event = events[at];
    const epoch = epochs[at];
    if (event === undefined || epoch === undefined) break;
    const seq = at + 1;
    const { digest, hash } = encodeEvent(event, chained[at - 1] ?? CHAIN_START, epoch);
    chained.push({ seq, epoch, event, digest, hash });
  }
  return chained;
}

function summaryOf(run: MemoryRun): RunSummary {
  const created = run.events[0];
  if (created?.type !== "run-created") throw storeFailed(new Error(`Run "${run.run}" has no first event.`));
  return {
    run: run.run,
    planName: run.planName,
    plan: created.plan,
    tag: run.tag,
    tags: created.tags,
    createdAt: created.at,
    updatedAt: run.events.at(-1)?.at ?? created.at,
    parent: created.parent?.run,
    head: run.events.length,
    headHash: chain(run).at(-1)?.hash ?? CHAIN_START.hash,
  };
}
