import type { Action, AnyAction, GrowingRun, Growth } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import { GOAL, type Goal } from "../agent.ts";
import { countersOf } from "../loop/after-budget.ts";
import type { AgentBudget } from "../options.ts";
import { demandOwnNames } from "../tools/index.ts";

/** What every team is given. */
export interface TeamOptions {
  readonly description?: string;
  /** JSON Schema of its input, of which `goal` is a part. Default: `{ goal }`, a text. */
  readonly input?: JsonObject;
  /**
   * What its members may use together, beside what each may by itself. Each gets a share before it begins, and gives back
   * what it did not use. Default: no more limits than those of the members.
   */
  readonly budget?: AgentBudget;
  readonly version?: number;
}

/** What a team is made of beside its options. */
interface Team extends TeamOptions {
  readonly members: readonly AnyAction[];
  readonly grow: (run: GrowingRun) => Growth | undefined;
}

/** Makes a team: an action whose plan grows by its members' runs. */
export function toTeam<Input = Goal, Output = unknown>(name: string, team: Team): Action<Input, Output> {
  const { members, grow, description, input = GOAL, budget, version = 1 } = team;
  demandOwnNames(members);
  const graph: JsonObject = {
    name,
    input,
    nodes: {},
    grows: name,
    ...(budget !== undefined && { budget: { counters: countersOf(budget) } }),
  };
  return {
    name,
    version,
    ...(description !== undefined && { description }),
    definition: { tag: "plan", graph, uses: members, grow },
  };
}

/** A member's part of the work. */
export interface Part {
  readonly id: string;
  readonly member: AnyAction;
  readonly with: JsonObject;
  /** The team's. */
  readonly budget: AgentBudget | undefined;
  /** Members that share what is left, this one included. */
  readonly share?: number;
}

/** The node in which a member does its part. A failure is seen by the others; nothing is swallowed. */
export function toPart(run: GrowingRun, { id, member, with: input, budget, share = 1 }: Part): JsonObject {
  const left = (budget?.wallMs ?? Infinity) - (run.now - run.createdAt);
  return {
    op: "add-node",
    id,
    node: {
      uses: member.name,
      with: input,
      onFailure: "observe",
      counters: shareOf(run, share),
      ...(Number.isFinite(left) && { totalMs: Math.max(1, Math.ceil(left)) }),
    },
  };
}

function shareOf(run: GrowingRun, share: number): JsonObject {
  const parts = ["tokens", "microUsd", "calls", "steps"].map(
    (counter) => [counter, Math.floor(run.left(counter) / share)] as const,
  );
  return Object.fromEntries(parts.filter(([, part]) => Number.isFinite(part)));
}

/** Ends the team's run with what its last part gave; where that failed, all is taken back. */
export function toEnd(run: GrowingRun, last: string, output: JsonObject | string = `\${nodes.${last}.output}`): Growth {
  const { state, uses = last, error } = run.node(last) ?? {};
  if (state === "failed") return { rollback: `${uses} failed: ${error?.message ?? "no reason known"}` };
  return { patch: [{ op: "set-output", output }, { op: "stop-growing" }] };
}

/** Whether a node has not ended. */
export function isOpen(run: GrowingRun, id: string): boolean {
  return run.node(id)?.state === "open";
}
