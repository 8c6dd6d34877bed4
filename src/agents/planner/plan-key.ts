import { canonicalJson, sha256, type JsonSchema } from "../../base/index.ts";

/**
 * The key by which a plan is found again: its name and the schema of its parameters, exactly. Two goals that sound alike share no
 * plan: what was approved for one may be wrong for the other.
 */
export function toPlanKey(name: string, inputSchema: JsonSchema): string {
  return `plan:${name}:${sha256(canonicalJson(inputSchema))}`;
}
