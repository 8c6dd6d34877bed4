import type { Label, Limits, Repeat, ResourceUse } from "../action/index.ts";

/**
 * What the core must know of the action behind a node. Facts only: the functions stay with the runtime, so that the
 * core is a pure function of plan and journal.
 */
export interface Nature {
  readonly kind: "effect" | "ask" | "wait" | "plan" | "choice";
  readonly repeat: Repeat;
  readonly undo: "not-needed" | "impossible" | "possible";
  /** The undo may run though it is not known whether there is anything to undo. */
  readonly undoesUnknown: boolean;
  readonly hasCheck: boolean;
  /** Equal identities are one effect: the runtime asks the ledger before it starts. */
  readonly hasIdentity: boolean;
  readonly limits: Limits;
  readonly resources: readonly ResourceUse[];
  readonly counters: Readonly<Record<string, number>>;
  /** Labels that its output always has. */
  readonly gives: readonly Label[];
  /** Labels that it takes in only when a person allows it. */
  readonly refuses: readonly Label[];
  /** It waits for a person's word before it starts. */
  readonly isApproved: boolean;
  /** The action's name and version, as a run pins them. An action that is gone has version `missing`. */
  readonly action: string;
  readonly version: string;
}
