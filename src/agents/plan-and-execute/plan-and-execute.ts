import type { Action, GrowingRun } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import { GOAL, type AgentOutput, type Goal } from "../agent.ts";
import { countersOf } from "../loop/after-budget.ts";
import { factsOf, toModels } from "../model-like.ts";
import { demandOwnNames } from "../tools/index.ts";
import type { Execution } from "./execution.ts";
import { growPlanned } from "./grow-plan.ts";
import type { PlanAndExecuteOptions } from "./options.ts";
import { defineChangeStep, definePlanStep, type Planner } from "./plan-actions.ts";

/** What a planner gives: the output of its plan, and a report. */
export interface PlannedOutput<Answer> extends AgentOutput<Answer> {
  /** Changes of the plan while it ran. */
  readonly revisions: number;
}

/**
 * Gives a planner that carries out its plans: the model writes a plan with only these tools, which is checked, corrected
 * with the checker's own words, priced, and shown for approval if asked; then it runs with its exception strategies. What
 * fails is planned anew by changes of the running plan, within limits; when that gives no way, all is taken back.
 *
 * @throws {InputError} TOOL_NAME_TAKEN
 */
export function PlanAndExecute<Input = Goal, Answer = unknown>(
  name: string,
  options: PlanAndExecuteOptions,
): Action<Input, PlannedOutput<Answer>> {
  const { tools, description, version = 1, input, budget } = options;
  demandOwnNames(tools);
  const planner: Planner = { name, options, modelAt: toModels(options.model) };
  const execution: Execution = {
    name,
    options,
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    price: factsOf(options.model)[0]?.price,
  };
  const graph: JsonObject = {
    name,
    input: input ?? GOAL,
    nodes: {},
    grows: name,
    budget: { counters: countersOf(budget) },
  };
  return {
    name,
    version,
    ...(description !== undefined && { description }),
    definition: {
      tag: "plan",
      graph,
      uses: [definePlanStep(planner), defineChangeStep(planner), ...tools],
      grow: (run: GrowingRun) => growPlanned(execution, run),
    },
  };
}
