import { checkEvent } from "./audit/check-event.ts";
import { checkUndoOrder } from "./audit/check-undo-order.ts";
import { createAudit, type Audit } from "./audit/state.ts";
import { compilePlan } from "./compile.ts";
import type { NatureOf } from "./compiled.ts";
import { pinnedNatureOf } from "./pin.ts";
import { createRun } from "./core/create.ts";
import type { RunEvent } from "./event.ts";
import { evolve } from "./evolve.ts";
import type { PlanGraph } from "./graph.ts";

/** Told of each event after it was folded; for counting what a set of journals covers. */
export type JournalVisitor = (
  event: RunEvent,
  change: { readonly from: string; readonly to: string; readonly phase: string; readonly was: string },
) => void;

/** What a check of a journal takes beside the journal. */
export interface AuditOptions {
  /** Natures of the actions that the journal does not pin: those that the plan itself states. */
  readonly natureOf: NatureOf;
  readonly visit?: JournalVisitor | undefined;
}

/**
 * Gives what is wrong with a journal, each line citing an invariant by its number; empty: nothing that can be seen in
 * it. The journal is folded, and beside that its events are judged on their own, so that a fold that is too lenient
 * does not hide anything. Linear in events and edges.
 */
export function checkJournal(
  graph: PlanGraph,
  events: readonly RunEvent[],
  { natureOf, visit }: AuditOptions,
): readonly string[] {
  const [created] = events;
  if (created?.type !== "run-created") return ["J2: seq 1: a journal begins with run-created"];
  const run = createRun(compilePlan(graph, pinnedNatureOf(created.pins, natureOf), { hash: created.plan }), created);
  const audit = createAudit(run);
  for (let at = 1; at < events.length; at += 1) {
    const event = events[at];
    if (event === undefined) break;
    audit.seq = at + 1;
    checkEvent(audit, event);
    if (!fold(audit, event, visit)) return audit.violations;
  }
  checkUndoOrder(audit);
  checkEnd(audit);
  return audit.violations;
}

function fold(audit: Audit, event: RunEvent, visit: JournalVisitor | undefined): boolean {
  const { run } = audit;
  const nodeOf = (): string => ("node" in event ? (run.nodes[run.plan.index.get(event.node) ?? -1]?.tag ?? "") : "");
  const from = visit === undefined ? "" : nodeOf();
  const was = run.phase;
  try {
    evolve(run, event);
  } catch (error) {
    audit.violate("J2", error instanceof Error ? error.message : String(error));
    return false;
  }
  visit?.(event, { from, to: nodeOf(), was, phase: run.phase });
  return true;
}

/** E10: a run that is not at its end has something that will move it on. */
function checkEnd({ run, violate }: Audit): void {
  if (run.phase === "finished" || run.phase === "suspended") return;
  const { live, waits, attention, undoPlan } = run;
  const moves = live.size + waits.size + attention.size + (undoPlan?.open.size ?? 0);
  if (moves > 0 || run.timers.peek() !== undefined || run.ready.peek() !== undefined || run.open === 0) return;
  if (run.phase === "running") violate("E10", "nothing is out, nothing is due, nobody is waited for");
}
