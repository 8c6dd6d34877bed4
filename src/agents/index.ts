export { defineAgent, type AgentOutput, type Goal } from "./agent.ts";
export { AutoGPT, type AutoGptOptions } from "./auto-gpt.ts";
export { askPerson } from "./ask-person.ts";
export { PlanAndExecute, type PlannedOutput } from "./plan-and-execute/plan-and-execute.ts";
export type { PlanAndExecuteOptions } from "./plan-and-execute/options.ts";
export type { AgentBudget, AgentOptions, LanguageModel, ModelLike, OnBudget } from "./options.ts";
