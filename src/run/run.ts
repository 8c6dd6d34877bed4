import type { Instant, RunId } from "../base/index.ts";
import { decide, nextDue, runTag, type Command, type RunEvent, type RunState } from "../plan/index.ts";
import type { Batch, LedgerEntry, RunAppend } from "../store/index.ts";
import { launchCheck } from "./attempts.ts";
import type { Engine, RuntimeOptions } from "./engine.ts";
import { grow } from "./grow.ts";
import { record, takeCommitted, takePending, timeFor, type Hosted } from "./hosted.ts";
import { readRun, takeUp } from "./recover.ts";
import { createResourcePool } from "./resources.ts";
import { startNode, startUndo } from "./starts.ts";

/*
 * The loop: decide, do, append, evolve.
 *
 * 1. Whatever happens to a run marks it (`touch`); at the end of the turn all marked runs decide, until nothing comes.
 * 2. All events of the turn are one commit (J4): an outcome shares it with the starts that it releases.
 * 3. What the events begin in the world begins after the commit, in their order. Nobody is told anything before.
 * 4. Commits follow each other. When one fails the engine is dead: what is on disk is the truth.
 */

const LONGEST_SLEEP_MS = 60_000;
const TOKENS_PER_EPOCH = 2 ** 32;

/** Makes the engine of a runtime. It does nothing until a run is touched. */
export function createEngine(options: RuntimeOptions): Engine {
  const { store, clock, rng, registry, tenant = "", parallel = 64, graceMs = 5_000, isClerk = false } = options;
  let token = store.epoch * TOKENS_PER_EPOCH;
  const engine: Engine = {
    store,
    clock,
    rng,
    registry,
    tenant,
    parallel,
    graceMs,
    isClerk,
    onPiece: options.onPiece,
    pool: createResourcePool(options.resources),
    policies: new Map((options.policies ?? []).map((policy) => [policy.name, policy])),
    hosted: new Map(),
    claims: new Map(),
    results: [],
    isDraining: false,
    death: undefined,
    now: clock.now,
    nextToken: () => (token += 1),
    touch: (hosted) => turns.touch(hosted),
    die: (error) => die(engine, error, options.onDeath),
    load: createLoader(() => engine),
  };
  const turns = new Turns(engine, options.onCommit);
  return engine;
}

function die(engine: Engine, error: unknown, onDeath: RuntimeOptions["onDeath"]): void {
  if (engine.death !== undefined) return;
  engine.death = { error };
  for (const { work, cancelTimer } of engine.hosted.values()) {
    cancelTimer?.();
    for (const live of work.values()) live.stop("the engine stopped");
  }
  onDeath?.(error);
}

/** Loads each run once, however many ask for it at the same time. */
function createLoader(engineOf: () => Engine): Engine["load"] {
  const loading = new Map<RunId, Promise<Hosted | undefined>>();
  const load = async (run: RunId): Promise<Hosted | undefined> => {
    const engine = engineOf();
    const state = await readRun(engine, run);
    return engine.hosted.get(run) ?? (state === undefined ? undefined : takeUp(engine, state));
  };
  return (run) => {
    const hosted = engineOf().hosted.get(run);
    if (hosted !== undefined) return Promise.resolve(hosted);
    const known = loading.get(run) ?? load(run).finally(() => loading.delete(run));
    loading.set(run, known);
    return known;
  };
}

/** The turns of the loop: collects what was touched, decides, commits, and lets the effects begin. */
class Turns {
  readonly #engine: Engine;
  readonly #onCommit: RuntimeOptions["onCommit"];
  readonly #dirty = new Set<Hosted>();
  readonly #turn = (): void => this.#begin();
  readonly #next = (): void => this.#end();
  #isScheduled = false;
  #isCommitting = false;

  constructor(engine: Engine, onCommit: RuntimeOptions["onCommit"]) {
    this.#engine = engine;
    this.#onCommit = onCommit;
  }

  touch(hosted: Hosted): void {
    this.#dirty.add(hosted);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isCommitting || this.#engine.death !== undefined) return;
    this.#isScheduled = true;
    this.#engine.clock.soon(this.#turn);
  }

  #begin(): void {
    this.#isScheduled = false;
    if (this.#engine.death !== undefined) return;
    const runs = [...this.#dirty];
    this.#dirty.clear();
    this.#isCommitting = true;
    this.#commit(runs).then(this.#next, this.#engine.die);
  }

  #end(): void {
    this.#isCommitting = false;
    if (this.#dirty.size > 0) this.#schedule();
  }

  async #commit(runs: readonly Hosted[]): Promise<void> {
    const engine = this.#engine;
    if (!engine.isClerk) for (const hosted of runs) pump(hosted);
    const batch = toBatch(engine, runs);
    if (batch !== undefined) await engine.store.commit(batch);
    if (engine.death !== undefined) return;
    for (const hosted of runs) this.#release(hosted);
  }

  #release(hosted: Hosted): void {
    const { events, acts } = takeCommitted(hosted);
    for (const act of acts) act();
    if (events.length > 0) this.#onCommit?.(hosted.state.run, events);
    settleEnd(hosted, events);
    setAlarm(hosted);
  }
}

