import type { AnyAction } from "../../action/index.ts";
import { parsePlan, type PlanGraph } from "../../plan/index.ts";
import { graphOf } from "../../run/index.ts";

/** The plan that runs one action: a plan is its own, anything else is a plan of one step, with this as its input. */
export function toStepGraph({ name, definition }: AnyAction, input: string = "${input}"): PlanGraph {
  if (definition.tag === "plan") return graphOf(definition);
  return parsePlan({ name, nodes: { call: { uses: name, with: input } }, output: "${nodes.call.output}" });
}
