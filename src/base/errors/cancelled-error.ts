import { RuntimeFailure, type FailureOptions } from "./runtime-failure.ts";

/** Someone asked to stop. The run undoes what it did, then stops. */
export class CancelledError extends RuntimeFailure {
  constructor(code: string, message: string, options: FailureOptions = {}) {
    super("cancelled", message, { ...options, code });
    this.name = "CancelledError";
  }
}
