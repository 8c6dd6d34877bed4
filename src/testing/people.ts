import { isJsonObject, type Json, type RunId } from "../base/index.ts";
import type { RunEvent, WaitOpened } from "../plan/index.ts";
import type { RunCommand } from "../run/index.ts";
import type { Random } from "./random.ts";
import type { Lane } from "./timeline.ts";
import type { Witness } from "./witness.ts";

/** The people around the engine: they answer in time, twice, late, wrongly, or not at all; in the calm they tidy up. */
export interface People {
  readonly durable: (run: RunId, events: readonly RunEvent[]) => void;
  /** What became of each run, as the disk says. */
  readonly states: ReadonlyMap<string, string>;
  /** Answers every open question, resumes what is suspended, retries what is stuck. */
  readonly tidyUp: (runs: readonly string[]) => Promise<void>;
}

interface PeopleOptions {
  readonly random: Random;
  readonly witness: Witness;
  readonly command: (command: RunCommand) => Promise<boolean | undefined>;
  readonly violate: (text: string) => void;
  readonly outside: Lane;
  readonly counts: { answers: number };
}

/** Makes people who have been asked nothing yet. */
export function createPeople({ random, witness, command, violate, outside, counts }: PeopleOptions): People {
  const waits = new Map<string, WaitOpened>();
  const states = new Map<string, string>();
  const answered = new Set<string>();
  let isTidying = false;

  const answer = async (wait: WaitOpened): Promise<void> => {
    const by = random.pick(["ada", "bob"]);
    // Who answers a question that is closed has not looked again.
    const value = waits.has(wait.wait) ? answerTo(wait, { random, witness, isTidying }) : { happened: false };
    const isDone = await command({ type: "answer", wait: wait.wait, by, value });
    if (isDone === undefined)
      return void outside.at(random.between(20, 200), () => waits.has(wait.wait) && void answer(wait));
    if (!isDone) return;
    counts.answers += 1;
    if (answered.has(wait.wait)) violate(`X1: wait ${wait.wait} took two answers`);
    answered.add(wait.wait);
  };

  const plan = (wait: WaitOpened): void => {
    if (wait.kind === "timer") return;
    const answerLater = (): void =>
      void outside.at(random.between(0, random.chance(0.3) ? 2_000 : 120), () => void answer(wait));
    answerLater();
    if (random.chance(0.2)) answerLater();
  };

  const note = (run: RunId, event: RunEvent): void => {
    switch (event.type) {
      case "wait-opened":
        waits.set(event.wait, event);
        return plan(event);

      case "wait-closed":
        return void waits.delete(event.wait);

      case "run-finished":
        if (event.tag === "failed" && random.chance(0.3))
          outside.at(random.between(1, 200), () => void command({ type: "retry", run, by: "ada" }));
        return void states.set(run, event.tag);

      case "run-suspended":
        if (event.reason.startsWith("STUCK")) violate(`E10: ${run} is stuck`);
        return void states.set(run, "suspended");

      case "run-created":
      case "run-resumed":
      case "run-retried":
      case "rollback-decided":
        return void states.set(run, "open");

      default:
    }
  };

  return {
    states,
    durable: (run, events) => {
      for (const event of events) note(run, event);
    },
    tidyUp: async (runs) => {
      isTidying = true;
      const asked = [...waits.values()].filter(({ kind }) => kind !== "timer");
      for (const wait of asked) await answer(wait);
      for (const run of runs) {
        const state = states.get(run);
        if (state === "suspended") await command({ type: "resume", run, by: "ada" });
        if (state === "rollback-stuck") await command({ type: "retry", run, by: "ada" });
      }
    },
  };
}

interface Asked {
  readonly random: Random;
  readonly witness: Witness;
  readonly isTidying: boolean;
}

function answerTo(wait: WaitOpened, { random, witness, isTidying }: Asked): Json {
  switch (wait.kind) {
    case "unknown":
      return whetherDone(wait, witness);

    case "failure":
      return isTidying ? "rollback" : random.pick(["retry", "retry", "skip", "rollback", "fail"]);

    default:
      if (!isTidying && random.chance(0.05)) return { not: "an answer" };
      return random.chance(0.9);
  }
}

/** A person looks whether the effect happened. What is asked stands in `show`. */
function whetherDone(wait: WaitOpened, witness: Witness): Json {
  const key = isJsonObject(wait.show) ? wait.show["key"] : undefined;
  const effect = typeof key === "string" ? witness.look(key) : undefined;
  return effect !== undefined && effect.isStanding ? { happened: true, output: effect.output } : { happened: false };
}
