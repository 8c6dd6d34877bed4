import type { GrowingRun, Growth } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import { COUNTERS, type Agent } from "./agent.ts";
import { patch } from "./steps.ts";
import { lastTurns, type Turn } from "./turns.ts";

/** Steps in which the last words are looked for, when the last step brought none. */
const WINDOW = 20;

/** Ends the run with a report: the answer, why it ended, what it cost, what is left, and what can be taken back. */
export function toEnd(
  agent: Agent,
  run: GrowingRun,
  { turn, ended }: { readonly turn: Turn | undefined; readonly ended: string },
): Growth {
  const speaker =
    turn === undefined ? undefined : lastTurns(run, turn.number, WINDOW).findLast((past) => hasAnswer(agent, past));
  const field = agent.options.answer === undefined ? "text" : "value";
  const answer = speaker === undefined ? null : `\${nodes.${speaker.id}.output.${field}}`;
  const output: JsonObject = { answer, ended, ...reportOf(agent, run) };
  return patch({ op: "set-output", output }, { op: "stop-growing" });
}

function hasAnswer({ options }: Agent, { thought, input }: Turn): boolean {
  if (input.kind !== "act" && input.kind !== "answer") return false;
  return options.answer === undefined ? thought.text.trim() !== "" : thought.value !== undefined;
}

/** What it cost, what is left, and what can be taken back. */
export function reportOf(agent: Pick<Agent, "tools">, run: GrowingRun): JsonObject {
  const left = COUNTERS.map((counter) => [counter, run.left(counter)] as const).filter(([, amount]) =>
    Number.isFinite(amount),
  );
  return {
    cost: Object.fromEntries(COUNTERS.map((counter) => [counter, run.used(counter)])),
    left: Object.fromEntries(left),
    effects: effectsOf(agent, run),
  };
}

/** What was done, and whether a rollback of the run takes it back. */
function effectsOf({ tools }: Pick<Agent, "tools">, run: GrowingRun): JsonObject {
  const undoable: string[] = [];
  const lasting: string[] = [];
  for (const id of run.ids) {
    const node = run.node(id);
    const definition = node?.state === "succeeded" ? tools.get(node.uses)?.definition : undefined;
    if (definition === undefined) continue;
    const undo = definition.tag === "effect" ? definition.undo : "possible";
    if (undo === "not-needed") continue;
    (undo === "impossible" ? lasting : undoable).push(`${id} ${node?.uses ?? ""}`);
  }
  return { undoable, lasting };
}
