import type { Action, AnyAction, GrowingRun, Growth } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import type { Goal } from "../agent.ts";
import { isOpen, toEnd, toPart, toTeam, type TeamOptions } from "./team.ts";

/** Who argues, and who decides. Each takes `{ goal }` and what was said, as agents do. */
export interface DebateOptions extends TeamOptions {
  readonly debaters: readonly AnyAction[];
  readonly judge: AnyAction;
  /** Default 2: an opinion, and an answer to those of the others. */
  readonly rounds?: number;
}

/**
 * Gives a debate: the debaters answer side by side, then again with what the others said before them, and a judge decides.
 */
export function debate<Input = Goal, Output = unknown>(name: string, options: DebateOptions): Action<Input, Output> {
  const { debaters, judge, budget, rounds = 2 } = options;
  const grow = (run: GrowingRun): Growth | undefined => {
    let round = 1;
    while (run.node(opinion(round + 1, 0)) !== undefined) round += 1;
    const said = debaters.map((_, at) => opinion(round, at));
    if (run.node(opinion(1, 0)) === undefined) return toRound(run, options, 1);
    if (said.some((id) => isOpen(run, id)) || isOpen(run, "judge")) return undefined;
    if (round < rounds) return toRound(run, options, round + 1);
    if (run.node("judge") === undefined) {
      const given = { goal: "${input.goal}", task: "Decide between these answers.", answers: quote(debaters, round) };
      return { patch: [toPart(run, { id: "judge", member: judge, with: given, budget })] };
    }
    return toEnd(run, "judge");
  };
  return toTeam(name, { ...options, members: [...new Set([...debaters, judge])], grow });
}

function opinion(round: number, at: number): string {
  return `r${round}d${at}`;
}

function toRound(run: GrowingRun, { debaters, budget }: DebateOptions, round: number): Growth {
  const said = { task: "Answer again, in the light of what was said.", said: quote(debaters, round - 1) };
  const given = { goal: "${input.goal}", ...(round > 1 && said) };
  const share = debaters.length + 1;
  return {
    patch: debaters.map((member, at) => toPart(run, { id: opinion(round, at), member, with: given, budget, share })),
  };
}

/** What was said, by reference: it stands in the journal once. */
function quote(debaters: readonly AnyAction[], round: number): JsonObject {
  if (round < 1) return {};
  return Object.fromEntries(debaters.map(({ name }, at) => [name, `\${nodes.${opinion(round, at)}.output}`]));
}
