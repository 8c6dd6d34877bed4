import { createRun } from "./core/create.ts";
import { compilePlan } from "./compile.ts";
import type { NatureOf } from "./compiled.ts";
import type { RunEvent } from "./event.ts";
import { evolve } from "./evolve.ts";
import type { PlanGraph } from "./graph.ts";

/**
 * Gives what is wrong with a journal, each line citing an invariant; empty: nothing that can be seen in it.
 */
export function checkJournal(graph: PlanGraph, natureOf: NatureOf, events: readonly RunEvent[]): readonly string[] {
  const [created] = events;
  if (created?.type !== "run-created") return ["J2: seq 1: a journal begins with run-created"];
  const run = createRun(compilePlan(graph, natureOf, { hash: created.plan }), created);
  const violations: string[] = [];
  for (const event of events.slice(1)) {
    try {
      evolve(run, event);
    } catch (error) {
      return [...violations, `J2: seq ${run.seq + 1}: ${error instanceof Error ? error.message : String(error)}`];
    }
  }
  return violations;
}
