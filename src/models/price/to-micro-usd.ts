import type { Price, Usage } from "../port.ts";

/** Millionths of a micro-dollar: prices are read to six decimals, so that sums are exact. */
const SCALE = 1_000_000;

/**
 * What a call cost in millionths of a US dollar: whole, rounded up. A dollar for a million tokens is one of them for
 * each token.
 */
export function toMicroUsd(usage: Usage, price: Price): number {
  const cached = Math.min(usage.cachedInput ?? 0, usage.input);
  const scaled =
    toScaled(usage.input - cached, price.input) +
    toScaled(cached, price.cachedInput ?? price.input) +
    toScaled(usage.output, price.output);
  const scale = BigInt(SCALE);
  return Number((scaled + scale - 1n) / scale);
}

function toScaled(tokens: number, price: number): bigint {
  return BigInt(Math.max(0, Math.ceil(tokens))) * BigInt(Math.round(price * SCALE));
}
