import type { Label } from "../action/index.ts";

/** Something that is remembered. */
export interface Entry {
  readonly id: string;
  /** What it is about, such as the name of an agent. */
  readonly kind: string;
  /** `fact`: written down as it is. `lesson`: what was learnt, which counts once enough runs have seen it. */
  readonly type: "fact" | "lesson";
  readonly text: string;
  /** Where its words came from; whoever recalls it takes them over. */
  readonly labels: readonly Label[];
  /** The run that wrote it first. */
  readonly run: string;
  /** In milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  /** Runs that observed it, less those that contradicted it. */
  readonly weight: number;
}

/** What is to be remembered. The same id again changes nothing, so that a retry writes once. */
export interface NewEntry {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly run: string;
  readonly labels?: readonly Label[];
  /** From now, in milliseconds. Default: for good, as far as the memory's own limits allow. */
  readonly expiresMs?: number;
}

/** What is looked for. */
export interface Query {
  readonly text: string;
  readonly kind?: string;
  readonly type?: Entry["type"];
  /** Entries at most. Default 5. */
  readonly most?: number;
  /** Labels that the answer may have. Default: all. */
  readonly labels?: readonly Label[];
}

/** What is to be forgotten: all that fits. */
export interface Forget {
  readonly id?: string;
  readonly kind?: string;
  /** All that this run wrote or observed. */
  readonly run?: string;
}
