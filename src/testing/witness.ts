import { canonicalJson, type Json, type RunId } from "../base/index.ts";
import type { AttemptContext, EffectDefinition, UndoContext } from "../action/index.ts";
import type { RunEvent, RunFinished } from "../plan/index.ts";
import type { Lane, Timeline } from "./timeline.ts";

/*
 * The witness: what really happened in the world outside, seen without the engine's help.
 *
 * 1. It is told of every performance when it begins, acts and ends, and of all that becomes durable.
 * 2. The world outside honours fencing tokens: once a later attempt was seen, or someone looked whether the effect
 *    happened, an earlier attempt can't act any more.
 */

/** One attempt or undo that really ran. */
export interface Performance {
  readonly kind: "run" | "undo";
  readonly run: string;
  readonly node: string;
  readonly attempt: number;
  readonly key: string;
  readonly token: number;
  readonly lane: Lane;
  readonly input: string;
  abortedAt: number | undefined;
  hasEnded: boolean;
}

/** One effect, known by its key. */
interface Effect {
  readonly key: string;
  isUndoable: boolean;
  /** Who made it, as `run` and `node`. */
  readonly makers: { readonly run: string; readonly node: string }[];
  acts: number;
  isStanding: boolean;
  output: Json;
  /** Attempts with tokens up to this one can't act any more. */
  fencedUpTo: number;
  highestToken: number;
}

/** Counts of what the witness saw. */
export interface WitnessCounts {
  attempts: number;
  acts: number;
  undos: number;
  fenced: number;
}

export interface Witness {
  readonly begin: (context: AttemptContext<Json>, lane: Lane) => Performance;
  readonly beginUndo: (context: UndoContext<Json, Json>, lane: Lane) => Performance;
  /** Tells whether this attempt may still act. */
  readonly mayAct: (performance: Performance) => boolean;
  readonly acted: (performance: Performance, effect: EffectDefinition, output: Json) => void;
  readonly undone: (key: string) => void;
  /** Looks whether an effect happened; the attempts that were seen so far can't make it any more. */
  readonly look: (key: string) => Effect | undefined;
  readonly durable: (run: RunId, events: readonly RunEvent[]) => void;
  readonly ends: ReadonlyMap<string, RunFinished>;
  /** What is wrong at the end of everything. */
  readonly checkEnd: () => void;
  readonly counts: WitnessCounts;
}

interface WitnessOptions {
  readonly timeline: Timeline;
  readonly graceMs: number;
  /** A process that lost the store without knowing is fenced off: what it still begins can't act. */
  readonly isOwner: (lane: Lane) => boolean;
  readonly violate: (text: string) => void;
}

