import type { RunEvent } from "../../../../src/plan/index.ts";

/** How far a run has come, in events that it also has when nobody disturbs it: those of its recoveries don't count. */
export function progressOf(events: readonly RunEvent[]): number {
  return events.filter((event) => !isOfRecovery(event)).length;
}

function isOfRecovery(event: RunEvent): boolean {
  if (event.type === "node-started") return event.attempt > 1;
  return event.type === "node-unknown" || event.type === "node-settled";
}
