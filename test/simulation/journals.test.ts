import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkJournal, compilePlan, createRun, evolve, type RunEvent, type RunState } from "../../src/plan/index.ts";
import { runSeed } from "./run-seed.ts";

interface Sample {
  readonly events: readonly RunEvent[];
  readonly begin: () => RunState;
  readonly check: (events: readonly RunEvent[]) => readonly string[];
}

/** Journals that the simulator made of plans that were not patched. */
const samples: Sample[] = [];
for (let at = 0; at < 40; at += 1) {
  const { journals, graphs, registry } = await runSeed(`journals-${at}`);
  const [graph] = graphs;
  const events = [...journals].find(([run]) => run === "run-0")?.[1] ?? [];
  const [created] = events;
  if (graph === undefined || created?.type !== "run-created") continue;
  samples.push({
    events,
    begin: () => createRun(compilePlan(graph, registry.natureOf, { hash: created.plan }), created),
    check: (changed) => checkJournal(graph, changed, registry),
  });
}
const anySample = fc.nat({ max: 10_000 }).map((at) => samples[at % samples.length] ?? fail());

function fail(): never {
  throw new Error("expected samples");
}

function fold(run: RunState, events: readonly RunEvent[]): RunState {
  for (const event of events) evolve(run, event);
  return run;
}

/** What a state says, as far as it can be compared. */
function show({ nodes, phase, seq, finished, used, open, waits, live, uncertain }: RunState): unknown {
  const plain = nodes.map((node) => ({ ...node, nature: undefined }));
  const counters = [...used.counters];
  return JSON.parse(
    JSON.stringify({
      plain,
      phase,
      seq,
      finished,
      attempts: used.attempts,
      counters,
      open,
      waits: [...waits],
      live: [...live],
      uncertain: [...uncertain],
    }),
  );
}

describe("a journal", () => {
  it("folds to the same state however it is split, also after it was written and read (J2)", () => {
    const check = fc.property(anySample, fc.nat(), ({ events, begin }, cut) => {
      const at = 1 + (cut % events.length);
      const again: RunEvent[] = JSON.parse(JSON.stringify(events.slice(at)));
      const whole = fold(begin(), events.slice(1));
      expect(show(fold(fold(begin(), events.slice(1, at)), again))).toEqual(show(whole));
    });
    fc.assert(check, { numRuns: 200 });
  });

  it("is refused when something happens twice", () => {
    const once = new Set([
      "node-started",
      "node-succeeded",
      "node-unknown",
      "wait-opened",
      "wait-closed",
      "undo-started",
      "undo-succeeded",
      "rollback-decided",
      "run-finished",
    ]);
    const check = fc.property(anySample, fc.nat(), ({ events, check: judge }, place) => {
      const places = events.flatMap((event, at) => (once.has(event.type) ? [at] : []));
      const at = places[place % places.length];
      const event = events[at ?? -1];
      fc.pre(event !== undefined);
      expect(judge(events.toSpliced(at ?? 0, 0, event))).not.toEqual([]);
    });
    fc.assert(check, { numRuns: 300 });
  });

  it("is refused when the start of what ended is missing", () => {
    const check = fc.property(anySample, fc.nat(), ({ events, check: judge }, place) => {
      const places = events.flatMap((event, at) =>
        event.type === "node-started" || event.type === "undo-started" ? [at] : [],
      );
      const at = places[place % places.length];
      fc.pre(at !== undefined);
      expect(judge(events.toSpliced(at ?? 0, 1))).not.toEqual([]);
    });
    fc.assert(check, { numRuns: 300 });
  });
});
