import type { RunId } from "../base/index.ts";
import type { RunEvent } from "../plan/index.ts";
import { createMemoryDriver, storeFailed, type Batch, type Store } from "../store/index.ts";
import type { Random } from "./random.ts";
import type { Lane, Timeline } from "./timeline.ts";

/*
 * A disk in virtual time, under the in-memory store.
 *
 * 1. A commit takes time to become durable, and more time to be acknowledged.
 * 2. A crash loses a tail of what was not acknowledged: each commit under way may have become durable or not, but
 *    never one that follows a lost one. What was acknowledged is always there.
 * 3. Calls of a dead process never resolve.
 */

/** What the disk asks of the simulation. */
export interface DiskHooks {
  readonly random: Random;
  /** A place where the process may crash. */
  readonly point: (name: string, lane: Lane) => void;
  /** True: this commit fails with an I/O error. */
  readonly isFailing: () => boolean;
  /** Told when events have become durable. */
  readonly onDurable: (run: RunId, events: readonly RunEvent[]) => void;
  readonly onViolation: (text: string) => void;
}

/** The disk, with what is durable on it. */
export interface Disk {
  readonly open: (lane: Lane) => Promise<Store>;
  /** Decides what becomes of the commits that the lane has under way. */
  readonly crash: (lane: Lane) => void;
  /** The durable events of each run. */
  readonly journals: ReadonlyMap<RunId, readonly RunEvent[]>;
  /** Reads without a process, for checks afterwards. */
  readonly reader: () => Promise<Store>;
}

interface Flight {
  readonly lane: Lane;
  readonly land: () => void;
}

/** Makes an empty disk. */
export function createDisk(timeline: Timeline, hooks: DiskHooks): Disk {
  const { random } = hooks;
  const driver = createMemoryDriver();
  const platter = timeline.lane("disk");
  const journals = new Map<RunId, RunEvent[]>();
  const flights = new Set<Flight>();
  let newest = 0;
  let lastLanding = 0;

  const keep = (batch: Batch): void => {
    for (const { run, events } of batch.runs) {
      const known = journals.get(run);
      if (known === undefined) journals.set(run, [...events]);
      else known.push(...events);
      hooks.onDurable(run, events);
    }
  };

  const write = async (inner: Store, batch: Batch): Promise<void> => {
    await inner.commit(batch);
    if (inner.epoch < newest) hooks.onViolation(`J1: owner ${inner.epoch} wrote though owner ${newest} has the store`);
    keep(batch);
  };

  const commit = (lane: Lane, inner: Store, batch: Batch): Promise<void> => {
    hooks.point("commit", lane);
    return new Promise((resolve, reject) => {
      if (lane.state === "dead") return;
      const fails = hooks.isFailing();
      const land = (): void => {
        if (!flights.delete(flight)) return;
        if (fails && random.chance(0.5)) return void lane.at(1, () => reject(storeFailed(new Error("EIO"))));
        write(inner, batch).then(
          () => {
            hooks.point("durable", lane);
            lane.at(random.chance(0.3) ? random.between(1, 4) : 0, () =>
              fails ? reject(storeFailed(new Error("EIO"))) : resolve(),
            );
          },
          (error: unknown) => lane.at(0, () => reject(error)),
        );
      };
      const flight: Flight = { lane, land };
      flights.add(flight);
      lastLanding = Math.max(lastLanding, timeline.now() + random.between(0, 3));
      platter.at(lastLanding - timeline.now(), land);
    });
  };

  const ask = <T>(lane: Lane, answer: () => Promise<T>): Promise<T> => {
    hooks.point("read", lane);
    return new Promise((resolve, reject) => {
      lane.at(random.chance(0.2) ? random.between(1, 3) : 0, () => void answer().then(resolve, reject));
    });
  };

  return {
    journals,
    reader: () => driver.open(),
    open: async (lane) => {
      const inner = await driver.open();
      newest = inner.epoch;
      return {
        ...wrapReads(inner, (answer) => ask(lane, answer)),
        epoch: inner.epoch,
        commit: (batch) => commit(lane, inner, batch),
        changed: () => new Promise(() => {}),
      };
    },
    crash: (lane) => {
      let isLost = false;
      for (const flight of flights) {
        if (flight.lane !== lane) continue;
        isLost ||= random.chance(0.5);
        if (isLost) flights.delete(flight);
        else flight.land();
      }
    },
  };
}

function wrapReads(
  inner: Store,
  ask: <T>(answer: () => Promise<T>) => Promise<T>,
): Omit<Store, "epoch" | "commit" | "changed"> {
  return {
    summary: (run) => ask(() => inner.summary(run)),
    list: (query) => ask(() => inner.list(query)),
    read: (run, options) => ask(() => inner.read(run, options)),
    plan: (hash) => ask(() => inner.plan(hash)),
    effect: (effect) => ask(() => inner.effect(effect)),
    commandResult: (command) => ask(() => inner.commandResult(command)),
    record: (collection, key) => ask(() => inner.record(collection, key)),
    records: (collection, query) => ask(() => inner.records(collection, query)),
    inbox: () => ask(() => inner.inbox()),
    send: (command) => ask(() => inner.send(command)),
    close: () => inner.close(),
  };
}
