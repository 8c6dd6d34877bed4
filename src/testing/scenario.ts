import type { AnyAction, Policy } from "../action/index.ts";
import { toRunId, type Json, type RunId } from "../base/index.ts";
import type { PlanGraph, RunEvent } from "../plan/index.ts";
import { createRegistry, type Registry, type RunCommand, type Runtime } from "../run/index.ts";
import { createDisk, type Disk } from "./disk.ts";
import { instrument, type Faults, type Stage } from "./instrument.ts";
import { operate, order } from "./operators.ts";
import { createPeople, type People } from "./people.ts";
import { startProcess, type Process } from "./process.ts";
import { createRandom, type Random } from "./random.ts";
import { createTimeline, settle, type Lane, type Timeline } from "./timeline.ts";
import { checkJournals, openRuns } from "./verdict.ts";
import { createWitness, type Witness, type WitnessCounts } from "./witness.ts";

/*
 * One simulation: the production code, on a disk and a clock that are not real, among people and actions that fail.
 *
 * 1. Everything is a function of the seed.
 * 2. First comes the storm: attempts fail, processes crash, a second owner takes over, people order things. Then the
 *    calm: nothing fails any more, every question is answered, and every run must come to an end (E10).
 */

/** How much goes wrong. */
export interface Storm {
  readonly faults: Faults;
  readonly crashes: number;
  /** How often another process takes the store while the owner is paused. */
  readonly takeovers: number;
  readonly diskFailures: number;
  /** Orders of operators: cancel, rollback, retry, resume. */
  readonly orders: number;
  /** Virtual time until the calm. */
  readonly lengthMs: number;
}

/** A run that the simulation starts. */
interface SimulatedRun {
  readonly id: string;
  readonly graph: PlanGraph;
  readonly input: Json;
}

export interface ScenarioOptions {
  readonly seed: string;
  readonly actions: (witness: Witness, random: Random) => readonly AnyAction[];
  readonly runs: readonly SimulatedRun[];
  readonly storm: Storm;
  readonly policies?: readonly Policy[];
  readonly resources?: Readonly<Record<string, number>>;
  readonly parallel?: number;
  /** More orders, such as patches; asked for as often as `storm.orders` says. */
  readonly order?: (runtime: Runtime, run: RunId) => RunCommand | undefined;
  readonly trace?: (line: string) => void;
}

/** What came of a simulation. */
export interface ScenarioResult {
  readonly violations: readonly string[];
  readonly counts: ScenarioCounts;
  readonly journals: ReadonlyMap<RunId, readonly RunEvent[]>;
  readonly registry: Registry;
}

interface ScenarioCounts extends WitnessCounts {
  crashes: number;
  takeovers: number;
  diskFailures: number;
  orders: number;
  answers: number;
  steps: number;
}

/** How long an attempt may go on after it was told to stop. */
const GRACE_MS = 50;
const START = 1_750_000_000_000;
const MOST_STEPS = 200_000;
const CALM_ROUNDS = 60;
const CALM: Faults = { slow: 0, transient: 0, permanent: 0, hang: 0, deaf: 0, lost: 0, cannotTell: 0, undo: 0 };

/** What the parts of one simulation share. */
export interface Simulation {
  readonly options: ScenarioOptions;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly disk: Disk;
  readonly witness: Witness;
  readonly people: People;
  readonly registry: Registry;
  /** The same actions, one of them in another version. */
  readonly upgraded: Registry;
  readonly outside: Lane;
  readonly counts: ScenarioCounts;
  readonly violate: (text: string) => void;
  readonly trace: (line: string) => void;
  readonly accepted: Set<string>;
  readonly real: Set<Promise<unknown>>;
  process: Process | undefined;
  processes: number;
  isCalm: boolean;
  isOver: boolean;
}

/** Runs one simulation to its end. */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const violations = new Set<string>();
  const simulation = createSimulation(options, violations);
  const { timeline, counts, real } = simulation;
  schedule(simulation);
  while (!simulation.isOver && violations.size === 0 && timeline.step()) {
    await settle();
    while (real.size > 0) await Promise.race(real);
    counts.steps += 1;
    if (counts.steps > MOST_STEPS) simulation.violate(`E10: no end after ${MOST_STEPS} steps`);
  }
  simulation.process?.lane.kill();
  await settle();
  await checkJournals(simulation);
  if (violations.size === 0) simulation.witness.checkEnd();
  return { violations: [...violations], counts, journals: simulation.disk.journals, registry: simulation.registry };
}

