export type {
  Delta,
  Embedder,
  FinishReason,
  Message,
  Model,
  ModelContext,
  ModelReply,
  ModelRequest,
  Price,
  ToolCall,
  ToolSpec,
  Usage,
} from "./port.ts";
export { estimateMostOfRequest, estimateRequest, estimateTokens } from "./price/estimate.ts";
export { findPrice, PRICES_AS_OF, type KnownModel } from "./price/prices.ts";
export { toMicroUsd } from "./price/to-micro-usd.ts";
export { worstCase, worstCaseCost, type WorstCase } from "./price/worst-case.ts";
export { recordedModel, type RecordedOptions } from "./recorded/recorded-model.ts";
export type { Environment } from "./resolve/providers.ts";
export { resolveModel, type ResolveOptions } from "./resolve/resolve-model.ts";
export type { FailureName, Fault } from "./scripted/fault.ts";
export {
  scriptedModel,
  type Script,
  type ScriptedModel,
  type ScriptedOptions,
  type ScriptedReply,
} from "./scripted/scripted-model.ts";
export type { HttpFault } from "./serve/http-fault.ts";
export { serveModel, type ModelServer, type ServedCall, type ServeOptions } from "./serve/serve-model.ts";
export type { Fetch } from "./wire/endpoint.ts";
export type { ReplyLimits } from "./wire/limits.ts";
