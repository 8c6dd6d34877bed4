import type { AnyAction, GrowingRun } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import { isAskPerson } from "../ask-person.ts";
import { callNode } from "../think/transcript.ts";
import { COUNTERS, type Agent } from "./agent.ts";
import { deadlineOf } from "./limits.ts";
import type { Turn } from "./turns.ts";

/** Attempts at a call that may be made again. */
const RETRY = { attempts: 3, backoffMs: 500 } as const;
/** A call whose tool has no limit of its own. */
const LONGEST_CALL_MS = 600_000;

/**
 * The nodes that make the calls of a step. Queries, plans and agents run side by side; effects one after the other, in
 * the order in which the model wrote them, whatever becomes of the one before.
 */
export function toCalls(agent: Agent, run: GrowingRun, turn: Turn): readonly JsonObject[] {
  const operations: JsonObject[] = [];
  let before: string | undefined;
  const possible = turn.thought.calls.filter(({ problem }) => problem === undefined).length;
  for (const [index, call] of turn.thought.calls.entries()) {
    const tool = agent.tools.get(call.tool);
    if (call.problem !== undefined || tool === undefined) continue;
    const id = callNode(turn.id, index);
    const input = `\${nodes.${turn.id}.output.calls[${index}].input}`;
    const isInOrder = isEffect(tool);
    const node = isAskPerson(tool) ? toQuestion(input) : toNode(agent, run, { tool, input, share: possible });
    operations.push({
      op: "add-node",
      id,
      node: { ...node, ...(isInOrder && before !== undefined && { after: [before] }) },
    });
    if (isInOrder) before = id;
  }
  return operations;
}

function toQuestion(input: string): JsonObject {
  return { uses: "ask", with: { show: input, answer: { type: "string" } }, onFailure: "observe" };
}

interface Call {
  readonly tool: AnyAction;
  readonly input: string;
  /** Calls that share what is left. */
  readonly share: number;
}

function toNode(agent: Agent, run: GrowingRun, { tool, input, share }: Call): JsonObject {
  const left = deadlineOf(agent, run) - run.now;
  const counters = isRun(tool) ? shareOf(run, share) : { calls: 1 };
  return {
    uses: tool.name,
    with: input,
    onFailure: "observe",
    counters,
    ...(!isRun(tool) && { timeoutMs: LONGEST_CALL_MS }),
    ...(Number.isFinite(left) && { totalMs: Math.max(1, Math.ceil(left)) }),
    ...(mayRepeat(tool) && { retry: RETRY }),
    ...(isAskedFor(agent, tool) && { approve: true }),
  };
}

/** An agent or a plan gets its share of what is left, and gives back what it did not use. */
function shareOf(run: GrowingRun, share: number): JsonObject {
  const parts: Record<string, number> = {};
  for (const counter of COUNTERS) {
    const left = run.left(counter);
    if (Number.isFinite(left)) parts[counter] = Math.max(0, Math.floor(left / (share + 1)));
  }
  return parts;
}

function isAskedFor({ options }: Agent, tool: AnyAction): boolean {
  return options.approve === "all" || (options.approve === "effects" && isEffect(tool));
}

/** A run of its own: a plan or an agent. */
export function isRun({ definition }: AnyAction): boolean {
  return definition.tag === "plan";
}

/** Whether it changes anything in the world by itself. Of a choice the worst variant counts. */
export function isEffect({ definition }: AnyAction): boolean {
  if (definition.tag === "choice") return Object.values(definition.variants).some(isEffect);
  return definition.tag === "by-node" || (definition.tag === "effect" && !definition.isQuery);
}

function mayRepeat({ definition }: AnyAction): boolean {
  return definition.tag === "effect" && definition.repeat !== "never";
}
