import type { Instant } from "../base/index.ts";
import type { Clock } from "../run/index.ts";
import { createTimeline, settle } from "./timeline.ts";

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  readonly now: () => Instant;
  /** Goes on by so many milliseconds, ringing what comes due in its order, each after all promises have moved. */
  readonly advance: (ms: number) => Promise<void>;
}

/** Makes a clock for tests; `start` is in milliseconds since 1970. */
export function createVirtualClock(start: number = 0): VirtualClock {
  const timeline = createTimeline(start);
  const lane = timeline.lane("test");
  return {
    ...lane.clock,
    advance: async (ms) => {
      const end = { isReached: false };
      lane.at(ms, () => (end.isReached = true));
      await settle();
      while (!end.isReached && timeline.step()) await settle();
    },
  };
}
