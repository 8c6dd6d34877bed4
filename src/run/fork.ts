import { InputError, type NodeId } from "../base/index.ts";
import type { RunState } from "../plan/index.ts";
import { hostNewRun, type NewRun } from "./create-run.ts";
import type { Engine } from "./engine.ts";
import { record, timeFor, type Hosted } from "./hosted.ts";

/**
 * Begins a run with what another run has finished, except a node and all that depends on it: these go again, under
 * keys of the new run. Outputs are attached: an undo of the fork does not touch what the other run made.
 *
 * @throws {InputError} NODE_UNKNOWN
 */
export function hostFork(
  engine: Engine,
  { state: source, from }: { readonly state: RunState; readonly from: NodeId },
  fork: Pick<NewRun, "run" | "tags">,
): Hosted {
  if (source.ownsPlan || source.plan.graph.grows !== undefined)
    throw new InputError(
      "NOT_POSSIBLE",
      `Run ${source.run} grew its own plan: what came after ${from} was made for it.`,
    );
  const start = source.plan.index.get(from);
  if (start === undefined) throw new InputError("NODE_UNKNOWN", `Run ${source.run} has no node ${from}.`);
  const again = downstream(source, start);
  const { input } = source;
  const { graph } = source.plan;
  const hosted = hostNewRun(engine, { ...fork, graph, input, fork: { run: source.run, from } });
  for (const index of source.plan.order) {
    const node = source.nodes[index];
    const ours = hosted.state.nodes[index];
    if (node?.tag !== "succeeded" || ours?.tag !== "ready" || again.has(index)) continue;
    const origin = node.attached ?? { run: source.run, node: node.id };
    const at = timeFor(hosted);
    record(hosted, {
      type: "node-succeeded",
      at,
      node: node.id,
      attempt: 0,
      output: node.output,
      by: "fork",
      from: origin,
      ...(node.labels.length > 0 && { labels: node.labels }),
    });
  }
  return hosted;
}

function downstream(run: RunState, start: number): ReadonlySet<number> {
  const found = new Set([start]);
  for (const index of found) for (const { to } of run.plan.nodes[index]?.children ?? []) found.add(to);
  return found;
}