/** Makes a witness who has seen nothing yet. */
export function createWitness({ timeline, graceMs, isOwner, violate }: WitnessOptions): Witness {
  const effects = new Map<string, Effect>();
  const latest = new Map<string, Performance>();
  const started = new Map<number, string>();
  const inputs = new Map<string, string>();
  const succeeded = new Set<string>();
  const ends = new Map<string, RunFinished>();
  const counts: WitnessCounts = { attempts: 0, acts: 0, undos: 0, fenced: 0 };

  const effectOf = (key: string): Effect => {
    const effect = effects.get(key) ?? newEffect(key);
    effects.set(key, effect);
    return effect;
  };

  const checkBefore = (now: Performance, place: string): void => {
    const key = started.get(now.token);
    if (key === undefined) violate(`J4: ${place} began before its start was durable`);
    else if (key !== now.key) violate(`E6: ${place} has another key than its journal says`);
    const input = inputs.get(`${now.run}:${now.node}:${now.key}`) ?? now.input;
    if (input !== now.input) violate(`E8: ${place} has another input than an attempt before`);
    inputs.set(`${now.run}:${now.node}:${now.key}`, input);
    const before = latest.get(`${now.kind}:${now.run}:${now.node}`);
    if (before === undefined) return;
    if (!before.hasEnded && before.lane === now.lane && !isFenced(before))
      violate(`E3: ${place} began while attempt ${before.attempt} was live`);
  };
  const isFenced = ({ abortedAt }: Performance): boolean =>
    abortedAt !== undefined && timeline.now() - abortedAt >= graceMs - 1;

  const open = (kind: "run" | "undo", context: AttemptContext<Json>, lane: Lane): Performance => {
    const { run, node, attempt, signal } = context;
    const performance = newPerformance(kind, context, lane);
    signal.addEventListener("abort", () => (performance.abortedAt ??= timeline.now()));
    checkBefore(performance, `${kind} ${attempt} of ${run}:${node}`);
    latest.set(`${kind}:${run}:${node}`, performance);
    counts.attempts += 1;
    return performance;
  };

  return {
    counts,
    ends,
    begin: (context, lane) => {
      const performance = open("run", context, lane);
      if (isOwner(lane) && succeeded.has(`${context.run}:${context.node}`))
        violate(`E4: attempt ${context.attempt} of ${context.run}:${context.node} began after a durable success`);
      const effect = effectOf(context.key);
      effect.highestToken = Math.max(effect.highestToken, context.token);
      effect.fencedUpTo = Math.max(effect.fencedUpTo, context.token - 1);
      return performance;
    },
    beginUndo: (context, lane) => {
      const effect = effectOf(context.undoes);
      effect.fencedUpTo = Math.max(effect.fencedUpTo, effect.highestToken);
      return open("undo", context, lane);
    },
    mayAct: ({ key, token }) => {
      const isOpen = token > effectOf(key).fencedUpTo;
      if (!isOpen) counts.fenced += 1;
      return isOpen;
    },
    acted: (performance, definition, output) => {
      const effect = effectOf(performance.key);
      const fault = noteAct(effect, performance, definition);
      if (fault !== undefined) violate(fault);
      effect.output = output;
      counts.acts += 1;
    },
    undone: (key) => {
      effectOf(key).isStanding = false;
      counts.undos += 1;
    },
    look: (key) => {
      const effect = effectOf(key);
      effect.fencedUpTo = Math.max(effect.fencedUpTo, effect.highestToken);
      return effect;
    },
    durable: (run, events) => {
      for (const event of events) {
        if (event.type === "node-started" || event.type === "undo-started") started.set(event.token, event.key);
        // Who looks asks about every attempt that the journal knows, also one that has not reached the world yet.
        if (event.type === "node-started")
          effectOf(event.key).highestToken = Math.max(effectOf(event.key).highestToken, event.token);
        if (event.type === "node-succeeded") succeeded.add(`${run}:${event.node}`);
        if (event.type === "run-finished") ends.set(run, event);
      }
    },
    checkEnd: () => {
      for (const effect of effects.values()) checkLeft(effect, ends, violate);
    },
  };
}

function newEffect(key: string): Effect {
  const nothing = { isUndoable: false, acts: 0, isStanding: false, output: null, fencedUpTo: 0, highestToken: 0 };
  return { key, makers: [], ...nothing };
}

function newPerformance(kind: "run" | "undo", context: AttemptContext<Json>, lane: Lane): Performance {
  const { run, node, attempt, key, token } = context;
  const input = canonicalJson(context.input);
  return { kind, run, node, attempt, key, token, lane, input, abortedAt: undefined, hasEnded: false };
}

/** The world outside notes an act. Gives what is wrong with it. */
function noteAct(
  effect: Effect,
  { run, node, attempt }: Performance,
  definition: EffectDefinition,
): string | undefined {
  const isFirst = effect.acts === 0;
  effect.isUndoable ||= typeof definition.undo === "function";
  effect.acts += 1;
  effect.isStanding = true;
  if (!effect.makers.some((maker) => maker.run === run && maker.node === node)) effect.makers.push({ run, node });
  if (isFirst || definition.repeat !== "never") return undefined;
  return `never: attempt ${attempt} of ${run}:${node} acted a second time`;
}

/** R1, R5: what stands though its run says that it was taken back, and says nothing of it. */
function checkLeft(
  { isUndoable, isStanding, makers }: Effect,
  ends: ReadonlyMap<string, RunFinished>,
  violate: (text: string) => void,
): void {
  if (!isUndoable || !isStanding) return;
  for (const { run, node } of makers) {
    const end = ends.get(run);
    if (end === undefined || end.tag === "succeeded" || end.tag === "failed") continue;
    if (!end.notUndone.some((left) => left.node === node))
      violate(`R1: what ${run}:${node} did stands, and its run ended ${end.tag} without saying so`);
  }
}
