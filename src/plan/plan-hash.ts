import { canonicalJson, DefectError, isJsonObject, sha256, type Hash } from "../base/index.ts";
import type { PlanGraph } from "./graph.ts";
import type { PlanPatch } from "./patch.ts";

/** Gives revision 0 of a plan: SHA-256 of its normal form (as `parsePlan` gives it) as canonical JSON (RFC 8785). */
export function planHash(graph: PlanGraph): Hash {
  return hashOf(graph);
}

/** Gives the revision that a patch makes of the one before: SHA-256 of `{ patch, previous }` as canonical JSON. */
export function revise(previous: Hash, patch: PlanPatch): Hash {
  return hashOf({ patch, previous });
}

/** Plans and patches are JSON by their making; their types only lack the index signature that would say so. */
function hashOf(value: object): Hash {
  if (isJsonObject(value)) return sha256(canonicalJson(value));
  throw new DefectError(
    "NOT_A_PLAN",
    "Expected a plan or patch as an object, got a list. Check it with parsePlan first.",
  );
}
