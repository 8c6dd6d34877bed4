import { RuntimeFailure, type FailureOptions } from "./runtime-failure.ts";

/** A bug of ours or a damaged journal. Stops the run, keeps everything, never retried. */
export class DefectError extends RuntimeFailure {
  constructor(code: string, message: string, options: FailureOptions = {}) {
    super("defect", message, { ...options, code });
    this.name = "DefectError";
  }
}
