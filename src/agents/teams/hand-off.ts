import type { Action, AnyAction, GrowingRun, Growth } from "../../action/index.ts";
import { InputError, isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import { defineAgent, type AgentOutput, type Goal } from "../agent.ts";
import { reportOf } from "../loop/end.ts";
import type { AgentBudget, AgentOptions } from "../options.ts";
import { isOpen, toEnd, toPart, toTeam, type TeamOptions } from "./team.ts";

/** A member: an agent that may hand its work over to another. */
export type HandOffMember = Omit<AgentOptions, "input" | "answer" | "prompt">;

/** Who works together, and who begins. */
export interface HandOffOptions extends TeamOptions {
  readonly members: Readonly<Record<string, HandOffMember>>;
  readonly first: string;
  /** Times that the work may change hands. Default 5. */
  readonly maxHops?: number;
}

/** Who has worked, in order, and the last one's answer; `loop` when it still wanted to hand the work on. */
export interface HandOffOutput extends AgentOutput {
  readonly hops: readonly string[];
}

/** An answer that names only who is there: any other is given back to the model like every answer of a wrong form. */
function toAnswer(others: readonly string[]): JsonObject {
  return {
    type: "object",
    properties: {
      answer: { type: "string", description: "The answer, or what the next one has to know." },
      handTo: { enum: [...others, null], description: "Who is to go on; null when the work is done." },
    },
    required: ["answer", "handTo"],
    additionalProperties: false,
  };
}

/**
 * Gives a team whose members hand their work on: each works until it answers, and says who is to go on. It ends when nobody
 * is named, or after so many hops.
 *
 * @throws {InputError} AGENT_OPTIONS when the first is no member.
 */
export function handOff(name: string, options: HandOffOptions): Action<Goal, HandOffOutput> {
  const { members: described, first, maxHops = 5, budget } = options;
  const names = Object.keys(described);
  if (!names.includes(first))
    throw new InputError("AGENT_OPTIONS", `Team ${name}: first must be one of ${names.join(", ")}, got ${first}.`);
  const members = new Map(names.map((each) => [each, toMember(name, each, options)]));
  const grow = (run: GrowingRun): Growth | undefined => {
    let at = 1;
    while (run.node(hop(at + 1)) !== undefined) at += 1;
    const node = run.node(hop(at));
    if (node === undefined) return toHop(run, { at: 1, member: members.get(first), budget });
    if (isOpen(run, hop(at))) return undefined;
    const member = members.get(nextIn(node.output) ?? "");
    if (member !== undefined && at <= maxHops) return toHop(run, { at: at + 1, member, budget });
    return end(run, { at, members, isLoop: member !== undefined });
  };
  return toTeam(name, { ...options, members: [...members.values()], grow });
}

function hop(at: number): string {
  return `h${at}`;
}

function toMember(team: string, name: string, { members }: HandOffOptions): AnyAction {
  const { instructions = "", ...rest } = members[name] ?? { model: "" };
  const others = Object.entries(members).filter(([other]) => other !== name);
  const who = others.map(([other, { description = "" }]) => `- ${other}: ${description}`).join("\n");
  const rules = `You are ${name}. If another should go on, name it in handTo; else handTo is null. The others:\n${who}`;
  return defineAgent(`${team}.${name}`, {
    ...rest,
    answer: toAnswer(others.map(([other]) => other)),
    instructions: `${instructions}\n\n${rules}`.trim(),
  });
}

interface Hop {
  readonly at: number;
  readonly member: AnyAction | undefined;
  readonly budget: AgentBudget | undefined;
}

function toHop(run: GrowingRun, { at, member, budget }: Hop): Growth | undefined {
  if (member === undefined) return undefined;
  const before = at === 1 ? {} : { before: `\${nodes.${hop(at - 1)}.output}` };
  return { patch: [toPart(run, { id: hop(at), member, with: { goal: "${input.goal}", ...before }, budget })] };
}

function nextIn(output: Json): string | undefined {
  const answer = isJsonObject(output) ? output["answer"] : undefined;
  const to = isJsonObject(answer) ? answer["handTo"] : undefined;
  return typeof to === "string" ? to : undefined;
}

interface End {
  readonly at: number;
  readonly members: ReadonlyMap<string, AnyAction>;
  /** It still wanted to hand the work on. */
  readonly isLoop: boolean;
}

function end(run: GrowingRun, { at, members, isLoop }: End): Growth {
  const last = `nodes.${hop(at)}.output`;
  const names = new Map([...members].map(([name, { name: action }]) => [action, name]));
  const hops = Array.from({ length: at }, (_, index) => names.get(run.node(hop(index + 1))?.uses ?? "") ?? "");
  const tools = new Map([...members.values()].map((member) => [member.name, member]));
  return toEnd(run, hop(at), {
    answer: `\${${last}.answer == null ? null : ${last}.answer.answer}`,
    ended: isLoop ? "loop" : `\${${last}.ended}`,
    ...reportOf({ tools }, run),
    hops,
  });
}
