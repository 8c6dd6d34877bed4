import { randomBytes } from "node:crypto";
import { toInstant } from "../base/index.ts";
import type { Clock, Rng } from "../run/index.ts";

/** The machine's clock; a turn ends when the loop has run what is due in it. */
export const systemClock: Clock = {
  now: () => toInstant(Date.now()),
  timer: (ms, ring) => {
    const timer = setTimeout(ring, ms);
    return () => clearTimeout(timer);
  },
  soon: (call) => {
    setImmediate(call);
  },
};

/** Seeds from the operating system's generator. */
export const systemRng: Rng = { seed: () => randomBytes(8).toString("hex") };
