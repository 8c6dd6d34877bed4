import { sha256, type Hash } from "../base/index.ts";
import type { NodeState, RunState } from "../plan/index.ts";

/** The idempotency key of a node whose action has no identity: H(run, node, generation) (E6). */
export function keyOfNode(run: RunState, node: NodeState): Hash {
  return sha256(`node\n${run.run}\n${node.id}\n${node.generation}`);
}

/** What the ledger knows an effect by: H(tenant, action, identity), the same in every run of a state folder. */
export function effectHash(tenant: string, action: string, identity: string): Hash {
  return sha256(`effect\n${tenant}\n${action}\n${identity}`);
}

/** The idempotency key of an effect that has an identity: a new one after each undo. */
export function keyOfEffect(effect: Hash, generation: number): Hash {
  return sha256(`key\n${effect}\n${generation}`);
}

/** An undo has a key of its own (E6). */
export function keyOfUndo(key: string): Hash {
  return sha256(`undo\n${key}`);
}
