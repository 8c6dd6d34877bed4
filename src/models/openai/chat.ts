import type { ModelContext, ModelReply, ModelRequest, Price } from "../port.ts";
import { checkRequest } from "../reply/check-request.ts";
import { createReplyBuilder, type ReplyBuilder } from "../reply/reply-builder.ts";
import { createToolNames } from "../reply/tool-names.ts";
import type { Endpoint } from "../wire/endpoint.ts";
import { exchange, type WireAnswer } from "../wire/exchange.ts";
import { toCut, toInvalid } from "../wire/failures.ts";
import type { ReplyLimits } from "../wire/limits.ts";
import { parseObject } from "../wire/parse-object.ts";
import { decode, readText } from "../wire/read-body.ts";
import { readEvents } from "../wire/read-events.ts";
import { createCallSlots, readChunk } from "./read-chunk.ts";
import { toBody } from "./to-body.ts";

/** A model behind a wire. */
export interface WireModel {
  readonly endpoint: Endpoint;
  readonly price: Price | undefined;
  readonly limits: ReplyLimits;
}

/**
 * Asks a model over OpenAI's chat completions, which most servers speak. Always streamed, so that silence can be told
 * from work; a server that answers with one JSON object is understood as well.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export async function chat(model: WireModel, request: ModelRequest, context: ModelContext): Promise<ModelReply> {
  checkRequest(request);
  const { endpoint, price, limits } = model;
  const names = createToolNames(request.tools ?? []);
  const { signal, onDelta, key } = context;
  const body = JSON.stringify(toBody(request, endpoint, names));
  const headers = key === undefined ? {} : { "idempotency-key": key };
  return exchange({ endpoint, path: "/chat/completions", body, headers, signal, limits }, async (answer) => {
    const builder = createReplyBuilder({ request, subject: endpoint, price, names, limits, onDelta });
    await (answer.isStream ? readStream(answer, model, builder) : readWhole(answer, model, builder));
    return builder.finish();
  });
}

async function readStream({ body }: WireAnswer, { endpoint, limits }: WireModel, builder: ReplyBuilder): Promise<void> {
  const slots = createCallSlots();
  let isDone = false;
  try {
    for await (const { data } of readEvents(decode(body, limits.maxBytes, endpoint))) {
      isDone = data.trim() === "[DONE]";
      // What a server sends after the end isn't waited for.
      if (isDone) break;
      readChunk(parseObject(data, endpoint), builder, slots);
    }
  } catch (error) {
    // Only the usage was still to come: the reply is whole, and paid for.
    if (!builder.isFinished() || !isNetworkError(error)) throw error;
  }
  if (builder.isFinished()) return;
  if (!isDone) throw toCut(endpoint);
  if (builder.isEmpty()) throw toInvalid(endpoint, "a stream without a reply");
}

/** What fetch throws when the connection is lost. */
function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError;
}

async function readWhole({ body }: WireAnswer, { endpoint, limits }: WireModel, builder: ReplyBuilder): Promise<void> {
  const reply = parseObject(await readText(body, limits.maxBytes, endpoint), endpoint);
  readChunk(reply, builder, createCallSlots());
  if (builder.isEmpty() && !builder.isFinished()) throw toInvalid(endpoint, "JSON without choices", true);
}
