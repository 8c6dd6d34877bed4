import { CancelledError, PermanentError, RuntimeFailure, toExcerpt, TransientError } from "../../base/index.ts";
import { mayAct, type Method } from "./method.ts";
import type { Limits } from "./policy.ts";
import { describeTarget } from "./target.ts";

/** One way out and back, from the first name to the last piece of the body, with all that may cut it short. */
export interface Trip {
  /** The request as it stands in messages. */
  readonly target: string;
  /** Aborted by the caller and by every limit of time. */
  readonly signal: AbortSignal;
  readonly isFirst: (url: URL) => boolean;
  /** Something was sent, so that a server may have acted. */
  readonly noteSent: () => void;
  readonly mayHaveActed: () => boolean;
  /** Starts the one clock of the phase that begins; a phase before it is over. */
  readonly begin: (phase: Phase) => void;
  /** Stops the clock of the phase: now the caller is waited for. */
  readonly pause: () => void;
  readonly untilStopped: <T>(promise: Promise<T>) => Promise<T>;
  /** Frees the clocks. */
  readonly end: () => void;
  /** Makes the one error that the caller sees. */
  readonly toFailure: (error: unknown) => RuntimeFailure;
}

type Phase = "connectMs" | "firstByteMs" | "idleMs";

const PHASES: Readonly<Record<Phase | "totalMs", string>> = {
  connectMs: "made no connection",
  firstByteMs: "got no answer",
  idleMs: "got no more of the answer",
  totalMs: "was not through",
};

/** Begins a trip; whoever begins it sees that `end` is called. */
export function beginTrip(
  request: { readonly method: Method; readonly url: URL; readonly signal: AbortSignal | undefined },
  limits: Limits,
): Trip {
  const target = describeTarget(request.method, request.url);
  const stop = new AbortController();
  let isSent = false;
  let clock: NodeJS.Timeout | undefined;
  const mayHaveActed = (): boolean => isSent && mayAct(request.method);
  const start = (phase: Phase | "totalMs", ms: number): NodeJS.Timeout =>
    setTimeout(() => stop.abort(toTimeout(target, `${PHASES[phase]} within ${ms} ms (${phase})`, mayHaveActed())), ms);
  const whole = limits.totalMs === undefined ? undefined : start("totalMs", limits.totalMs);
  const onAbort = (): void => stop.abort(toStopped(target, isSent, request.signal?.reason));
  request.signal?.addEventListener("abort", onAbort, { once: true });
  if (request.signal?.aborted === true) onAbort();
  const pause = (): void => clearTimeout(clock);
  return {
    target,
    signal: stop.signal,
    isFirst: (url) => url.href === request.url.href,
    noteSent: () => {
      isSent = true;
    },
    mayHaveActed,
    begin: (phase) => {
      pause();
      clock = start(phase, limits[phase]);
    },
    pause,
    untilStopped: async (promise) => await untilAborted(promise, stop.signal),
    end: () => {
      pause();
      clearTimeout(whole);
      request.signal?.removeEventListener("abort", onAbort);
    },
    toFailure: (error) => {
      if (RuntimeFailure.is(error)) return error;
      const reason: unknown = stop.signal.aborted ? stop.signal.reason : undefined;
      return RuntimeFailure.is(reason) ? reason : toNetworkFailure(target, error, mayHaveActed());
    },
  };
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function toTimeout(target: string, what: string, mayHaveActed: boolean): TransientError {
  return new TransientError("NET_TIMEOUT", `${target} ${what}. ${doubt(mayHaveActed)}Try later.`, { mayHaveActed });
}

function toStopped(target: string, isSent: boolean, cause: unknown): CancelledError {
  if (isSent)
    return new CancelledError("NET_STOPPED", `${target} was told to stop. The server may have acted all the same.`, {
      cause,
    });
  const message = `Asked to stop before ${target} was sent; nothing was done.`;
  return new CancelledError("NET_NOT_STARTED", message, { cause });
}

function toNetworkFailure(target: string, cause: unknown, mayHaveActed: boolean): RuntimeFailure {
  const code = findCode(cause);
  if (code === "HPE_HEADER_OVERFLOW") return toTooLarge(target, "the head of its answer", mayHaveActed);
  const reason = code === "" ? toExcerpt(cause instanceof Error ? cause.message : "unknown", 200) : code;
  const message = `${target} failed on the network (${reason}). ${doubt(mayHaveActed)}Check that the server is up and can be reached from here.`;
  return new TransientError("NET_FAILED", message, { cause, mayHaveActed });
}

/** Makes the error of an answer that is larger than the policy takes. */
export function toTooLarge(target: string, what: string, mayHaveActed: boolean): PermanentError {
  const message = `${target} was cut short: ${what} is larger than the policy takes. Ask for less, or raise the limit.`;
  return new PermanentError("NET_TOO_LARGE", message, { mayHaveActed });
}

const doubt = (mayHaveActed: boolean): string => (mayHaveActed ? "It is not known whether the server acted. " : "");

function findCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
