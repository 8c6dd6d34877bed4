import { canonicalJson, DefectError, sha256, type Hash, type Json } from "../base/index.ts";
import type { PlanGraph } from "./graph.ts";
import { tableOf } from "./node-table.ts";
import type { PlanPatch } from "./patch.ts";

/** Gives revision 0 of a plan: SHA-256 of its normal form (as `parsePlan` gives it) as canonical JSON (RFC 8785). */
export function planHash(graph: PlanGraph): Hash {
  return sha256(canonicalPlan(graph));
}

/** The canonical JSON of a plan. Its nodes are listed already: in a large plan listing them again costs most. */
function canonicalPlan({ nodes, ...rest }: PlanGraph): string {
  const { ids } = tableOf({ nodes, ...rest });
  const steps = ids.toSorted().map((id) => `${JSON.stringify(id)}:${canonical(nodes[id])}`);
  const fields = Object.entries(rest).map(([name, value]): [string, string] => [name, canonical(value)]);
  const parts: readonly [string, string][] = [...fields, ["nodes", `{${steps.join(",")}}`]];
  const sorted = parts.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${sorted.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
}

/** Gives the revision that a patch makes of the one before: SHA-256 of `{ patch, previous }` as canonical JSON. */
export function revise(previous: Hash, patch: PlanPatch): Hash {
  return sha256(canonical({ patch, previous }));
}

/** Plans and patches are JSON by their making; their types only lack the index signature that would say so. */
function canonical(value: unknown): string {
  return canonicalJson(checkedJson(value));
}

function checkedJson(value: unknown): Json {
  if (isJson(value)) return value;
  throw new DefectError(
    "NOT_A_PLAN",
    "Expected a plan or patch as JSON, got something else. Check it with parsePlan or parsePatch first.",
  );
}

function isJson(value: unknown): value is Json {
  return value !== undefined && typeof value !== "function";
}
