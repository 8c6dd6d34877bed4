import type { Instant } from "../../base/index.ts";
import type { RunEvent } from "../event.ts";
import type { RunState } from "./state.ts";

/** What is to be done now. `record` is a decision complete in itself; the others begin something in the world. */
export type Command =
  | { readonly type: "record"; readonly event: RunEvent }
  | { readonly type: "start-node"; readonly node: number }
  | { readonly type: "start-undo"; readonly node: number }
  | { readonly type: "check-node"; readonly node: number };

/** What a decision may look at beside the run. */
export interface Surroundings {
  readonly now: Instant;
  /** How many more attempts may be out at the same time. */
  readonly room: number;
  /** Units of a resource that are free. */
  readonly free: (resource: string) => number;
  /** Units of a resource in all. Absent: as many as anyone asks for. */
  readonly capacity?: (resource: string) => number;
}

/** The commands of one decision, and what they will take of the surroundings. */
export interface Draft {
  readonly run: RunState;
  readonly now: Instant;
  readonly commands: Command[];
  room: number;
  readonly free: (resource: string) => number;
  readonly capacity: (resource: string) => number;
  /** Made when it is needed, as `decided` is: most decisions are short. */
  taken: Map<string, number> | undefined;
  /** Nodes that this decision has said something about. */
  decided: Set<number> | undefined;
  /** How many of the commands `decided` stands for. */
  noted: number;
}
