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
