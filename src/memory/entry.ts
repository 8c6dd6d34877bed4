import type { Label } from "../action/index.ts";

/** What an entry is: a fact, written down as it is; a lesson, which counts once enough runs saw it; or a run's story. */
export type EntryType = "fact" | "lesson" | "episode";

/** Something that is remembered. */
export interface Entry {
  readonly id: string;
  /** What it is about, such as the name of an agent. */
  readonly kind: string;
  readonly type: EntryType;
  readonly text: string;
  /** Where its words came from; whoever recalls it takes them over. */
  readonly labels: readonly Label[];
  /** The run that wrote it first, and its node where that is known. */
  readonly run: string;
  readonly node?: string;
  /** In milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
  /** When it was last written or observed. */
  readonly seenAt: number;
  /** Independent runs that observed it, less those that contradicted it. */
  readonly weight: number;
  /** Only of an episode. */
  readonly story?: Story;
}

/** What happened in a run. */
export interface Story {
  readonly goal: string;
  /** How it ended, such as `succeeded`, or in a sentence. */
  readonly outcome: string;
  readonly steps?: number;
  /** In millionths of a US dollar. */
  readonly microUsd?: number;
}

/** Who writes. */
interface Source {
  readonly kind: string;
  readonly run: string;
  readonly node?: string;
  readonly labels?: readonly Label[];
  /** Stops the making of vectors. Default: after a minute. */
  readonly signal?: AbortSignal;
}

/** What is to be remembered. The same id again changes nothing, so that a retry writes once. */
export interface NewEntry extends Source {
  readonly id: string;
  readonly text: string;
  /** From now, in milliseconds. Default: for good, as far as the memory's own limits allow. */
  readonly expiresMs?: number;
}

/** A run's story. A run has one of a kind: a later one takes its place. */
export interface NewEpisode extends Source, Story {}

/** Something learnt, from one run. */
export interface Lesson extends Source {
  readonly text: string;
  /** Name of this observation, by which it can be taken back; the same again counts once. Default: none. */
  readonly key?: string;
}

/** What is looked for. */
export interface Query {
  readonly text: string;
  readonly kind?: string;
  readonly type?: EntryType;
  /** Entries at most. Default 5. */
  readonly most?: number;
  /** Labels that the answer may have. Default: all. */
  readonly labels?: readonly Label[];
  /** Where too few fit: the weightiest of the others too, newest first. */
  readonly isFilled?: boolean;
  /** Stops the making of vectors. Default: after a minute. */
  readonly signal?: AbortSignal;
}

/** What is to be forgotten: all that fits what is given. */
export interface Forget {
  readonly id?: string;
  readonly kind?: string;
  /** All that this run and the runs within it wrote, and what they observed. */
  readonly run?: string;
}
