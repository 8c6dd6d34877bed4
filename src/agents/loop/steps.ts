import type { GrowingRun, Growth } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import type { ThinkInput } from "../think/thought.ts";
import type { Agent } from "./agent.ts";
import { deadlineOf, type Need } from "./limits.ts";
import { turnNode, type Turn } from "./turns.ts";

const RETRY = { attempts: 5, backoffMs: 1_000, maxBackoffMs: 60_000 } as const;
/** A model that says nothing for so long is given up, and asked again. Not all that it sends is a sign of life. */
const IDLE_MS = 600_000;

/** The next thinking step. */
export interface NextThought extends Omit<ThinkInput, "of" | "after"> {
  readonly last: Turn | undefined;
  readonly need: Need;
  /** Nodes that it reads beside the step before and its calls. */
  readonly also?: readonly string[];
}

/** The node of a thinking step: it looks up the step before it and the calls of that. */
export function toThinkNode(agent: Agent, run: GrowingRun, next: NextThought): JsonObject {
  const { last, need, also = [], ...input } = next;
  const left = deadlineOf(agent, run) - run.now;
  const memory = input.memory === undefined ? [] : [input.memory];
  const reads = [...(last === undefined ? [] : [last.id, ...last.calls]), ...memory, ...also];
  return {
    op: "add-node",
    id: turnNode((last?.number ?? 0) + 1),
    node: {
      uses: `${agent.name}.think`,
      with: { of: "${input}", ...(last !== undefined && { after: last.id }), ...withoutUndefined(input) },
      ...(reads.length > 0 && { reads }),
      onFailure: "observe",
      retry: RETRY,
      idleMs: IDLE_MS,
      ...(Number.isFinite(left) && { totalMs: Math.max(1, Math.ceil(left)) }),
      counters: countersOf(run, need),
    },
  };
}

function withoutUndefined(input: Partial<ThinkInput>): JsonObject {
  const { without, note, ...rest } = input;
  return {
    ...rest,
    ...(without !== undefined && { without: [...without] }),
    ...(note !== undefined && { note: toLiteral(note) }),
  };
}

/** Text that stands in a template as it is: what a model wrote is never an expression of the plan. */
export function toLiteral(text: string): string {
  return text.replaceAll("${", () => "$${");
}

/** Only what has a limit has to be reserved. */
function countersOf(run: GrowingRun, need: Need): JsonObject {
  const limited = Object.entries(need).filter(([counter]) => Number.isFinite(run.left(counter)));
  return Object.fromEntries(limited);
}

/** A change of the plan. */
export function patch(...operations: readonly JsonObject[]): Growth {
  return { patch: operations };
}
