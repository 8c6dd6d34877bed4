import { join } from "node:path";

/** Node -> its parents: three branches that cross and meet again. */
export const PARENTS: Readonly<Record<string, readonly string[]>> = {
  a: [],
  b: ["a"],
  c: ["a"],
  d: ["a"],
  e: ["b"],
  f: ["b", "c"],
  g: ["d"],
  h: ["e", "f"],
  i: ["f", "g"],
  j: ["g"],
  k: ["h", "i"],
  l: ["k", "j"],
};

/** A plan of real commands, and about how long its journal becomes when nobody disturbs it. */
export interface KillPlan {
  readonly name: "forward" | "rollback";
  readonly graph: object;
  readonly events: number;
  /** The exit code that `pawl run` ends with. */
  readonly exitCode: number;
  readonly tag: "succeeded" | "rolled-back";
}

/** The plan that goes through, or the one that fails at its very end and takes everything back. */
export function makePlan(name: KillPlan["name"], witness: string): KillPlan {
  const act = (...args: string[]): readonly string[] => ["sh", join(import.meta.dirname, "act.sh"), witness, ...args];
  const node = (parents: readonly string[], command: readonly string[]): object => ({
    uses: "process",
    with: { command },
    effect: { repeat: "keyed", undo: { command: act() } },
    ...(parents.length > 0 && { after: parents }),
  });
  const nodes = Object.fromEntries(Object.entries(PARENTS).map(([id, parents]) => [id, node(parents, act())]));
  const count = Object.keys(nodes).length;
  if (name === "forward") {
    return { name, graph: { name, nodes }, events: 2 * count + 2, exitCode: 0, tag: "succeeded" };
  }
  // It has no effect, or a kill while it is out would leave a doubt that only a person can settle.
  const bad = { ...node(["l"], act("65")), effect: { repeat: "safe", undo: "not-needed" } };
  const failing = { ...nodes, bad };
  return { name, graph: { name, nodes: failing }, events: 4 * count + 5, exitCode: 1, tag: "rolled-back" };
}
