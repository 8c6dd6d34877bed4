import type { AnyAction } from "../action/index.ts";
import { httpAction } from "./http/http-action.ts";
import { processAction } from "./process/process-action.ts";

export type { AiTool, AiToolCall, AiToolNature } from "./ai-sdk/ai-tool.ts";
export { fromAiTool, toolsFromAiSdk } from "./ai-sdk/from-ai-tool.ts";
export { httpAction } from "./http/http-action.ts";
export { defineProcess, type Command, type ProcessDefinition } from "./process/define-process.ts";
export type { OutputForm, ProcessSettings } from "./process/options.ts";
export { processAction } from "./process/process-action.ts";

/** The actions that every plan file can use without registering them. `ask`, `wait` and `plan` are part of the core. */
export const builtInTools: readonly AnyAction[] = [processAction, httpAction];
