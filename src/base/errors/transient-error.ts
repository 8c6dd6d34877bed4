import { RuntimeFailure, type FailureOptions } from "./runtime-failure.ts";

/** May work later: a rate limit, a lock, the network. Retried by the node's policy. */
export class TransientError extends RuntimeFailure {
  /** How long to wait at least before the next attempt, in milliseconds, where the other side said so. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: FailureOptions & { retryAfterMs?: number } = {}) {
    super("transient", message, { ...options, code });
    this.name = "TransientError";
    this.retryAfterMs = options.retryAfterMs;
  }
}
