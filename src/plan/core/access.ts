import { DefectError, type WaitId } from "../../base/index.ts";
import type { CompiledNode } from "../compiled.ts";
import type { RunEvent } from "../event.ts";
import type { NodeState, OpenWait, RunState } from "./state.ts";

/** Gives a node by number; the number comes from the plan itself, so a miss is our bug. */
export function nodeAt(run: RunState, index: number): NodeState {
  const node = run.nodes[index];
  if (node === undefined) throw new DefectError("ILLEGAL_EVENT", `Run ${run.run} has no node number ${index}.`);
  return node;
}

/** Gives the compiled form of a node by number. */
export function compiledAt(run: RunState, index: number): CompiledNode {
  const node = run.plan.nodes[index];
  if (node === undefined)
    throw new DefectError("ILLEGAL_EVENT", `The plan of run ${run.run} has no node number ${index}.`);
  return node;
}

/** Gives the node that an event names. */
export function nodeOf(run: RunState, event: RunEvent & { readonly node: string }): NodeState {
  const index = run.plan.index.get(event.node);
  if (index === undefined) return refuse(run, event, `the plan has no node ${event.node}`);
  return nodeAt(run, index);
}

/** Gives an open wait, or refuses the event that closes it. */
export function openWait(run: RunState, event: RunEvent & { readonly wait: WaitId }): OpenWait {
  const wait = run.waits.get(event.wait);
  return wait ?? refuse(run, event, `the wait ${event.wait} is not open`);
}

/** The event can't follow the state: the journal is damaged, or we have a bug. */
export function refuse(run: RunState, event: RunEvent, why: string): never {
  throw new DefectError(
    "ILLEGAL_EVENT",
    `Event ${run.seq + 1} (${event.type}) of run ${run.run} can't follow its state: ${why}.`,
  );
}

/** Refuses the event unless the node is in one of the states. */
export function demand(run: RunState, event: RunEvent, { node, is }: Demand): void {
  if (!is.includes(node.tag)) refuse(run, event, `node ${node.id} is ${node.tag}, not ${is.join(" or ")}`);
}

/** A node, and the states in which an event about it makes sense. */
export interface Demand {
  readonly node: NodeState;
  readonly is: readonly NodeState["tag"][];
}
