import type { AnyAction, GrowingRun, GrownNode } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import { toMicroUsd, type Price } from "../../models/index.ts";
import type { PlanAndExecuteOptions } from "./options.ts";
import type { Planned } from "./steps.ts";

/** What whoever makes the plan of a planner grow needs to know of it. */
export interface Execution {
  readonly name: string;
  readonly options: PlanAndExecuteOptions;
  readonly tools: ReadonlyMap<string, AnyAction>;
  readonly price: Price | undefined;
}

/** A model that fails for a while is asked again. */
export const RETRY = { attempts: 5, backoffMs: 1_000 } as const;

const CHARS_PER_TOKEN = 3;
/** Rules, examples and schema of a planning request. */
const FRAME_TOKENS = 3_000;

/** What a model's step may take: its request and its longest answer. Only what has a limit is reserved. */
export function reserve({ options, price }: Execution, run: GrowingRun, more: string = ""): JsonObject {
  const said = JSON.stringify(run.input).length + more.length;
  const input = FRAME_TOKENS + Math.ceil(said / CHARS_PER_TOKEN);
  const output = options.maxOutputTokens ?? 4_096;
  const microUsd = price === undefined ? 0 : toMicroUsd({ input, output }, price);
  const need = { tokens: input + output, microUsd, steps: 1 };
  return Object.fromEntries(Object.entries(need).filter(([counter]) => Number.isFinite(run.left(counter))));
}

/** Why an answer of the model can't be used. */
export function sayProblems(planned: Planned): string {
  if (planned.tag !== "problems") return "the answer was something else";
  return planned.problems
    .slice(0, 3)
    .map(({ path, expected, got }) => `${path}: expected ${expected}, got ${got}`)
    .join("; ");
}

/** Why a node failed. */
export function sayError({ error }: GrownNode): string {
  return error === undefined ? "no reason known" : `${error.code}: ${error.message}`;
}
