import type { Action, AnyAction, GrowingRun, Growth } from "../../action/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import { isOpen, toEnd, toPart, toTeam, type TeamOptions } from "./team.ts";

/** What is done with each item, and with all that came of it. */
export interface MapReduceOptions extends TeamOptions {
  /** Takes `{ goal, item }`. */
  readonly map: AnyAction;
  /** Takes `{ goal, results }`; a result that failed is `{ error }`. Absent: the results are the output. */
  readonly reduce?: AnyAction;
  /** Items at most. Default 1,000. */
  readonly most?: number;
}

/** Input of a map-reduce: what it is for, and the items. */
export interface Items {
  readonly goal: string;
  readonly items: readonly Json[];
}

const INPUT: JsonObject = {
  type: "object",
  properties: { goal: { type: "string" }, items: { type: "array" } },
  required: ["goal", "items"],
  additionalProperties: false,
};

/**
 * Gives a map-reduce: one node for each item of the input, as many side by side as the executor lets run, then one that puts
 * together what came of them.
 */
export function mapReduce<Output = unknown>(name: string, options: MapReduceOptions): Action<Items, Output> {
  const { map, reduce, budget, most = 1_000 } = options;
  const grow = (run: GrowingRun): Growth | undefined => {
    const count = countItems(run.input);
    if (count > most) return { fail: `${count} items were given, at most ${most} are taken` };
    const ids = Array.from({ length: count }, (_, at) => `m${at}`);
    if (count > 0 && run.node("m0") === undefined)
      return { patch: ids.map((id, at) => toItem(run, options, { id, at, count })) };
    if (ids.some((id) => isOpen(run, id)) || isOpen(run, "reduce")) return undefined;
    const results = ids.map((id) => `\${nodes.${id}.output}`);
    if (reduce === undefined) return { patch: [{ op: "set-output", output: results }, { op: "stop-growing" }] };
    if (run.node("reduce") !== undefined) return toEnd(run, "reduce");
    return { patch: [toPart(run, { id: "reduce", member: reduce, with: { goal: "${input.goal}", results }, budget })] };
  };
  const members = reduce === undefined || reduce === map ? [map] : [map, reduce];
  return toTeam(name, { input: INPUT, ...options, members, grow });
}

function countItems(input: Json): number {
  const items = isJsonObject(input) ? input["items"] : undefined;
  return Array.isArray(items) ? items.length : 0;
}

function toItem(
  run: GrowingRun,
  { map, budget }: MapReduceOptions,
  { id, at, count }: { readonly id: string; readonly at: number; readonly count: number },
): JsonObject {
  return toPart(run, {
    id,
    member: map,
    with: { goal: "${input.goal}", item: `\${input.items[${at}]}` },
    budget,
    share: count + 1,
  });
}
