import { toLabels, type AttemptContext, type Label, type ReadNode } from "../action/index.ts";
import { bindInput, inputLabels, type Counters, type NodeState, type RunState } from "../plan/index.ts";
import type { Hosted } from "./hosted.ts";

/** What an attempt may learn and say beside its input and its outcome. */
export interface News {
  readonly context: Pick<AttemptContext<unknown>, "labels" | "label" | "emit" | "used" | "read">;
  /** What it has said so far, for the journal. */
  readonly attested: () => { readonly labels?: readonly Label[]; readonly used?: Counters };
}

/** Makes the ear and the mouth of an attempt of a node. */
export function createNews({ state, engine }: Hosted, node: NodeState): News {
  const named = new Set<Label>();
  let used: Counters | undefined;
  return {
    context: {
      labels: inputLabels(state, node),
      label: (...labels) => labels.forEach((label) => named.add(label)),
      emit: (piece) => engine.onPiece?.({ run: state.run, node: node.id, piece }),
      used: (counters) => {
        used = { ...used, ...counters };
      },
      read: createLookup(state, node),
    },
    attested: () => ({
      ...(named.size > 0 && { labels: toLabels(named) }),
      ...(used !== undefined && { used }),
    }),
  };
}

/** Shows the nodes that a node reads, and those that these read: no more than whose labels it has. */
function createLookup(state: RunState, node: NodeState): (id: string) => ReadNode | undefined {
  const readsOf = (index: number): readonly string[] => state.plan.nodes[index]?.node.reads ?? [];
  const mayRead = new Set(readsOf(node.index));
  return (id) => {
    const other = mayRead.has(id) ? state.nodes[state.plan.index.get(id) ?? -1] : undefined;
    if (other === undefined) return undefined;
    const shown = shownNodes.get(other) ?? show(state, other, readsOf(other.index));
    for (const further of shown.reads) mayRead.add(further);
    return shown;
  };
}

/** What has ended never changes: whoever looks back step by step finds it as it was shown before. */
const shownNodes = new WeakMap<NodeState, ReadNode>();

function show(state: RunState, node: NodeState, reads: readonly string[]): ReadNode {
  const uses = state.plan.nodes[node.index]?.node.uses ?? "";
  const shown = { uses, input: inputOf(state, node), reads, outcome: outcomeOf(node) };
  if (node.ended !== undefined) shownNodes.set(node, shown);
  return shown;
}

function inputOf(state: RunState, node: NodeState): ReadNode["input"] {
  try {
    return bindInput(state, node);
  } catch {
    return null; // it never got as far as having one
  }
}

function outcomeOf({ ended, error, output, tag }: NodeState): ReadNode["outcome"] {
  if (error !== undefined && tag !== "succeeded") return { tag: "failed", code: error.code, message: error.message };
  return ended === "succeeded" ? { tag: "succeeded", output } : { tag: "skipped" };
}
