import type { GrowingRun, GrownNode, Growth } from "../action/index.ts";
import { InputError } from "../base/index.ts";
import { hasNotStarted, parsePatch, type NodeState, type RunEvent, type RunState } from "../plan/index.ts";
import { record, timeFor, type Hosted } from "./hosted.ts";
import { toPatched } from "./patch-run.ts";

/*
 * An agent is a plan that grows.
 *
 * 1. Whoever makes it grow is asked when something has happened and nothing else is to be decided, in the same turn:
 *    what it adds shares a commit with the outcome that made it think, and with the starts that follow.
 * 2. Its answer is in the journal. After a crash it is asked about what came after, never again about what came before.
 * 3. An answer that can't be carried out suspends the run, with the reason; it changes nothing.
 */

/** Lets the plan of a run grow. True: something was recorded. */
export function grow(hosted: Hosted): boolean {
  const { state, engine } = hosted;
  const { grows } = state.plan.graph;
  if (grows === undefined || state.phase !== "running" || hosted.askedAt === state.seq) return false;
  hosted.askedAt = state.seq;
  const grower = engine.registry.growerOf(grows);
  if (grower === undefined) return suspend(hosted, `no agent is registered as "${grows}"`);
  try {
    const growth = grower(viewOf(hosted));
    if (growth === undefined) return false;
    record(hosted, toEvent(hosted, growth, grows));
    return true;
  } catch (error) {
    return suspend(hosted, error instanceof Error ? error.message : String(error));
  }
}

function suspend(hosted: Hosted, why: string): true {
  record(hosted, { type: "run-suspended", at: timeFor(hosted), reason: `GROWTH_FAILED: ${why}`, details: null });
  return true;
}

function toEvent(hosted: Hosted, growth: Growth, by: string): RunEvent {
  const at = timeFor(hosted);
  if ("rollback" in growth) return { type: "rollback-decided", at, why: growth.rollback, by };
  if ("fail" in growth) return { type: "fail-decided", at, why: growth.fail };
  if (growth.patch.length === 0)
    throw new InputError("PATCH_REFUSED", "An empty patch would be asked for again and again.");
  return toPatched(hosted, { patch: parsePatch(growth.patch), by });
}

function viewOf({ state, engine }: Hosted): GrowingRun {
  const used = (counter: string): number => state.used.counters.get(counter) ?? 0;
  return {
    run: state.run,
    input: state.input,
    labels: state.labels,
    createdAt: state.createdAt,
    now: engine.now(),
    output: state.plan.graph.output ?? null,
    get ids() {
      return state.nodes.map(({ id }) => id);
    },
    node: (id) => {
      const node = state.nodes[state.plan.index.get(id) ?? -1];
      return node === undefined ? undefined : toGrown(state, node);
    },
    used,
    left: (counter) => limitOn(state, counter) - used(counter),
    attempts: state.used.attempts,
  };
}

function limitOn(state: RunState, counter: string): number {
  return Math.min(state.plan.graph.budget?.counters?.[counter] ?? Infinity, state.limits[counter] ?? Infinity);
}

function toGrown(state: RunState, node: NodeState): GrownNode {
  const { uses = "", with: template = null } = state.plan.nodes[node.index]?.node ?? {};
  const { output, error, labels } = node;
  return { uses, with: template, state: stateOf(node), hasStarted: !hasNotStarted(node), output, error, labels };
}

/** A failure that is observed, or that a plan skips, is a failure all the same. */
function stateOf({ ended, strategy, tag }: NodeState): GrownNode["state"] {
  if (ended === undefined) return strategy === "replan" ? "replan" : "open";
  if (ended === "skipped") return "skipped";
  return tag === "failed" || tag === "unknown" ? "failed" : "succeeded";
}