function createSimulation(options: ScenarioOptions, violations: Set<string>): Simulation {
  const random = createRandom(options.seed);
  const timeline = createTimeline(START);
  const trace = (line: string): void => options.trace?.(`${String(timeline.now() - START).padStart(7)} ${line}`);
  const violate = (text: string): void => {
    trace(`VIOLATION ${text}`);
    violations.add(text);
  };
  const witness = createWitness({
    timeline,
    graceMs: GRACE_MS,
    isOwner: (lane) => simulation.process?.lane === lane,
    violate,
  });
  const counts: ScenarioCounts = Object.assign(witness.counts, {
    crashes: 0,
    takeovers: 0,
    diskFailures: 0,
    orders: 0,
    answers: 0,
    steps: 0,
  });
  const point = (_: string, lane: Lane): void => crashAt(simulation, lane);
  const onDurable = (run: RunId, events: readonly RunEvent[]): void => {
    for (const event of events) trace(`${run} ${show(event)}`);
    witness.durable(run, events);
    simulation.people.durable(run, events);
  };
  const isFailing = (): boolean => failsNow(simulation);
  const disk = createDisk(timeline, { random, point, isFailing, onDurable, onViolation: violate });
  const real = new Set<Promise<unknown>>();
  const stage: Stage = {
    timeline,
    random,
    witness,
    point,
    faults: () => (simulation.isCalm ? CALM : options.storm.faults),
    real: (work) => {
      if (work instanceof Promise) watch(real, work);
      return work;
    },
  };
  const actions = options.actions(witness, random).map((action) => instrument(stage, action));
  const registry = createRegistry(actions);
  const upgraded = createRegistry(
    actions.map((action, at) => (at === 0 ? { ...action, version: action.version + 1 } : action)),
  );
  const simulation: Simulation = {
    options,
    timeline,
    random,
    disk,
    witness,
    registry,
    upgraded,
    counts,
    violate,
    trace,
    real,
    people: createPeople({
      random,
      witness,
      command: (command) => order(simulation, command),
      violate,
      outside: timeline.lane("people"),
      counts,
    }),
    outside: timeline.lane("world"),
    accepted: new Set(),
    process: undefined,
    processes: 0,
    isCalm: false,
    isOver: false,
  };
  return simulation;
}

function watch(real: Set<Promise<unknown>>, work: Promise<unknown>): void {
  real.add(work);
  const done = (): void => void real.delete(work);
  work.then(done, done);
}

function show(event: RunEvent): string {
  const { type, at: _, ...rest } = event;
  return `${type} ${JSON.stringify(rest).slice(0, 200)}`;
}

/** Everything that the seed says will happen, beside what happens of itself. */
function schedule(simulation: Simulation): void {
  const { options, outside, random } = simulation;
  const { storm } = options;
  open(simulation);
  const soon = (): number => Math.floor(random.unit() ** 2 * storm.lengthMs);
  for (let count = 0; count < storm.crashes; count += 1)
    if (random.chance(0.3)) outside.at(soon(), () => crash(simulation, "out of the blue"));
  for (let count = 0; count < storm.takeovers; count += 1) outside.at(soon(), () => takeOver(simulation));
  for (let count = 0; count < storm.orders; count += 1) outside.at(soon(), () => void operate(simulation));
  outside.at(storm.lengthMs, () => calmDown(simulation, 0));
}

function open(simulation: Simulation): void {
  const { options, timeline, disk } = simulation;
  const registry = simulation.random.chance(0.03) && !simulation.isCalm ? simulation.upgraded : simulation.registry;
  simulation.processes += 1;
  simulation.process = startProcess(
    {
      timeline,
      disk,
      registry,
      seed: options.seed,
      parallel: options.parallel ?? 64,
      graceMs: GRACE_MS,
      resources: options.resources ?? {},
      policies: options.policies ?? [],
      onCommit: (run, events) => checkTold(simulation, run, events),
      onDeath: (process, error) => onDeath(simulation, process, error),
    },
    simulation.processes,
    (process, runtime) => submitAll(simulation, process, runtime),
  );
}

