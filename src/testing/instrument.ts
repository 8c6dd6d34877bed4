import type { AnyAction, AttemptContext, EffectDefinition, UndoContext } from "../action/index.ts";
import { isJsonObject, PermanentError, TransientError, type Json } from "../base/index.ts";
import type { Random } from "./random.ts";
import type { Lane, Timeline } from "./timeline.ts";
import type { Performance, Witness } from "./witness.ts";

/*
 * Actions with everything that can go wrong between the engine and the world.
 *
 * 1. The action's own `run`, `undo` and `check` are called when the effect happens, and only if the attempt has not
 *    been fenced off by the world outside.
 * 2. What is thrown without having acted says nothing; what is thrown after acting says `mayHaveActed`.
 */

/** How likely each thing that goes wrong is, 0 to 1, for each attempt, undo or check. */
export interface Faults {
  readonly slow: number;
  readonly transient: number;
  readonly permanent: number;
  /** Ends only when it is told to. */
  readonly hang: number;
  /** Goes on though it was told to stop, acts and answers late. */
  readonly deaf: number;
  /** Acts, and the answer is lost. */
  readonly lost: number;
  readonly cannotTell: number;
  readonly undo: number;
}

/** What instrumented actions ask of the simulation. */
export interface Stage {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly witness: Witness;
  readonly faults: () => Faults;
  readonly point: (name: string, lane: Lane) => void;
  /** Work of the action itself that may take real time. */
  readonly real: <T>(work: T) => T;
}

/** Gives the same action, instrumented all the way down. */
export function instrument(stage: Stage, action: AnyAction): AnyAction {
  const { definition } = action;
  switch (definition.tag) {
    case "effect":
      return { ...action, definition: instrumentEffect(stage, definition) };

    case "by-node":
      return {
        ...action,
        definition: { tag: "by-node", forNode: (node) => instrumentEffect(stage, definition.forNode(node)) },
      };

    case "choice": {
      const variants = Object.entries(definition.variants).map(
        ([name, variant]) => [name, instrument(stage, variant)] as const,
      );
      return { ...action, definition: { ...definition, variants: Object.fromEntries(variants) } };
    }

    case "plan":
      return { ...action, definition: { ...definition, uses: definition.uses.map((used) => instrument(stage, used)) } };
  }
}

function instrumentEffect(stage: Stage, effect: EffectDefinition): EffectDefinition {
  const { undo, check } = effect;
  return {
    ...effect,
    run: (context) => run(stage, effect, context),
    undo: typeof undo === "function" ? (context) => runUndo(stage, undo, context) : undo,
    check: check === undefined ? undefined : (context) => runCheck(stage, check, context),
  };
}

const LONGEST_HANG_MS = 300_000;

const never = <T>(): Promise<T> => new Promise(() => {});

function run(stage: Stage, effect: EffectDefinition, context: AttemptContext<Json>): unknown {
  const { timeline, witness } = stage;
  const lane = timeline.current();
  stage.point("start", lane);
  if (lane.state === "dead") return never();
  const performance = witness.begin(context, lane);
  const mood = drawMood(stage);
  if (mood === "plain") {
    return endedNow(performance, () => act({ stage, effect, context, performance }));
  }
  return ended(performance, perform({ stage, effect, context, performance }, mood, lane));
}

type Mood = "plain" | Exclude<keyof Faults, "cannotTell" | "undo">;

const MOODS = ["slow", "transient", "permanent", "hang", "deaf", "lost"] as const;

function drawMood({ random, faults }: Stage): Mood {
  const rates = faults();
  let unit = random.unit();
  for (const mood of MOODS) {
    unit -= rates[mood];
    if (unit < 0) return mood;
  }
  return "plain";
}

interface Act {
  readonly stage: Stage;
  readonly effect: EffectDefinition;
  readonly context: AttemptContext<Json>;
  readonly performance: Performance;
}

