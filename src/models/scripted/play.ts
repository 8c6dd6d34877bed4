import type { ModelContext, ModelReply, ModelRequest, Price } from "../port.ts";
import { checkRequest } from "../reply/check-request.ts";
import { createReplyBuilder, type ReplyBuilder } from "../reply/reply-builder.ts";
import { createToolNames } from "../reply/tool-names.ts";
import { REPLY_LIMITS } from "../wire/limits.ts";
import { pause } from "../wire/pause.ts";
import { toStopped, toSubject } from "../wire/stopped.ts";
import { hang, toCutFailure, toNamedFailure, type Fault } from "./fault.ts";
import type { ScriptedReply } from "./scripted-model.ts";

/** Where a reply is played. */
export interface Stage {
  readonly name: string;
  readonly price: Price | undefined;
  readonly request: ModelRequest;
  readonly context: ModelContext;
}

/** A reply with the fault that is due. */
export type Play = Omit<Exclude<ScriptedReply, string>, "fault"> & { readonly fault: Fault | undefined };

/** Plays a scripted reply: its pauses, its pieces, its fault. */
export async function play(reply: Play, stage: Stage): Promise<ModelReply> {
  const { name, price, request, context } = stage;
  const { fault } = reply;
  checkRequest(request);
  await wait(reply.delayMs, stage);
  if (fault !== undefined && fault.type !== "cut") return await fail(fault, stage);

  const names = createToolNames(request.tools ?? []);
  const { onDelta } = context;
  const builder = createReplyBuilder({
    request,
    subject: toSubject(name),
    price,
    names,
    limits: REPLY_LIMITS,
    onDelta,
  });
  builder.addReasoning(reply.reasoning ?? "");
  const steps = toSteps(reply, builder);
  for (const step of steps.slice(0, fault?.afterPieces)) {
    step();
    if (reply.pieceMs !== undefined) await wait(reply.pieceMs, stage);
  }
  if (fault !== undefined) throw toCutFailure(name);
  builder.setFinish(reply.finish ?? "stop");
  if (reply.usage !== undefined) builder.setUsage(reply.usage);
  return builder.finish();
}

/** The pieces in which a reply comes: words, then calls. */
function toSteps({ text = "", calls = [] }: Play, builder: ReplyBuilder): readonly (() => void)[] {
  const words = text.match(/\S+\s*|\s+/gu) ?? [];
  return [
    ...words.map((word) => () => builder.addText(word)),
    ...calls.map(({ id, tool, input = {}, invalid }, slot) => {
      const piece = { slot, id, name: tool, text: invalid ?? JSON.stringify(input) };
      return () => builder.addCall(piece);
    }),
  ];
}

async function wait(ms: number | undefined, { name, context: { signal } }: Stage): Promise<void> {
  const isWhole = ms === undefined ? !signal.aborted : await pause(ms, signal);
  if (!isWhole) throw toStopped(toSubject(name), signal.reason);
}

async function fail(fault: Exclude<Fault, { readonly type: "cut" }>, { name, context }: Stage): Promise<never> {
  if (fault.type === "hang") return await hang(context.signal, name);
  throw fault.type === "fail" ? toNamedFailure(fault.as, name, fault.retryAfterMs) : fault.error;
}
