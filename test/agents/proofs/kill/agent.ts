import { hash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Action, AnyAction, AttemptContext } from "../../../../src/action/index.ts";
import { defineAgent, type AgentOutput, type Goal } from "../../../../src/agents/index.ts";
import type { JsonObject } from "../../../../src/base/index.ts";
import { defineAction, defineQuery, PermanentError } from "../../../../src/index.ts";
import type { Model, ModelRequest, ScriptedReply } from "../../../../src/models/index.ts";
import { note, readMarks, type Mark } from "./witness.ts";

/** Thoughts of the agent that is killed, the last one being its answer. */
const STEPS = 30;

const item = z.object({ n: z.number() });

/** Tools of every nature; each says in the witness file when it begins, when it acts, and when it is through. */
function createTools(witness: string): readonly AnyAction[] {
  const mark = ({ node, key }: AttemptContext<unknown>, tool: string, phase: Mark["phase"]): void =>
    note(witness, { tool, node, key, phase });
  const isDone = ({ key }: AttemptContext<unknown>): boolean =>
    readMarks(witness).some((seen) => seen.key === key && seen.phase === "done");
  const look = defineQuery("look", {
    description: "Looks something up.",
    input: item,
    output: z.object({ seen: z.string() }),
    run: async (context) => {
      mark(context, "look", "begin");
      await sleep(2);
      mark(context, "look", "end");
      return { seen: `fact ${context.input.n}` };
    },
  });
  const write = defineAction("write", {
    description: "Writes something, once for each key.",
    input: item,
    output: z.object({ written: z.number() }),
    repeat: "keyed",
    undo: (context) => mark(context, "write", "undo"),
    run: async (context) => {
      mark(context, "write", "begin");
      await sleep(2);
      if (!isDone(context)) mark(context, "write", "done");
      mark(context, "write", "end");
      return { written: context.input.n };
    },
  });
  const send = defineAction("send", {
    description: "Sends something, and must not do so twice.",
    input: item,
    output: z.object({ sent: z.number() }),
    repeat: "never",
    undo: "impossible",
    check: (context) =>
      isDone(context) ? { tag: "done", output: { sent: context.input.n } } : { tag: "not-done" as const },
    run: async (context) => {
      mark(context, "send", "begin");
      await sleep(2);
      mark(context, "send", "done");
      await sleep(2);
      mark(context, "send", "end");
      return { sent: context.input.n };
    },
  });
  const broken = defineQuery("broken", {
    description: "Fails.",
    input: item,
    output: z.null(),
    run: (context) => {
      mark(context, "broken", "begin");
      throw new PermanentError("OUT_OF_ORDER", `The machine is out of order for ${context.input.n}.`);
    },
  });
  return [look, write, send, broken];
}

/** The agent that is killed. */
export function createVictim(model: string | Model, witness: string): Action<Goal, AgentOutput> {
  return defineAgent("victim", { model, tools: createTools(witness), budget: { steps: 4 * STEPS } });
}

/**
 * What the model says: one to three calls a turn, then an answer. Each reply holds a digest of the whole conversation
 * so far, so that a conversation that comes out otherwise after a crash changes the end state.
 */
export function reply({ messages }: ModelRequest): ScriptedReply {
  const turn = messages.filter(({ role }) => role === "assistant").length + 1;
  const digest = hash("sha256", JSON.stringify(messages)).slice(0, 16);
  const delayMs = 3;
  if (turn >= STEPS) return { text: `done ${digest}`, delayMs };
  return { text: `step ${turn} ${digest}`, calls: callsOf(turn), delayMs };
}

const PATTERN = [["look", "write"], ["send"], ["write", "look", "send"], ["look"], ["broken", "write"]] as const;

function callsOf(turn: number): readonly { readonly tool: string; readonly input: JsonObject; readonly id: string }[] {
  const tools = PATTERN[turn % PATTERN.length] ?? [];
  return tools.map((tool, at) => ({ tool, input: { n: turn * 10 + at }, id: `${turn}-${at}` }));
}
