import type { Action, AnyAction, GrowingRun, Growth } from "../../action/index.ts";
import { InputError, isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import { defineAgent, type AgentOutput, type Goal } from "../agent.ts";
import type { AgentOptions } from "../options.ts";
import { isOpen, toPart, toTeam, type TeamOptions } from "./team.ts";

/** A member: an agent that may hand its work over to another. */
export type HandOffMember = Omit<AgentOptions, "input" | "answer" | "prompt">;

/** Who works together, and who begins. */
export interface HandOffOptions extends TeamOptions {
  readonly members: Readonly<Record<string, HandOffMember>>;
  readonly first: string;
  /** Times that the work may change hands. Default 5. */
  readonly hops?: number;
}

/** Who has worked, in order, and the last one's answer. */
export interface HandOffOutput extends AgentOutput {
  readonly hops: readonly string[];
}

const ANSWER: JsonObject = {
  type: "object",
  properties: {
    answer: { type: "string", description: "The answer, or what the next one has to know." },
    handTo: { type: ["string", "null"], description: "Who is to go on; null when the work is done." },
  },
  required: ["answer", "handTo"],
  additionalProperties: false,
};

/**
 * Gives a team whose members hand their work on: each works until it answers, and says who is to go on. It ends when nobody
 * is named, or after so many hops.
 *
 * @throws {InputError} AGENT_OPTIONS when the first is no member.
 */
export function handOff(name: string, options: HandOffOptions): Action<Goal, HandOffOutput> {
  const { members: described, first, hops = 5 } = options;
  const names = Object.keys(described);
  if (!names.includes(first))
    throw new InputError("AGENT_OPTIONS", `Team ${name}: first must be one of ${names.join(", ")}, got ${first}.`);
  const members = new Map(names.map((each) => [each, toMember(name, each, options)]));
  const grow = (run: GrowingRun): Growth | undefined => {
    let at = 1;
    while (run.node(hop(at + 1)) !== undefined) at += 1;
    const node = run.node(hop(at));
    if (node === undefined) return toHop(run, members, { at: 1, to: first });
    if (isOpen(run, hop(at))) return undefined;
    const to = nextIn(node.output);
    if (to !== undefined && members.has(to) && at <= hops) return toHop(run, members, { at: at + 1, to });
    return end(run, at, name);
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
    answer: ANSWER,
    instructions: `${instructions}\n\n${rules}`.trim(),
  });
}

function toHop(
  run: GrowingRun,
  members: ReadonlyMap<string, AnyAction>,
  { at, to }: { readonly at: number; readonly to: string },
): Growth {
  const member = members.get(to) ?? never(to);
  const before = at === 1 ? {} : { before: `\${nodes.${hop(at - 1)}.output}` };
  return { patch: [toPart(run, { id: hop(at), member, with: { goal: "${input.goal}", ...before } })] };
}

function never(to: string): never {
  throw new InputError("AGENT_OPTIONS", `There is no member ${to}.`);
}

function nextIn(output: Json): string | undefined {
  const answer = isJsonObject(output) ? output["answer"] : undefined;
  const to = isJsonObject(answer) ? answer["handTo"] : undefined;
  return typeof to === "string" ? to : undefined;
}

function end(run: GrowingRun, at: number, team: string): Growth {
  const hops = Array.from({ length: at }, (_, index) => (run.node(hop(index + 1))?.uses ?? "").slice(team.length + 1));
  const last = run.node(hop(at));
  if (last?.state === "failed") return { rollback: `${last.uses} failed: ${last.error?.message ?? ""}` };
  const of = (field: string): string => `\${nodes.${hop(at)}.output.${field}}`;
  const output = {
    answer: of("answer.answer"),
    ended: of("ended"),
    cost: of("cost"),
    left: of("left"),
    effects: of("effects"),
    hops,
  };
  return { patch: [{ op: "set-output", output }, { op: "stop-growing" }] };
}
