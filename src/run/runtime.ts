import { CancelledError, canonicalJson, DefectError, InputError, type NodeId, type RunId } from "../base/index.ts";
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
  const durability = createDurability();
  const engine = createEngine({
    ...options,
    onDeath: (error) => {
      durability.fail(error);
      options.onDeath?.(error);
    },
  });
  const committed = (hosted: Hosted): Promise<void> =>
    durability.wait(engine, (resolve) => {
      hosted.afterCommit.push(() => resolve(undefined));
      engine.touch(hosted);
    });
  return {
    engine,
    recover: async () => {
      const runs = await recoverAll(engine);
      // What was out is marked as unknown, and what changed as suspended, before anyone looks.
      for (const hosted of engine.hosted.values()) if (hosted.pending.length > 0) await committed(hosted);
      return runs;
    },
    start: oneByOne((run) => start(engine, run, committed)),
    fork: async (source, from, fork) => {
      if ((await engine.load(fork.run)) !== undefined)
        throw new InputError("RUN_ID_TAKEN", `Run ${fork.run} exists. Choose another id.`);
      const state = await readRun(engine, source);
      if (state === undefined) throw notFound(source);
      await committed(hostFork(engine, { state, from }, fork));
    },
    command: async (command) => {
      const hosted = await demandRun(engine, runOf(command));
      obey(hosted, command);
      await committed(hosted);
    },
    obeyInbox: (id, act) => obeyInbox(engine, { id, act, committed }),
    state: async (run) => engine.hosted.get(run)?.state ?? readRun(engine, run),
    ended: async (run) => {
      const hosted = await demandRun(engine, run);
      const { finished } = hosted.state;
      const isDurable = hosted.pending.length + hosted.committing.events.length === 0;
      if (finished !== undefined && isDurable) return finished;
      return durability.wait(engine, (resolve) => hosted.watchers.push(resolve));
    },
    live: () => [...engine.hosted.values()].map(({ state }) => state),
    drain: (ms) => drain(engine, ms),
  };
}

type Committed = (hosted: Hosted) => Promise<void>;

/** Promises that fail when the engine dies, so that nobody waits for good. */
function createDurability(): {
  readonly wait: <T>(engine: Engine, begin: (resolve: (value: T) => void) => void) => Promise<T>;
  readonly fail: (error: unknown) => void;
} {
  const rejects = new Set<(error: unknown) => void>();
  return {
    wait: (engine, begin) =>
      new Promise((resolve, reject) => {
        if (engine.death !== undefined) return reject(deathOf(engine));
        rejects.add(reject);
        begin((value) => {
          rejects.delete(reject);
          resolve(value);
        });
      }),
    fail: (error) => {
      for (const reject of rejects) reject(error);
      rejects.clear();
    },
  };
}

/** Two starts of one id at the same time: the second sees what the first made. */
function oneByOne(begin: (run: NewRun) => Promise<void>): (run: NewRun) => Promise<void> {
  const last = new Map<RunId, Promise<void>>();
  return async (run) => {
    const before = last.get(run.run);
    const turn =
      before === undefined
        ? begin(run)
        : before.then(
            () => begin(run),
            () => begin(run),
          );
    last.set(run.run, turn);
    try {
      await turn;
    } finally {
      if (last.get(run.run) === turn) last.delete(run.run);
    }
  };
}

async function start(engine: Engine, run: NewRun, committed: Committed): Promise<void> {
  const known = await engine.load(run.run);
  if (known === undefined) return committed(hostNewRun(engine, run));
  const { input, revision } = known.state;
  const hash = hashOf(run.graph);
  const first = (await engine.store.summary(run.run))?.plan; // a run that was patched is still the run that was started
  if ((first ?? revision) !== hash || canonicalJson(input) !== canonicalJson(run.input)) {
    const message = `Run ${run.run} exists with another plan or input. Choose another id, or start it with the same.`;
    throw new InputError("RUN_ID_TAKEN", message);
  }
  if (known.pending.length > 0) await committed(known);
}

interface InboxOrder {
  readonly id: string;
  readonly act: () => Promise<Hosted | undefined>;
  readonly committed: Committed;
}

async function obeyInbox(engine: Engine, { id, act, committed }: InboxOrder): Promise<void> {
  const commitResults = (): Promise<void> => engine.store.commit({ runs: [], results: engine.results.splice(0) });
  const answer = (result: CommandResult): void => {
    engine.results.push({ command: id, result });
  };
  let hosted: Hosted | undefined;
  try {
    hosted = await act();
  } catch (error) {
    if (!InputError.is(error)) throw error;
    answer({ tag: "refused", code: error.code, message: error.message });
    return commitResults();
  }
  answer({ tag: "done", value: null });
  await (hosted === undefined ? commitResults() : committed(hosted));
}

async function demandRun(engine: Engine, run: RunId): Promise<Hosted> {
  const hosted = await engine.load(run);
  if (hosted === undefined) throw notFound(run);
  return hosted;
}

function deathOf(engine: Engine): unknown {
  return engine.death?.error ?? new DefectError("ENGINE_DEAD", "The engine has stopped.");
}

function notFound(run: string): InputError {
  return new InputError("RUN_NOT_FOUND", `There is no run ${run} in this state folder. \`pawl runs ls\` lists them.`);
}

async function drain(engine: Engine, ms: number): Promise<void> {
  engine.isDraining = true;
  const end = engine.now() + ms;
  // A plan node is out until its own run has ended, which starts nothing more either: only what that has out counts.
  const isOut = (): boolean =>
    [...engine.hosted.values()].some(
      ({ work, pending }) => pending.length > 0 || [...work.keys()].some(({ nature }) => nature.kind !== "plan"),
    );
  while (isOut() && engine.now() < end && engine.death === undefined)
    await new Promise<void>((resolve) => engine.clock.timer(10, resolve));
  for (const { work } of engine.hosted.values()) for (const live of work.values()) live.stop("shutdown");
  const message = "The executor was closed; what was out is taken up when it is opened again.";
  engine.die(new CancelledError("ENGINE_CLOSED", message));
}
