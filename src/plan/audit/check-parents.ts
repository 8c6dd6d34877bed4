import type { Edge } from "../compiled.ts";
import type { Audit, Trail } from "./state.ts";

/** E1, E7: a node starts when its parents have ended as its edges demand; a skipped value spreads. */
export function demandParents(audit: Audit, id: string): void {
  const { run, trails, violate } = audit;
  const compiled = run.plan.nodes[run.plan.index.get(id) ?? -1];
  if (compiled === undefined) return violate("E1", `${id} is not a node of the plan`);
  const { parents, losers } = compiled;
  if (parents.length === 0) return;
  const endingOf = ({ from }: Edge): Trail["ending"] => trails.get(run.plan.nodes[from]?.id ?? "")?.ending;
  if (losers !== undefined) {
    if (!parents.some((edge) => isWon(edge, endingOf(edge))))
      violate("E1", `no parent of the any-join ${id} has come first`);
    return;
  }
  for (const edge of parents) {
    const ending = endingOf(edge);
    const parent = run.plan.nodes[edge.from]?.id;
    if (ending === undefined) violate("E1", `${id} starts before its parent ${parent} has ended`);
    else if (!isMet(edge, ending)) violate("E1", `${id} starts though its parent ${parent} is ${ending}`);
  }
}

function isWon({ kind }: Edge, ending: Trail["ending"]): boolean {
  if (ending === undefined || kind === "read") return false;
  return kind === "ended" || ending === (kind === "failed" ? "failed" : "succeeded");
}

function isMet({ kind, isOptional }: Edge, ending: NonNullable<Trail["ending"]>): boolean {
  if (kind === "failed") return ending === "failed";
  return kind !== "data" || ending === "succeeded" || isOptional;
}
