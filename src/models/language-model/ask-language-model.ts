import type {
  LanguageModelV3,
  LanguageModelV4,
  LanguageModelV4FinishReason,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import type { ModelContext, ModelReply, ModelRequest, Price, Usage } from "../port.ts";
import { checkRequest } from "../reply/check-request.ts";
import { createReplyBuilder, type ReplyBuilder } from "../reply/reply-builder.ts";
import { createToolNames } from "../reply/tool-names.ts";
import { toCut } from "../wire/failures.ts";
import { REPLY_LIMITS } from "../wire/limits.ts";
import { raceStop } from "../wire/race-stop.ts";
import { toStopped, type Subject } from "../wire/stopped.ts";
import { toCallOptions, type CallOptions } from "./to-call-options.ts";
import { toModelFailure } from "./to-model-failure.ts";

/** A model of the AI SDK, and what is known of it. */
export interface SdkModel {
  readonly model: AnyModel;
  readonly subject: Subject;
  readonly price: Price | undefined;
}

/** Asks a model of the AI SDK: streamed where someone watches, else for the whole. */
export async function askLanguageModel(
  { model, subject, price }: SdkModel,
  request: ModelRequest,
  context: ModelContext,
): Promise<ModelReply> {
  checkRequest(request);
  const { signal, onDelta } = context;
  const names = createToolNames(request.tools ?? []);
  const builder = createReplyBuilder({ request, subject, price, names, limits: REPLY_LIMITS, onDelta });
  const asked = toCallOptions(request, context, names);
  if (signal.aborted) throw toStopped(subject, signal.reason);
  try {
    await (onDelta === undefined ? readWhole(model, asked, builder) : readStream(model, asked, builder));
  } catch (error) {
    throw toModelFailure(error, subject, signal);
  }
  if (!builder.isFinished()) throw toCut(subject);
  return builder.finish();
}

type AnyModel = LanguageModelV4 | LanguageModelV3;
type Generated = Awaited<ReturnType<AnyModel["doGenerate"]>>;
type Opened = Awaited<ReturnType<AnyModel["doStream"]>>;
type Part = Streamed<Opened["stream"]>;
type Read = { readonly done: false; readonly value: Part } | { readonly done: true; readonly value?: Part | undefined };
type Streamed<Stream> = Stream extends ReadableStream<infer Item> ? Item : never;

async function readWhole(model: AnyModel, asked: CallOptions, builder: ReplyBuilder): Promise<void> {
  const { content, finishReason, usage } = await stoppable<Generated>(model.doGenerate(asked), asked.abortSignal);
  for (const part of content) {
    if (part.type === "text") builder.addText(part.text);
    if (part.type === "reasoning") builder.addReasoning(part.text);
    if (part.type === "tool-call") addCall(part, builder, false);
  }
  finish(finishReason, usage, builder);
}

async function readStream(model: AnyModel, asked: CallOptions, builder: ReplyBuilder): Promise<void> {
  const { stream } = await stoppable<Opened>(model.doStream(asked), asked.abortSignal);
  const reader = stream.getReader();
  const begun = new Set<string>();
  try {
    for (;;) {
      const { done, value } = await stoppable<Read>(reader.read(), asked.abortSignal);
      if (done) return;
      readPart(value, builder, begun);
    }
  } finally {
    // Whatever ended it: nothing more is wanted, and nobody waits for the provider to agree.
    reader.cancel().catch(() => undefined);
  }
}

function readPart(part: Part, builder: ReplyBuilder, begun: Set<string>): void {
  switch (part.type) {
    case "text-delta":
      return builder.addText(part.delta);
    case "reasoning-delta":
      return builder.addReasoning(part.delta);
    case "tool-input-start":
      if (part.providerExecuted === true) return;
      begun.add(part.id);
      return builder.addCall({ slot: part.id, id: part.id, name: part.toolName });
    case "tool-input-delta":
      return begun.has(part.id) ? builder.addCall({ slot: part.id, text: part.delta }) : undefined;
    case "tool-call":
      return addCall(part, builder, begun.has(part.toolCallId));
    case "finish":
      return finish(part.finishReason, part.usage, builder);
    case "error":
      throw part.error;
    default:
      return undefined;
  }
}

/** `isBegun`: its input has come in pieces before. */
function addCall(call: LanguageModelV4ToolCall, builder: ReplyBuilder, isBegun: boolean): void {
  if (call.providerExecuted === true || isBegun) return;
  builder.addCall({ slot: call.toolCallId, id: call.toolCallId, name: call.toolName, text: call.input });
}

function finish(reason: LanguageModelV4FinishReason, usage: LanguageModelV4Usage, builder: ReplyBuilder): void {
  builder.setFinish(reason.unified === "interrupted" ? "other" : reason.unified);
  const told = toUsage(usage);
  if (told !== undefined) builder.setUsage(told);
}

function toUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage | undefined {
  const { total: input, cacheRead } = inputTokens;
  const { total: output, reasoning } = outputTokens;
  if (input === undefined || output === undefined) return undefined;
  return {
    input,
    output,
    ...(cacheRead !== undefined && { cachedInput: Math.min(cacheRead, input) }),
    ...(reasoning !== undefined && { reasoning: Math.min(reasoning, output) }),
  };
}

/** Some providers don't listen to the signal. */
async function stoppable<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  const raced = await raceStop(work, signal);
  if (raced.isStopped) throw new Error("stopped");
  return raced.value;
}
