export { createRateLimiter, type RateLimiter, type RateLimits } from "./combine/rate-limiter.ts";
export { withFallback } from "./combine/with-fallback.ts";
export { withRateLimit } from "./combine/with-rate-limit.ts";
export { resolveEmbedder, type EmbedderOptions } from "./embed/resolve-embedder.ts";
export { fromLanguageModel, type LanguageModelOptions } from "./language-model/from-language-model.ts";
export { findJson, type FoundJson } from "./output/find-json.ts";
export { readOutput, toRepairRequest, type Output } from "./output/read-output.ts";
export { withRepair, type SchemaReader } from "./output/with-repair.ts";
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
export { listModels, type ListOptions, type ProviderListing } from "./resolve/list-models.ts";
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
