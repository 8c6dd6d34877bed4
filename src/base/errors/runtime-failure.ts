const MARK = Symbol.for("pawl.RuntimeFailure");

/** The five classes of failure, as they are written in journals and matched by `retry.on`. */
export type FailureClass = "input" | "transient" | "permanent" | "cancelled" | "defect";

/** What every Pawl error takes beside its code and message. */
export interface FailureOptions {
  readonly cause?: unknown;
  /** The attempt failed, and yet may have acted: a lost answer, an output that can't be read. Default: false. */
  readonly mayHaveActed?: boolean;
}

/**
 * The base of all errors that Pawl throws. `code` is one of docs/errors.md; `failure` names the class.
 *
 * Two copies of the package agree on what is a failure: `RuntimeFailure.is` looks for a registered symbol, not for
 * a constructor.
 */
export class RuntimeFailure extends Error {
  readonly code: string;
  readonly failure: FailureClass;
  /** True when the effect may have happened in spite of the failure: then only a check can say. */
  readonly mayHaveActed: boolean;

  constructor(failure: FailureClass, message: string, options: FailureOptions & { readonly code: string }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.failure = failure;
    this.code = options.code;
    this.mayHaveActed = options.mayHaveActed ?? false;
    Object.defineProperty(this, MARK, { value: true });
  }

  /** Tells whether a thrown value is a Pawl error, also one of another copy of the package. */
  static is(value: unknown): value is RuntimeFailure {
    return typeof value === "object" && value !== null && MARK in value;
  }
}
