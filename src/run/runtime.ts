import {
  CancelledError,
  canonicalJson,
  DefectError,
  InputError,
  isJsonObject,
  RuntimeFailure,
  type Json,
  type NodeId,
  type RunId,
} from "../base/index.ts";
import type { RunFinished, RunState } from "../plan/index.ts";
import type { CommandResult } from "../store/index.ts";
import { obey, runOf, type RunCommand } from "./commands.ts";
import { hashOf, hostNewRun, type NewRun } from "./create-run.ts";
import type { Engine, RuntimeOptions } from "./engine.ts";
import { hostFork } from "./fork.ts";
import type { Hosted } from "./hosted.ts";
import { readRun, recoverAll } from "./recover.ts";
import { createEngine } from "./run.ts";

/** The runtime of one owner: runs plans on a store until it is drained or dies. */
export interface Runtime {
  /** Takes up all unfinished runs of the store; gives their ids. */
  readonly recover: () => Promise<readonly RunId[]>;
  /** Starts a run; durable when it resolves. The same id with the same plan and input is the same run. */
  readonly start: (run: NewRun) => Promise<void>;
  /** Begins a run with what another finished, from a node on. */
  readonly fork: (source: RunId, from: NodeId, fork: Pick<NewRun, "run" | "tags">) => Promise<void>;
  /** Carries out an order; durable when it resolves. @throws {InputError} when it is not possible. */
  readonly command: (command: RunCommand) => Promise<void>;
  /** Carries out an order of the inbox once; what became of it is durable together with what it did. */
  readonly obeyInbox: (id: string, act: () => Promise<Hosted | undefined>) => Promise<void>;
  /** The run as it is in memory, or folded from disk. */
  readonly state: (run: RunId) => Promise<RunState | undefined>;
  /** Resolves with the end of a run, durable; at once if it has ended. */
  readonly ended: (run: RunId) => Promise<RunFinished>;
  /** Runs that are in memory. */
  readonly live: () => readonly RunState[];
  /** Starts nothing more; resolves when nothing is out, or `ms` are over. */
  readonly drain: (ms: number) => Promise<void>;
  readonly engine: Engine;
}

/** Makes a runtime on an open store. The store stays the caller's to close. */
export function createRuntime(options: RuntimeOptions): Runtime {
  const ends: ((error: unknown) => void)[] = [];
  const engine = createEngine({
    ...options,
    onDeath: (error) => {
      for (const reject of ends.splice(0)) reject(error);
      options.onDeath?.(error);
    },
  });
  const starting = new Map<RunId, Promise<void>>();

  /** A promise that fails when the engine dies, so that nobody waits for good. */
  const durable = <T>(begin: (resolve: (value: T) => void) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (engine.death !== undefined) return reject(deathOf(engine));
      ends.push(reject);
      begin((value) => {
        ends.splice(ends.indexOf(reject), 1);
        resolve(value);
      });
    });
  const committed = (hosted: Hosted): Promise<void> =>
    durable((resolve) => {
      hosted.afterCommit.push(() => resolve(undefined));
      engine.touch(hosted);
    });

  const start = async (run: NewRun): Promise<void> => {
    const known = await engine.load(run.run);
    if (known === undefined) return committed(hostNewRun(engine, run));
    if (known.state.plan.hash === hashOf(run.graph) || known.state.revision === hashOf(run.graph)) {
      if (canonicalJson(known.state.input) === canonicalJson(run.input))
        return known.pending.length > 0 ? committed(known) : undefined;
    }
    const message = `Run ${run.run} exists with another plan or input. Choose another id, or start it with the same.`;
    throw new InputError("RUN_ID_TAKEN", message);
  };

  return {
    engine,
    recover: () => recoverAll(engine),
    start: (run) => {
      // Two starts of one id in one turn: the second sees what the first made.
      const turn = (starting.get(run.run) ?? Promise.resolve()).then(
        () => start(run),
        () => start(run),
      );
      starting.set(run.run, turn);
      return turn.finally(() => starting.get(run.run) === turn && starting.delete(run.run));
    },
    fork: async (source, from, fork) => {
      if ((await engine.load(fork.run)) !== undefined)
        throw new InputError("RUN_ID_TAKEN", `Run ${fork.run} exists. Choose another id.`);
      const state = await readRun(engine, source);
      if (state === undefined) throw notFound(source);
      await committed(hostFork(engine, state, from, fork));
    },
    command: async (command) => {
      const hosted = await engine.load(runOf(command));
      if (hosted === undefined) throw notFound(runOf(command));
      obey(hosted, command);
      await committed(hosted);
    },
    obeyInbox: async (id, act) => {
      const answer = (result: CommandResult): void => {
        engine.results.push({ command: id, result });
      };
      try {
        const hosted = await act();
        answer({ tag: "done", value: null });
        if (hosted !== undefined) await committed(hosted);
        else await engine.store.commit({ runs: [], results: engine.results.splice(0) });
      } catch (error) {
        if (!InputError.is(error)) throw error;
        answer({ tag: "refused", code: error.code, message: error.message });
        await engine.store.commit({ runs: [], results: engine.results.splice(0) });
      }
    },
    state: async (run) => engine.hosted.get(run)?.state ?? readRun(engine, run),
    ended: async (run) => {
      const hosted = await engine.load(run);
      if (hosted === undefined) throw notFound(run);
      const { finished } = hosted.state;
      if (finished !== undefined && hosted.pending.length === 0 && hosted.committing.events.length === 0)
        return finished;
      return durable((resolve) => hosted.watchers.push(resolve));
    },
    live: () => [...engine.hosted.values()].map(({ state }) => state),
    drain: (ms) => drain(engine, ms),
  };
}

function deathOf(engine: Engine): unknown {
  return engine.death?.error ?? new DefectError("ENGINE_DEAD", "The engine has stopped.");
}

function notFound(run: string): InputError {
  return new InputError("RUN_NOT_FOUND", `There is no run ${run} in this state folder. \`pawl runs ls\` lists them.`);
}

async function drain(engine: Engine, ms: number): Promise<void> {
  engine.isDraining = true;
  const isOut = (): boolean => [...engine.hosted.values()].some(({ work, pending }) => work.size + pending.length > 0);
  let isOver = false;
  const callOff = engine.clock.timer(ms, () => (isOver = true));
  while (isOut() && !isOver && engine.death === undefined)
    await new Promise<void>((resolve) => engine.clock.timer(10, resolve));
  callOff();
  for (const { work } of engine.hosted.values()) for (const { stop } of work.values()) stop("shutdown");
  engine.die(
    new CancelledError("ENGINE_CLOSED", "The executor was closed; what was out is taken up when it is opened again."),
  );
}