/** Decides about one run and records it, until there is nothing to decide. */
function pump(hosted: Hosted): void {
  const { state, busy } = hosted;
  for (;;) {
    const before = state.seq + busy.size;
    const out = countAttempts(hosted) + busy.size - hosted.waiting;
    const room = hosted.engine.isDraining ? 0 : hosted.engine.parallel - out;
    const now = timeFor(hosted);
    hosted.decidedAt = now;
    const { free, capacity } = hosted.engine.pool;
    for (const command of decide(state, { now, room, free, capacity })) carryOut(hosted, command);
    if (state.seq + busy.size === before && (hosted.engine.isDraining || !grow(hosted))) break;
  }
  if (!hosted.engine.isDraining && isStuck(hosted)) {
    const at = timeFor(hosted);
    record(hosted, {
      type: "run-suspended",
      at,
      reason: "STUCK: nothing is out, nothing is due, nobody is waited for",
      details: null,
    });
  }
}

/** A plan inside the plan takes no place: its nodes might wait for what one of ours, without a place, has to finish. */
function countAttempts({ state }: Hosted): number {
  let out = 0;
  for (const index of state.live) if (state.nodes[index]?.nature.kind !== "plan") out += 1;
  return out;
}

function carryOut(hosted: Hosted, command: Command): void {
  if (command.type === "record") return carryOutRecord(hosted, command.event);
  const node = hosted.state.nodes[command.node];
  if (node === undefined || hosted.busy.has(node)) return;
  switch (command.type) {
    case "start-node":
      return startNode(hosted, node);

    case "start-undo":
      return startUndo(hosted, node);

    case "check-node":
      hosted.busy.add(node);
      hosted.afterCommit.push(() => launchCheck(hosted, node));
  }
}

/** The clock may have ticked while the commands before this one were carried out. */
function carryOutRecord(hosted: Hosted, decided: RunEvent): void {
  const { lastAt } = hosted.state;
  const event = decided.at < lastAt ? { ...decided, at: lastAt } : decided;
  record(hosted, event);
  if (event.type !== "node-stopping") return;
  const node = hosted.state.nodes.find(({ id }) => id === event.node);
  hosted.afterCommit.push(() => {
    if (node !== undefined) hosted.work.get(node)?.stop(event.why);
  });
}

/** E10: a run that nothing will ever wake is reported, never left "running" for good. */
function isStuck({ state, busy }: Hosted): boolean {
  if (state.phase === "suspended" || state.phase === "finished") return false;
  // What is on the list and could not be decided waits for room or for a resource that another run holds.
  const isQuiet =
    state.live.size + state.waits.size + busy.size === 0 && ![...state.attention].some(isLookedInto(state));
  return (
    isQuiet && nextDue(state) === undefined && state.ready.peek() === undefined && !hasOpenUndo(state.undoPlan?.open)
  );
}

/** What waits to be replanned, and could not be settled, waits for whoever makes the plan grow. */
function isLookedInto({ nodes, phase }: RunState): (index: number) => boolean {
  return (index) => {
    const node = nodes[index];
    const isLeft = phase === "running" && node?.strategy === "replan";
    return !isLeft || (node.unknown?.settled === "no" && node.nature.hasCheck);
  };
}

function hasOpenUndo(open: ReadonlySet<number> | undefined): boolean {
  return open !== undefined && open.size > 0;
}

function toBatch(engine: Engine, runs: readonly Hosted[]): Batch | undefined {
  const appends: RunAppend[] = [];
  const ledger: LedgerEntry[] = [];
  const plans = new Map<string, NonNullable<Hosted["plan"]>>(); // runs that begin together often share theirs
  for (const hosted of runs) {
    const { pending: events, pendingFrom: from, state, plan } = hosted;
    if (events.length > 0) appends.push({ run: state.run, from, events, tag: runTag(state) });
    if (plan !== undefined) plans.set(plan.hash, plan);
    if (hosted.ledger.length > 0) ledger.push(...hosted.ledger.splice(0));
    takePending(hosted);
  }
  const batch = { runs: appends, plans: [...plans.values()], ledger };
  if (engine.results.length > 0) return { ...batch, results: engine.results.splice(0) };
  return appends.length === 0 ? undefined : batch;
}

/** Tells those who wait for the end of a run, and lets go of it: what rests on disk needs no memory. */
function settleEnd(hosted: Hosted, events: readonly RunEvent[]): void {
  for (const event of events) {
    if (event.type !== "run-finished") continue;
    for (const tell of hosted.watchers.splice(0)) tell(event);
  }
  const { finished, run } = hosted.state;
  const isAtRest = hosted.pending.length === 0 && hosted.watchers.length === 0;
  if (finished === undefined || finished.tag === "rollback-stuck" || !isAtRest) return;
  // It may have been loaded anew since, because someone retried it or rolled it back.
  if (hosted.engine.hosted.get(run) === hosted) hosted.engine.hosted.delete(run);
}

/** T1: due times are absolute; a sleep is clamped, so that a stepped clock is noticed within a minute. */
function setAlarm(hosted: Hosted): void {
  const due: Instant | undefined = nextDue(hosted.state, hosted.decidedAt);
  if (due === hosted.timerAt) return;
  hosted.cancelTimer?.();
  hosted.cancelTimer = undefined;
  hosted.timerAt = due;
  if (due === undefined) return; // what is due and found no room waits for what makes room: that touches the run
  const ms = Math.min(Math.max(due - hosted.engine.now(), 0), LONGEST_SLEEP_MS);
  hosted.cancelTimer = hosted.engine.clock.timer(ms, () => {
    hosted.timerAt = undefined;
    hosted.engine.touch(hosted);
  });
}
