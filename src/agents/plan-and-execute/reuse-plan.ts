import type { Action, AnyAction } from "../../action/index.ts";
import type { Json, JsonObject } from "../../base/index.ts";
import { parsePlan } from "../../plan/index.ts";

/** Under which name, with which tools and for which parameters a plan is used again. */
export interface Reuse {
  /** The actions that it uses. */
  readonly tools: readonly AnyAction[];
  /** JSON Schema of what each run is given. Two plans of one name with other parameters are two plans (`toPlanKey`). */
  readonly parameters: JsonObject;
}

/**
 * Makes an action of a plan that a planner wrote and that proved itself, such as the output `plan` of a run's node
 * `pawl_plan_1`. It is found again by its name and its parameters alone, never because two goals sound alike: what was
 * allowed for one may be wrong for the other.
 *
 * @throws {InputError} what `parsePlan` says.
 */
export function reusePlan<Input = Json, Output = Json>(
  name: string,
  plan: unknown,
  { tools, parameters }: Reuse,
): Action<Input, Output> {
  const graph: JsonObject = JSON.parse(JSON.stringify({ ...parsePlan(plan), name, input: parameters }));
  return { name, version: 1, definition: { tag: "plan", graph, uses: tools } };
}
