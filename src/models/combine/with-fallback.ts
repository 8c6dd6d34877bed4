import { InputError, PermanentError, RuntimeFailure, TransientError } from "../../base/index.ts";
import type { Model, ModelContext, ModelReply, ModelRequest, Price } from "../port.ts";

/**
 * Asks the first model, and the next where that one fails; `model` in the reply says who answered. A request that makes
 * no sense and a stop are not passed on. Pieces that a failed model had shown stay shown.
 *
 * It reserves for the worst: the highest price, the smallest context.
 *
 * @throws {InputError} BAD_INPUT without a model.
 * @throws {TransientError} MODEL_ALL_FAILED from `generate`, where at least one may work later.
 * @throws {PermanentError} MODEL_ALL_FAILED from `generate`, where none can ever work.
 */
export function withFallback(models: readonly Model[]): Model {
  const [first] = models;
  if (first === undefined) throw new InputError("BAD_INPUT", "Expected at least one model to fall back on, got none.");
  const generate = async (request: ModelRequest, context: ModelContext): Promise<ModelReply> => {
    const failures: RuntimeFailure[] = [];
    for (const model of models) {
      try {
        return await model.generate(request, context);
      } catch (error) {
        if (!isPassedOn(error)) throw error;
        failures.push(error);
      }
    }
    throw toAllFailed(failures);
  };
  const price = highestPrice(models);
  const contexts = models.flatMap(({ contextTokens }) => (contextTokens === undefined ? [] : [contextTokens]));
  return {
    name: models.map(({ name }) => name).join(","),
    ...(contexts.length > 0 && { contextTokens: Math.min(...contexts) }),
    ...(price !== undefined && { price }),
    generate,
  };
}

function isPassedOn(error: unknown): error is RuntimeFailure {
  return RuntimeFailure.is(error) && (error.failure === "transient" || error.failure === "permanent");
}

function toAllFailed(failures: readonly RuntimeFailure[]): RuntimeFailure {
  const [only] = failures;
  if (only !== undefined && failures.length === 1) return only;
  const lines = failures.map(({ code, message }) => `  - ${message} [${code}]`).join("\n");
  const message = `None of ${failures.length} models answered:\n${lines}`;
  const options = { cause: new AggregateError(failures) };
  const transient = failures.filter((failure) => failure instanceof TransientError);
  if (transient.length === 0) return new PermanentError("MODEL_ALL_FAILED", message, options);
  const waits = transient.map(({ retryAfterMs }) => retryAfterMs ?? 0);
  return new TransientError("MODEL_ALL_FAILED", message, { ...options, retryAfterMs: Math.min(...waits) });
}

/** Undefined where one of them has no price: then nobody knows what the chain costs. */
function highestPrice(models: readonly Model[]): Price | undefined {
  const prices = models.flatMap(({ price }) => (price === undefined ? [] : [price]));
  if (prices.length < models.length) return undefined;
  return {
    input: Math.max(...prices.map(({ input }) => input)),
    cachedInput: Math.max(...prices.map(({ input, cachedInput }) => cachedInput ?? input)),
    output: Math.max(...prices.map(({ output }) => output)),
  };
}
