import { toInstant, type Instant } from "../base/index.ts";
import type { Clock } from "../run/index.ts";

/*
 * Virtual time, shared by all that happens in one simulation.
 *
 * 1. What is due first happens first; of things due at the same moment, what was asked for first.
 * 2. Everything belongs to a lane: a process, or the world outside. What a dead lane asked for never happens; what a
 *    paused lane asked for happens when it goes on.
 * 3. Between two steps all promises that can move have moved: `settle` waits for a real turn of the loop.
 */

/** A process, as the timeline sees it. */
export interface Lane {
  readonly name: string;
  readonly state: "running" | "paused" | "dead";
  /** The clock of this process. */
  readonly clock: Clock;
  /** Resolves after so many virtual milliseconds; never, once the lane is dead. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly at: (ms: number, ring: () => void) => () => void;
  readonly pause: () => void;
  readonly goOn: () => void;
  readonly kill: () => void;
}

/** Virtual time with its lanes. */
export interface Timeline {
  readonly now: () => Instant;
  /** The lane whose turn it is. */
  readonly current: () => Lane;
  readonly lane: (name: string) => Lane;
  /** Does the next thing; false: nothing is left. */
  readonly step: () => boolean;
  /** When the next thing is due. */
  readonly nextAt: () => number | undefined;
}

interface Entry {
  at: number;
  readonly order: number;
  readonly lane: OpenLane;
  ring: (() => void) | undefined;
}

interface OpenLane extends Lane {
  state: Lane["state"];
  held: Entry[];
}

/** Makes a timeline that begins at an instant. */
export function createTimeline(start: number): Timeline {
  const queue: Entry[] = [];
  let now = start;
  let order = 0;
  let current: OpenLane | undefined;

  const schedule = (lane: OpenLane, ms: number, ring: () => void): (() => void) => {
    if (lane.state === "dead") return () => {};
    const entry: Entry = { at: now + Math.max(0, ms), order: (order += 1), lane, ring };
    push(queue, entry);
    return () => (entry.ring = undefined);
  };

  const openLane = (name: string): OpenLane => {
    const at = (ms: number, ring: () => void): (() => void) => schedule(lane, ms, ring);
    const lane: OpenLane = {
      name,
      state: "running",
      held: [],
      at,
      clock: { now: () => toInstant(Math.floor(now)), timer: at, soon: (call) => void at(0, call) },
      sleep: (ms) => new Promise((resolve) => at(ms, resolve)),
      pause: () => {
        if (lane.state === "running") lane.state = "paused";
      },
      goOn: () => {
        if (lane.state !== "paused") return;
        lane.state = "running";
        for (const entry of lane.held.splice(0))
          push(queue, { ...entry, at: Math.max(entry.at, now), order: (order += 1) });
      },
      kill: () => {
        lane.state = "dead";
        lane.held = [];
      },
    };
    return lane;
  };
  const outside = openLane("outside");

  return {
    now: () => toInstant(Math.floor(now)),
    current: () => current ?? outside,
    lane: openLane,
    nextAt: () => queue[0]?.at,
    step: () => {
      for (let entry = pop(queue); entry !== undefined; entry = pop(queue)) {
        const { lane, ring } = entry;
        if (ring === undefined || lane.state === "dead") continue;
        if (lane.state === "paused") {
          lane.held.push(entry);
          continue;
        }
        now = Math.max(now, entry.at);
        current = lane;
        entry.ring = undefined;
        ring();
        return true;
      }
      return false;
    },
  };
}

/** Lets every promise that can move do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}

function push(queue: Entry[], entry: Entry): void {
  let at = queue.length;
  queue.push(entry);
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = queue[up];
    if (parent === undefined || !isBefore(entry, parent)) break;
    queue[at] = parent;
    at = up;
  }
  queue[at] = entry;
}

function pop(queue: Entry[]): Entry | undefined {
  const top = queue[0];
  const last = queue.pop();
  if (top === undefined || last === undefined || queue.length === 0) return top;
  let at = 0;
  for (;;) {
    const left = queue[2 * at + 1];
    const right = queue[2 * at + 2];
    if (left === undefined) break;
    const isRight = right !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (!isBefore(child, last)) break;
    queue[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  queue[at] = last;
  return top;
}
