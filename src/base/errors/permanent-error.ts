import { RuntimeFailure, type FailureOptions } from "./runtime-failure.ts";

/** This node can never work. Runs the node's exception strategy, without another attempt. */
export class PermanentError extends RuntimeFailure {
  constructor(code: string, message: string, options: FailureOptions = {}) {
    super("permanent", message, { ...options, code });
    this.name = "PermanentError";
  }
}
