export { defineAgent, type AgentOutput, type Goal } from "./agent.ts";
export { AutoGPT, type AutoGptOptions } from "./auto-gpt.ts";
export { askPerson } from "./ask-person.ts";
export type { AgentBudget, AgentOptions, LanguageModel, ModelLike, OnBudget } from "./options.ts";
