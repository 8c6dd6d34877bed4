import type { Client } from "../executor/index.ts";
import { updateReport, type RunReport } from "../plan/index.ts";
import type { StoredEvent } from "../store/index.ts";
import type { Desk } from "./desk.ts";
import type { View } from "./view.ts";
import { isOpenTag, standingOf, type Standing } from "./standing.ts";

/** How a run is followed. */
export interface FollowOptions {
  readonly view: View;
  /** Told once, before anything else. */
  readonly onReport: (report: RunReport) => Promise<void>;
  /** Goes on while questions for people are open. */
  readonly mayWait: boolean;
  /** Told once, when questions are all that is left. */
  readonly onWaits?: (standing: Standing) => void;
  /** Aborts when someone says stop. */
  readonly signal: AbortSignal;
}

/** A run that was followed to where nothing moves by itself. */
export interface Followed {
  readonly report: RunReport;
  readonly standing: Standing;
}

const TICK_MS = 40;
const TICKS_PER_TAKEOVER = 20;
const TICKS_PER_LOOK = 16;

/**
 * Follows a run until it has ended, is suspended, or waits for people, and works on it where this process is the owner.
 * As a client it becomes the owner when the last one goes.
 */
export async function follow(desk: Desk, id: string, options: FollowOptions): Promise<Followed> {
  const run = await desk.client().run(id);
  const report = await run.report();
  await options.onReport(report);
  return followOn(desk, report, options);
}

/** Follows a run on from where a report stands, which goes on with it. */
export async function followOn(
  desk: Desk,
  report: RunReport,
  options: Omit<FollowOptions, "onReport">,
): Promise<Followed> {
  for (;;) {
    const watch = new Watch(desk, report, options);
    const followed = await watch.untilRest();
    if (followed !== undefined) return followed;
    options.view.say("the process that owned this folder has gone: this one goes on");
  }
}

/** Watches one run through one client. */
class Watch {
  readonly #desk: Desk;
  readonly #client: Client;
  readonly #report: RunReport;
  readonly #options: Omit<FollowOptions, "onReport">;
  readonly #stop = new AbortController();
  #failure: { readonly error: unknown } | undefined;
  /** Since the last event. */
  #ticks = 0;
  #ticksInAll = 0;
  #hasToldWaits = false;

  constructor(desk: Desk, report: RunReport, options: Omit<FollowOptions, "onReport">) {
    this.#desk = desk;
    this.#client = desk.client();
    this.#report = report;
    this.#options = options;
  }

  /** Undefined: this process has become the owner, watch anew. */
  async untilRest(): Promise<Followed | undefined> {
    const { signal } = this.#options;
    // The owner goes on watching while what is out ends: its engine's end halts it.
    const halt = (): void => {
      if (!this.#desk.isOwner()) this.#stop.abort();
    };
    signal.addEventListener("abort", halt, { once: true });
    const run = await this.#desk.client().run(this.#report.run);
    if (this.#desk.isOwner() && isOpenTag(this.#report.tag)) this.#work(run.result());
    const events = run.events({ from: this.#report.seq + 1, signal: this.#stop.signal })[Symbol.asyncIterator]();
    try {
      return await this.#watch(events);
    } finally {
      this.#stop.abort();
      signal.removeEventListener("abort", halt);
    }
  }

  /** Asking for the result is what makes the owner take the run up. */
  #work(result: Promise<unknown>): void {
    result.catch((error: unknown) => {
      this.#failure = { error };
      this.#stop.abort();
    });
  }

  async #watch(events: AsyncIterator<StoredEvent>): Promise<Followed | undefined> {
    try {
      return await this.#step(events);
    } catch (error) {
      const { signal } = this.#options;
      if (!signal.aborted) throw error;
      return { report: this.#report, standing: { tag: this.#report.tag, waits: [], isAtRest: false } };
    }
  }

  async #step(events: AsyncIterator<StoredEvent>): Promise<Followed | undefined> {
    let next = events.next();
    for (;;) {
      const now = await Promise.race([next, tick()]);
      if (this.#failure !== undefined) throw this.#failure.error;
      if (now === "tick") {
        const rest = await this.#look();
        if (rest !== undefined) return rest;
        if (await this.#hasTakenOver()) return undefined;
        continue;
      }
      this.#ticks = 0;
      if (now.done === true) return { report: this.#report, standing: await this.#standing() };
      updateReport(this.#report, now.value.event);
      this.#options.view.event(this.#report, now.value);
      next = events.next();
    }
  }

  async #look(): Promise<Followed | undefined> {
    this.#ticks += 1;
    return mayLook(this.#ticks) ? this.#rest() : undefined;
  }

  #standing(): Promise<Standing> {
    return standingOf(this.#desk.client(), this.#report);
  }

  async #rest(): Promise<Followed | undefined> {
    const standing = await this.#standing();
    if (!standing.isAtRest) {
      this.#hasToldWaits = false;
      return undefined;
    }
    const isForPeople = standing.waits.length > 0;
    if (!isForPeople || !this.#options.mayWait) return { report: this.#report, standing };
    if (!this.#hasToldWaits) this.#options.onWaits?.(standing);
    this.#hasToldWaits = true;
    return undefined;
  }

  async #hasTakenOver(): Promise<boolean> {
    this.#ticksInAll += 1;
    if (this.#ticksInAll % TICKS_PER_TAKEOVER !== 0) return false;
    return (await this.#desk.takeOver()) || this.#desk.client() !== this.#client; // another watch may have been first
  }
}

/** Soon after an event, then less and less often: looking at a run with plans inside reads the journals of these. */
function mayLook(ticks: number): boolean {
  return ticks < 3 || ticks % TICKS_PER_LOOK === 0;
}

function tick(): Promise<"tick"> {
  return new Promise((resolve) => setTimeout(() => resolve("tick"), TICK_MS));
}