async function perform(given: Act, mood: Mood, lane: Lane): Promise<unknown> {
  const { random } = given.stage;
  const { signal } = given.context;
  await lane.sleep(random.between(0, 30));
  switch (mood) {
    case "transient":
      throw new TransientError("SIMULATED", "The other side was busy.");
    case "permanent":
      throw new PermanentError("SIMULATED", "The other side refused.");
    case "hang":
      return hang(signal, lane);
    case "deaf":
      await lane.sleep(random.between(50, 900));
      return act(given);
    case "lost":
      await act(given);
      if (random.chance(0.5)) throw new TransientError("SIMULATED", "The answer was lost.", { mayHaveActed: true });
      return hang(signal, lane);
    default: {
      const output = await act(given);
      await lane.sleep(random.between(0, 60));
      return output;
    }
  }
}

/** The effect itself. */
function act({ stage, effect, context, performance }: Act): unknown {
  const { witness, point } = stage;
  if (!witness.mayAct(performance)) throw new PermanentError("SIMULATED", "A later attempt fenced this one off.");
  const finish = (output: unknown): unknown => {
    witness.acted(performance, effect, toJson(output));
    point("acted", performance.lane);
    return performance.lane.state === "dead" ? never() : output;
  };
  const output = effect.run(context);
  return isPromise(output) ? stage.real(output).then(finish) : finish(output);
}

function toJson(output: unknown): Json {
  if (output === undefined) return null;
  const json: Json = JSON.parse(JSON.stringify(output));
  return json;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}

function endedNow(performance: Performance, work: () => unknown): unknown {
  let output: unknown;
  try {
    output = work();
  } finally {
    performance.hasEnded = !isPromise(output);
  }
  return isPromise(output) ? ended(performance, output) : output;
}

async function ended<T>(performance: Performance, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } finally {
    performance.hasEnded = true;
  }
}

/** Settles only when it is told to stop, or a connection's patience is over, and then says nothing of use. */
function hang(signal: AbortSignal, lane: Lane): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new TransientError("SIMULATED", "It came to nothing.", { mayHaveActed: true }));
    lane.at(LONGEST_HANG_MS, stop);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
}

async function runUndo(
  stage: Stage,
  undo: (context: UndoContext<Json, Json>) => unknown,
  context: UndoContext<Json, Json>,
): Promise<unknown> {
  const { timeline, random, witness, faults } = stage;
  const lane = timeline.current();
  stage.point("undo", lane);
  if (lane.state === "dead") return never();
  const performance = witness.beginUndo(context, lane);
  const isFaulty = random.chance(faults().undo);
  const work = async (): Promise<unknown> => {
    if (random.chance(0.5)) await lane.sleep(random.between(0, 40));
    if (isFaulty && random.chance(0.3)) return hang(context.signal, lane);
    if (isFaulty && random.chance(0.6)) throw new TransientError("SIMULATED", "The undo failed.");
    await stage.real(Promise.resolve(undo(context)));
    witness.undone(context.undoes);
    stage.point("undone", lane);
    if (lane.state === "dead") return never();
    if (isFaulty) throw new TransientError("SIMULATED", "The undo's answer was lost.");
    return null;
  };
  return ended(performance, work());
}

async function runCheck(
  stage: Stage,
  check: (context: AttemptContext<Json>) => unknown,
  context: AttemptContext<Json>,
): Promise<unknown> {
  const { timeline, random, witness, faults } = stage;
  const lane = timeline.current();
  stage.point("check", lane);
  if (lane.state === "dead") return never();
  if (random.chance(0.5)) await lane.sleep(random.between(0, 40));
  if (random.chance(faults().cannotTell)) return { tag: "cannot-tell" };
  witness.look(context.key);
  const answer: unknown = await stage.real(Promise.resolve(check(context)));
  return isJsonObject(answer) ? answer : { tag: "cannot-tell" };
}
