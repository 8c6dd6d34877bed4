import type { AnyAction } from "../action/index.ts";
import { httpAction } from "./http/http-action.ts";
import { processAction } from "./process/process-action.ts";

export type { AiTool, AiToolCall, AiToolNature } from "./ai-sdk/ai-tool.ts";
export { fromAiTool, toolsFromAiSdk } from "./ai-sdk/from-ai-tool.ts";
export { codeTool, type CodeInput } from "./code/code-tool.ts";
export type { CodeOptions } from "./code/options.ts";
export type { CodeOutput } from "./code/outcome.ts";
export { fileTools, type FileToolsOptions } from "./files/file-tools.ts";
export { createFileGateway, type FileEntry, type FileGateway, type FileLimits } from "./files/gateway.ts";
export { httpAction } from "./http/http-action.ts";
export { connectMcp, type McpConnection } from "./mcp/connect.ts";
export { checkToolNames } from "./mcp/names.ts";
export type {
  McpAddress,
  McpChange,
  McpNature,
  McpOptions,
  McpOutputOptions,
  McpProgram,
  McpRefusal,
  McpRefusalCode,
  McpTarget,
} from "./mcp/options.ts";
export type { Pins } from "./mcp/pins.ts";
export { serveMcp } from "./mcp/serve.ts";
export type { McpPipes, McpPlace, McpPort, McpService, McpServing, ServedCall, ServedTool } from "./mcp/served.ts";
export { fetchTool, type FetchInput, type FetchOptions, type FetchOutput } from "./net/fetch-tool.ts";
export { createNetGateway, type NetGateway, type NetRequest } from "./net/gateway.ts";
export type { NetLimits, NetPolicy } from "./net/policy.ts";
export { toFetch, type FetchFunction } from "./net/to-fetch.ts";
export { defineProcess, type Command, type ProcessDefinition } from "./process/define-process.ts";
export type { OutputForm, ProcessSettings } from "./process/options.ts";
export { processAction } from "./process/process-action.ts";
export type { ShellLimits, ShellOptions } from "./shell/options.ts";
export type { ShellOutput } from "./shell/run-boxed.ts";
export { shellTool, type ShellInput } from "./shell/shell-tool.ts";

/** The actions that every plan file can use without registering them. `ask`, `wait` and `plan` are part of the core. */
export const builtInTools: readonly AnyAction[] = [processAction, httpAction];
