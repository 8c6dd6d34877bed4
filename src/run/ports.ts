import type { Instant } from "../base/index.ts";

/** The Clock port. Instants are absolute UTC; waiting is on the monotonic clock. */
export interface Clock {
  readonly now: () => Instant;
  /** Calls back once, not before `ms` have passed. Gives the way to call it off. */
  readonly timer: (ms: number, ring: () => void) => () => void;
  /** Calls back at the end of this turn of the loop: what ends in one turn shares a commit. */
  readonly soon: (call: () => void) => void;
}

/** The Rng port: a fresh seed for each run. Everything random in a run is a function of its seed. */
export interface Rng {
  readonly seed: () => string;
}
