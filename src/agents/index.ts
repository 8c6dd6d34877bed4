export { defineAgent, type AgentOutput, type Goal } from "./agent.ts";
export { AutoGPT, type AutoGptOptions } from "./auto-gpt.ts";
export { askPerson } from "./ask-person.ts";
export {
  describePlan,
  estimateCost,
  toPlanKey,
  type Bounds,
  type NodeUse,
  type PlanEstimate,
  type PlanLimits,
} from "./planner/index.ts";
export { reusePlan, type Reuse } from "./plan-and-execute/reuse-plan.ts";
export { PlanAndExecute, type PlannedOutput } from "./plan-and-execute/plan-and-execute.ts";
export type { PlanAndExecuteOptions } from "./plan-and-execute/options.ts";
export type { AgentBudget, AgentOptions, LanguageModel, ModelLike, OnBudget } from "./options.ts";
export { debate, type DebateOptions } from "./teams/debate.ts";
export { handOff, type HandOffMember, type HandOffOptions, type HandOffOutput } from "./teams/hand-off.ts";
export { mapReduce, type Items, type MapReduceOptions } from "./teams/map-reduce.ts";
export { supervisor, type SupervisorOptions } from "./teams/supervisor.ts";
export type { TeamOptions } from "./teams/team.ts";
