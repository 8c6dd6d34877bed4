import { TransientError } from "../../base/index.ts";
import type { Model, ModelContext, ModelReply, ModelRequest } from "../port.ts";
import { estimateMostOfRequest } from "../price/estimate.ts";
import { toStopped, toSubject } from "../wire/stopped.ts";
import type { RateLimiter } from "./rate-limiter.ts";

/** Counted for a reply whose length nothing bounds. */
const USUAL_REPLY_TOKENS = 1_024;

/**
 * Lets a model be asked no faster than the limiter allows. When the server says that it was too fast all the same,
 * everyone who shares the limiter waits as long as it wants. A wait ends at once when its signal is aborted.
 */
export function withRateLimit(model: Model, limiter: RateLimiter): Model {
  const generate = async (request: ModelRequest, context: ModelContext): Promise<ModelReply> => {
    const tokens = estimateMostOfRequest(request) + (request.maxOutputTokens ?? USUAL_REPLY_TOKENS);
    const leave = await limiter.enter(tokens, context.signal);
    if (leave === undefined) throw toStopped(toSubject(model.name), context.signal.reason);
    let used: number | undefined;
    try {
      const reply = await model.generate(request, context);
      used = reply.usage.input + reply.usage.output;
      return reply;
    } catch (error) {
      if (error instanceof TransientError && error.retryAfterMs !== undefined) limiter.hold(error.retryAfterMs);
      throw error;
    } finally {
      leave(used);
    }
  };
  return { ...model, generate };
}
