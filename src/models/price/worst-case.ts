import type { Model, ModelRequest } from "../port.ts";
import { estimateMostOfRequest } from "./estimate.ts";
import { toMicroUsd } from "./to-micro-usd.ts";

/** What a request may use at most. */
export interface WorstCase {
  readonly input: number;
  readonly output: number;
  /** Absent where the model has no price. */
  readonly microUsd?: number;
}

/**
 * What a request may use at most, for reserving a budget before it is sent. Undefined where nothing bounds the reply:
 * neither `maxOutputTokens` nor a known context.
 */
export function worstCase(request: ModelRequest, model: Pick<Model, "contextTokens" | "price">): WorstCase | undefined {
  const estimated = estimateMostOfRequest(request);
  const input = Math.min(estimated, model.contextTokens ?? estimated);
  const room = model.contextTokens === undefined ? undefined : model.contextTokens - input;
  const output = request.maxOutputTokens ?? room;
  if (output === undefined) return undefined;
  if (model.price === undefined) return { input, output };
  return { input, output, microUsd: toMicroUsd({ input, output }, model.price) };
}

/** The price of the worst case in millionths of a US dollar; undefined where no price or no bound is known. */
export function worstCaseCost(
  request: ModelRequest,
  model: Pick<Model, "contextTokens" | "price">,
): number | undefined {
  return worstCase(request, model)?.microUsd;
}
