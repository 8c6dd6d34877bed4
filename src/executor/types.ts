import type { Action, AnyAction, Policy } from "../action/index.ts";
import type { Json, RunId, WaitId } from "../base/index.ts";
import type { PlanGraph, PlanPatch, RunReport, WaitReport } from "../plan/index.ts";
import type { Piece } from "../run/index.ts";
import type { RunQuery, RunSummary, StoredEvent } from "../store/index.ts";

/** How a run ended. `notUndone` says what still stands in the world, and why. */
export type Result<Output = Json> =
  | { readonly tag: "succeeded"; readonly output: Output }
  | {
      readonly tag: "failed" | "rolled-back" | "rollback-stuck" | "cancelled";
      readonly why: string;
      readonly undone: readonly string[];
      readonly notUndone: readonly { readonly node: string; readonly why: string }[];
    };

/** What can be run: a plan, any other action, or a plan as data. */
export type Runnable<Input, Output> = Action<Input, Output> | PlanGraph;

/** What a run is started with. */
export interface StartOptions<Input> {
  readonly input: Input;
  /** The run's name: starting it twice is starting it once. Default: a fresh one. */
  readonly id?: string;
  readonly tags?: readonly string[];
}

/** Who gives an order, for the journal. */
export interface By {
  readonly by: string;
  readonly why?: string;
}

/** One run. All orders are durable when they resolve. */
export interface Run<Output = Json> extends AsyncIterable<StoredEvent> {
  readonly id: RunId;
  /** Resolves when the run has ended, which may be after its process has. */
  readonly result: () => Promise<Result<Output>>;
  /** The run as it is now. */
  readonly report: () => Promise<RunReport>;
  /** Its journal from a sequence number on (default 1), and what comes, until the run ends or `signal` aborts. */
  readonly events: (options?: { readonly from?: number; readonly signal?: AbortSignal }) => AsyncIterable<StoredEvent>;
  /** Undoes what is done, then stops. */
  readonly cancel: (by?: By) => Promise<void>;
  /** Undoes what is done; also possible after the run has succeeded or failed. */
  readonly rollback: (by?: By) => Promise<void>;
  /** Tries stuck undos again, or the failed nodes of a run that failed without a rollback. */
  readonly retry: (by?: By) => Promise<void>;
  /** Lets a suspended run go on with the actions as they are now. */
  readonly resume: (by?: By) => Promise<void>;
  /** Changes the plan of the run; only nodes that have not started. */
  readonly patch: (patch: PlanPatch, by?: By) => Promise<void>;
}

/** What people and programs can do with a state folder, from its own process or from another. */
export interface Client extends AsyncDisposable {
  readonly start: <Input, Output>(what: Runnable<Input, Output>, options: StartOptions<Input>) => Promise<Run<Output>>;
  /** @throws {InputError} RUN_NOT_FOUND */
  readonly run: (id: string) => Promise<Run>;
  readonly runs: (query?: RunQuery) => Promise<readonly RunSummary[]>;
  /** The waits that are open now, oldest first; with `follow`, also those to come, until `signal` aborts. */
  readonly waits: (options?: { readonly follow?: boolean; readonly signal?: AbortSignal }) => AsyncIterable<WaitReport>;
  /** Answers a wait, once. @throws {InputError} WAIT_NOT_OPEN, ANSWER_INVALID */
  readonly answer: (wait: string | WaitId, answer: { readonly by: string; readonly value: Json }) => Promise<void>;
  /** Starts a run with what another has finished, except a node and what depends on it. */
  readonly fork: (
    run: string,
    options: { readonly from: string; readonly id?: string; readonly tags?: readonly string[] },
  ) => Promise<Run>;
  /** Lets what is out finish for a while, then lets go. What is unfinished is taken up at the next open. */
  readonly close: (options?: { readonly drainMs?: number }) => Promise<void>;
}

/** The runtime of a state folder: it owns the folder and does the work. */
export interface Executor extends Client {
  /** Runs that an earlier process left unfinished and that go on now. */
  readonly recovered: readonly RunId[];
}

/** What an executor is opened with. */
export interface OpenOptions {
  /** The state folder; made if it does not exist. */
  readonly dir: string;
  /** The actions and plans that runs may use, beside the built-in ones. */
  readonly use?: readonly AnyAction[];
  readonly policies?: readonly Policy[];
  /** Units by resource name; a name without has one. */
  readonly resources?: Readonly<Record<string, number>>;
  /** Attempts out at the same time in one run. Default 64. */
  readonly parallel?: number;
  /** How long an attempt may go on after it was told to stop, in milliseconds. Default 5,000. */
  readonly graceMs?: number;
  /** Separates effects of equal identity in one folder. */
  readonly tenant?: string;
  /** Whether to take up all unfinished runs at once. Default: true; if not, each is when something is asked of it. */
  readonly recover?: boolean;
  /** Shown what attempts send on their way, such as the words of a model. Nothing of it is recorded. */
  readonly onPiece?: (piece: Piece) => void;
}

/** Where a client connects to. */
export interface ConnectOptions {
  readonly dir: string;
}
