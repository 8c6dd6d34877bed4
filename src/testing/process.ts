import type { Policy } from "../action/index.ts";
import type { RunId } from "../base/index.ts";
import type { RunEvent } from "../plan/index.ts";
import { createRuntime, type Registry, type Runtime } from "../run/index.ts";
import type { Disk } from "./disk.ts";
import type { Lane, Timeline } from "./timeline.ts";

/** One life of the owner: from its opening of the store to its crash. */
export interface Process {
  readonly lane: Lane;
  readonly number: number;
  /** There once the store is open. */
  runtime: Runtime | undefined;
  death: unknown;
}

/** What a process is opened with. */
export interface ProcessOptions {
  readonly timeline: Timeline;
  readonly disk: Disk;
  readonly registry: Registry;
  readonly seed: string;
  readonly parallel: number;
  readonly graceMs: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly policies: readonly Policy[];
  readonly onCommit: (run: RunId, events: readonly RunEvent[]) => void;
  readonly onDeath: (process: Process, error: unknown) => void;
}

/** Begins a process; `ready` is called in its lane, once it has taken up what its predecessor left. */
export function startProcess(
  options: ProcessOptions,
  number: number,
  ready: (process: Process, runtime: Runtime) => void,
): Process {
  const { timeline, disk, registry, parallel, graceMs, resources, policies, onCommit } = options;
  const process: Process = { lane: timeline.lane(`process ${number}`), number, runtime: undefined, death: undefined };
  const fail = (error: unknown): void => {
    process.death ??= error;
    options.onDeath(process, error);
  };
  let seeds = 0;
  const boot = async (): Promise<void> => {
    const store = await disk.open(process.lane);
    const rng = { seed: () => `${options.seed}/${number}/${(seeds += 1)}` };
    const runtime = createRuntime({
      store,
      clock: process.lane.clock,
      rng,
      registry,
      parallel,
      graceMs,
      resources,
      policies,
      onCommit,
      onDeath: fail,
    });
    process.runtime = runtime;
    await runtime.recover();
    ready(process, runtime);
  };
  process.lane.at(0, () => void boot().catch(fail));
  return process;
}
