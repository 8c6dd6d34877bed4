import type { Instant, Json, NodeId, RunId } from "../base/index.ts";
import type { Policy } from "../action/index.ts";
import type { RunEvent } from "../plan/index.ts";
import type { CommandResult, LedgerEntry, Store } from "../store/index.ts";
import type { Hosted } from "./hosted.ts";
import type { Registry } from "./natures.ts";
import type { Clock, Rng } from "./ports.ts";
import type { ResourcePool } from "./resources.ts";

/** Something on its way to a screen, such as a word of a model. */
export interface Piece {
  readonly run: RunId;
  readonly node: NodeId;
  readonly piece: Json;
}

/** What a runtime is opened with. */
export interface RuntimeOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly registry: Registry;
  /** Separates effects of equal identity in one state folder. Default: one tenant. */
  readonly tenant?: string;
  /** Attempts that may be out at the same time in one run. Default 64. */
  readonly parallel?: number;
  /** How long an attempt may go on after it was told to stop, in milliseconds. Default 5,000. */
  readonly graceMs?: number;
  /** Units by resource name; a name without has one. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Policies that choices name. */
  readonly policies?: readonly Policy[];
  /** Records what it is told and decides nothing: it does not know the actions. */
  readonly isClerk?: boolean;
  /** Shown what attempts send to whoever watches; nothing of it is recorded. */
  readonly onPiece?: (piece: Piece) => void;
  /** Told after each commit, with the events in it. */
  readonly onCommit?: (run: RunId, events: readonly RunEvent[]) => void;
  /** Told once, when the store failed or an invariant broke: the runtime is dead, what is on disk is the truth. */
  readonly onDeath?: (error: unknown) => void;
}

/** What the files of this room share: the runtime's insides. */
export interface Engine {
  readonly store: Store;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly registry: Registry;
  readonly tenant: string;
  readonly parallel: number;
  readonly graceMs: number;
  readonly pool: ResourcePool;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly hosted: Map<RunId, Hosted>;
  /** Effects with an identity whose ledger entry is on its way to disk, and who waits for each. */
  readonly claims: Map<string, { readonly entry: LedgerEntry; readonly waiting: Set<() => void> }>;
  /** Results of inbox commands, for the next commit. */
  readonly results: { readonly command: string; readonly result: CommandResult }[];
  /** Marks a run as having something to decide or to append. */
  readonly touch: (hosted: Hosted) => void;
  /** The next fencing token. */
  readonly nextToken: () => number;
  readonly now: () => Instant;
  /** Stops everything: the state in memory is not to be trusted any more. */
  readonly die: (error: unknown) => void;
  /** Gives a run in memory, loading it if it rests on disk. */
  readonly load: (run: RunId) => Promise<Hosted | undefined>;
  readonly isClerk: boolean;
  readonly onPiece: RuntimeOptions["onPiece"];
  isDraining: boolean;
  death: { readonly error: unknown } | undefined;
}
