import { InputError } from "../../base/index.ts";
import { pause } from "../wire/pause.ts";
import { raceStop } from "../wire/race-stop.ts";

/** How much may be asked; what is left out is not limited. */
export interface RateLimits {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** At the same time. */
  readonly concurrent?: number;
}

/** Says that a request has ended, and the tokens that it really used. */
export type Leave = (used?: number) => void;

/** Lets requests through, in the order in which they came, as fast as its limits allow. */
export interface RateLimiter {
  /**
   * Waits for a turn. Gives what is to be called when the request has ended, with the tokens that it really used;
   * undefined when the signal was aborted first.
   */
  readonly enter: (tokens: number, signal: AbortSignal) => Promise<Leave | undefined>;
  /** Lets nobody in for so long: the other side has said so. */
  readonly hold: (ms: number) => void;
}

const MINUTE_MS = 60_000;

/**
 * Makes a limiter, to be shared by all who ask the same account in this process. In no span of 60 seconds begin more
 * requests, or more tokens, than allowed; a single request that is larger than that goes when nothing else did.
 *
 * @throws {InputError} BAD_INPUT when a limit is no number above 0.
 */
export function createRateLimiter(limits: RateLimits): RateLimiter {
  const { requestsPerMinute = Infinity, tokensPerMinute = Infinity, concurrent = Infinity } = limits;
  for (const [name, limit] of Object.entries({ requestsPerMinute, tokensPerMinute, concurrent })) {
    if (!(limit > 0)) throw new InputError("BAD_INPUT", `Expected ${name} to be a number above 0, got ${limit}.`);
  }
  const past: Entry[] = [];
  let running = 0;
  let heldUntil = 0;
  let queue: Promise<unknown> = Promise.resolve();
  let freed = Promise.withResolvers<void>();

  /** How long the next one has to wait; undefined: until another one ends. */
  const waitFor = (tokens: number, now: number): number | undefined => {
    while (past[0] !== undefined && past[0].at <= now - MINUTE_MS) past.shift();
    if (running >= concurrent) return undefined;
    const entry = findBlocking(past, { requestsPerMinute, tokens, tokensPerMinute });
    return Math.max(heldUntil - now, entry === undefined ? 0 : entry.at + MINUTE_MS - now, 0);
  };
  const enter = async (tokens: number, signal: AbortSignal): Promise<Leave | undefined> => {
    while (!signal.aborted) {
      const wait = waitFor(tokens, performance.now());
      if (wait === 0) break;
      await (wait === undefined ? raceStop(freed.promise, signal) : pause(Math.ceil(wait), signal));
    }
    if (signal.aborted) return undefined;
    const entry: Entry = { at: performance.now(), tokens };
    past.push(entry);
    running += 1;
    return (used = tokens) => {
      entry.tokens = used;
      running -= 1;
      freed.resolve();
      freed = Promise.withResolvers<void>();
    };
  };
  return {
    enter: (tokens, signal) => {
      const turn = queue.then(() => enter(tokens, signal));
      queue = turn;
      return unlessStopped(turn, signal);
    },
    hold: (ms) => {
      heldUntil = Math.max(heldUntil, performance.now() + ms);
    },
  };
}

interface Entry {
  readonly at: number;
  tokens: number;
}

interface Wanted {
  readonly requestsPerMinute: number;
  readonly tokens: number;
  readonly tokensPerMinute: number;
}

/** The youngest entry that has to be a minute old before there is room; undefined: there is room. */
function findBlocking(past: readonly Entry[], wanted: Wanted): Entry | undefined {
  let requests = 1;
  let tokens = wanted.tokens;
  for (const entry of past.toReversed()) {
    requests += 1;
    tokens += entry.tokens;
    if (requests > wanted.requestsPerMinute || tokens > wanted.tokensPerMinute) return entry;
  }
  return undefined;
}

/** Who is told to stop does not wait for those before it; should its turn come all the same, it is given back. */
async function unlessStopped(turn: Promise<Leave | undefined>, signal: AbortSignal): Promise<Leave | undefined> {
  const raced = await raceStop(turn, signal);
  if (!raced.isStopped) return raced.value;
  // It never fails.
  void turn.then((leave) => leave?.(0));
  return undefined;
}