/** J4: whoever is told of events must find them on disk. */
function checkTold({ disk, violate }: Simulation, run: RunId, events: readonly RunEvent[]): void {
  const durable = disk.journals.get(run) ?? [];
  const last = events.at(-1);
  if (last !== undefined && !durable.includes(last))
    violate(`J4: someone was told of ${last.type} of ${run} before it was durable`);
}

function onDeath(simulation: Simulation, process: Process, error: unknown): void {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "none";
  const message = error instanceof Error ? (code === "none" ? String(error.stack) : error.message) : String(error);
  simulation.trace(`process ${process.number} died: ${code} ${message}`);
  if (simulation.process !== process) {
    if (code !== "STALE_EPOCH" && code !== "STORE_FAILED")
      simulation.violate(`J1: a stale owner died of ${code}: ${message}`);
    return;
  }
  if (!(code === "STORE_FAILED" && message.includes("EIO"))) simulation.violate(`the engine died: ${code} ${message}`);
  crash(simulation, "the engine died");
}

function crashAt(simulation: Simulation, lane: Lane): void {
  const { process, options, random, counts, isCalm } = simulation;
  if (process?.lane !== lane || isCalm || counts.crashes >= options.storm.crashes) return;
  if (random.chance(0.04)) crash(simulation, "at a point");
}

function failsNow({ options, random, counts, isCalm }: Simulation): boolean {
  if (isCalm || counts.diskFailures >= options.storm.diskFailures || !random.chance(0.05)) return false;
  counts.diskFailures += 1;
  return true;
}

function crash(simulation: Simulation, why: string): void {
  const { process, disk, outside, counts, random } = simulation;
  if (process === undefined) return;
  simulation.trace(`process ${process.number} crashed ${why}`);
  simulation.process = undefined;
  process.lane.kill();
  disk.crash(process.lane);
  counts.crashes += 1;
  outside.at(random.between(0, random.chance(0.3) ? 500 : 20), () => {
    if (simulation.process === undefined) open(simulation);
  });
}

/** Another process takes the store while its owner is paused; later the old one goes on, not knowing. */
function takeOver(simulation: Simulation): void {
  const { process, outside, counts, random } = simulation;
  if (process === undefined || simulation.isCalm) return;
  simulation.trace(`process ${process.number} is paused, another takes over`);
  counts.takeovers += 1;
  process.lane.pause();
  open(simulation);
  outside.at(random.between(1, 300), () => process.lane.goOn());
  outside.at(2_000, () => process.lane.kill());
}

function submitAll(simulation: Simulation, process: Process, runtime: Runtime): void {
  const { options, accepted, violate } = simulation;
  for (const { id, graph, input } of options.runs) {
    if (accepted.has(id)) continue;
    const run = toRunId(id);
    runtime.start({ run, graph, input, tags: [] }).then(
      () => {
        accepted.add(id);
        if (!simulation.disk.journals.has(run)) violate(`J4: the start of ${id} was told before it was durable`);
        runtime.ended(run).then(
          () => simulation.witness.ends.has(run) || violate(`J4: the end of ${id} was told before it was durable`),
          () => {},
        );
      },
      (error: unknown) => {
        if (simulation.process === process && process.death === undefined) violate(`start refused: ${String(error)}`);
      },
    );
  }
}

/** From here on nothing fails; what waits for people is answered until everything has ended. */
function calmDown(simulation: Simulation, round: number): void {
  simulation.isCalm = true;
  const unfinished = openRuns(simulation);
  if (unfinished.length === 0) {
    simulation.isOver = true;
    return;
  }
  if (round > CALM_ROUNDS) {
    simulation.violate(`E10: no end in the calm: ${unfinished.map(({ id, is }) => `${id} is ${is}`).join(", ")}`);
    return;
  }
  void simulation.people.tidyUp(unfinished.map(({ id }) => id));
  simulation.outside.at(Math.min(60_000, 20 * 1.3 ** round), () => calmDown(simulation, round + 1));
}
