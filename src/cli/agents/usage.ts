import { isJsonObject, type Json } from "../../base/index.ts";
import type { Client } from "../../executor/index.ts";
import type { RunReport } from "../../plan/index.ts";
import { duration } from "../duration.ts";

/** What a run has used. */
export interface Used {
  readonly steps: number;
  readonly calls: number;
  readonly tokens: number;
  /** Millionths of a US dollar, as far as prices are known. */
  readonly microUsd: number;
}

export const NOTHING: Used = { steps: 0, calls: 0, tokens: 0, microUsd: 0 };

/** Adds two up. */
export function addUsed(one: Used, other: Used): Used {
  return {
    steps: one.steps + other.steps,
    calls: one.calls + other.calls,
    tokens: one.tokens + other.tokens,
    microUsd: one.microUsd + other.microUsd,
  };
}

/** What an agent's run has used: as its report says, else what its steps have said so far. */
export async function usedBy(client: Client, report: RunReport): Promise<Used> {
  const output = report.end?.output ?? null;
  const cost = isJsonObject(output) ? output["cost"] : undefined;
  if (isJsonObject(cost)) return { ...NOTHING, ...readCounts(cost) };
  let used = { ...NOTHING, calls: countCalls(report) };
  for await (const { seq, event } of (await client.run(report.run)).events()) {
    const counts = "used" in event && event.used !== undefined ? event.used : {};
    used = addUsed(used, { ...NOTHING, ...readCounts(counts), calls: 0 });
    if (seq >= report.seq) break;
  }
  return used;
}

function readCounts(counts: Readonly<Record<string, Json>>): Partial<Used> {
  const known = Object.entries(counts).filter(([name, amount]) => name in NOTHING && typeof amount === "number");
  return Object.fromEntries(known);
}

function countCalls({ nodes }: RunReport): number {
  return [...nodes.values()].filter(({ id, startedAt }) => isCall(id) && startedAt !== undefined).length;
}

/** Tells the nodes that are calls of tools. */
function isCall(node: string): boolean {
  return /^t\d+c\d+$/u.test(node);
}

/** One line for people: `3 steps, 2 calls, 1,234 tokens, $0.0012, 4.2 s`. */
export function tellUsed({ steps, calls, tokens, microUsd }: Used, ms?: number): string {
  const price = microUsd > 0 ? [`$${(microUsd / 1_000_000).toFixed(4)}`] : [];
  const took = ms === undefined ? [] : [duration(ms)];
  return [count(steps, "step"), count(calls, "call"), count(tokens, "token"), ...price, ...took].join(", ");
}

function count(amount: number, noun: string): string {
  return `${amount.toLocaleString("en-US")} ${noun}${amount === 1 ? "" : "s"}`;
}
