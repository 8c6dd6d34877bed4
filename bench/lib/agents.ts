import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isStepCount, tool, ToolLoopAgent } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import type { Action } from "pawl/action";
import type { AgentOutput, Goal } from "pawl/agents";
import type { ScriptedReply } from "pawl/models";
import type { StoreDriver } from "pawl/store";
import { z } from "zod";
import type { Contestant } from "./measure.ts";
import { usePublicNames } from "./source-names.ts";

usePublicNames();
const { defineQuery } = await import("pawl/action");
const { defineAgent } = await import("pawl/agents");
const { openExecutor } = await import("pawl/executor");
const { scriptedModel } = await import("pawl/models");
const { createMemoryDriver } = await import("pawl/store");
const { createSqliteDriver } = await import("pawl/drivers/sqlite");

/** Calls of tools in one run: one in each step but the last, which answers. */
export const CALLS = 50;
/** Thinking steps of one run. */
export const STEPS: number = CALLS + 1;
const MOST_STEPS = 4 * CALLS;

const GOAL = "Find out what each of the fifty articles costs, then say what all of them cost together.";
const INSTRUCTIONS = "You are a careful clerk. Look up one article after the other.";
const DESCRIPTION = "Says what an article is called and what it costs, in cents.";
const ANSWER = "All of them together cost 12,345 cents.";

const article = z.object({ article: z.number() });
const found = z.object({ name: z.string(), cents: z.number() });

function find({ article: number }: z.infer<typeof article>): z.infer<typeof found> {
  return { name: `article ${number}`, cents: number * 7 };
}

function textOf(turn: number): string {
  return `So far ${turn} articles are known. Next I look up article ${turn}.`;
}

/** One kind of agent, ready to run. */
export interface Rival {
  /** One run to its end, with so many calls; checks that it did all that it should. */
  readonly run: (calls?: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

function check(answer: unknown, made: number, calls: number): void {
  if (answer !== ANSWER || made !== calls)
    throw new Error(`Expected an answer after ${calls} calls, got ${String(answer)} after ${made}. Correct this.`);
}

/** The loop of the AI SDK, which keeps nothing. */
export async function openTheirs(): Promise<Rival> {
  return {
    run: async (calls = CALLS) => {
      let made = 0;
      const agent = new ToolLoopAgent({
        model: new MockLanguageModelV4({ doGenerate: async ({ prompt }) => theirReply(prompt, calls) }),
        instructions: INSTRUCTIONS,
        tools: {
          lookup: tool({
            description: DESCRIPTION,
            inputSchema: article,
            outputSchema: found,
            execute: async (input) => {
              made += 1;
              return find(input);
            },
          }),
        },
        stopWhen: isStepCount(MOST_STEPS),
      });
      const { text } = await agent.generate({ prompt: GOAL });
      check(text, made, calls);
    },
    close: async () => {},
  };
}

type Generate = Awaited<ReturnType<MockLanguageModelV4["doGenerate"]>>;
type Prompt = Parameters<MockLanguageModelV4["doGenerate"]>[0]["prompt"];

function theirReply(prompt: Prompt, calls: number): Generate {
  const turn = prompt.filter(({ role }) => role === "assistant").length;
  const isLast = turn >= calls;
  const call = {
    type: "tool-call",
    toolCallId: `call-${turn}`,
    toolName: "lookup",
    input: JSON.stringify({ article: turn }),
  } as const;
  return {
    content: [{ type: "text", text: isLast ? ANSWER : textOf(turn) }, ...(isLast ? [] : [call])],
    finishReason: { unified: isLast ? "stop" : "tool-calls", raw: undefined },
    usage: {
      inputTokens: { total: 100, noCache: 100, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: 20, text: 20, reasoning: 0 },
    },
    warnings: [],
  };
}

function ourReply(turn: number, calls: number): ScriptedReply {
  const usage = { input: 100, output: 20 };
  if (turn >= calls) return { text: ANSWER, usage };
  return { text: textOf(turn), calls: [{ id: `call-${turn}`, tool: "lookup", input: { article: turn } }], usage };
}

/** Our agent, on a store in memory. */
export async function openInMemory(): Promise<Rival> {
  return openOurs(createMemoryDriver(), async () => {});
}

/** Our agent, on a new state folder in SQLite, fully synchronised. */
export async function openOnDisk(place: string = tmpdir()): Promise<Rival> {
  const dir = await mkdtemp(join(place, "pawl-bench-agents-"));
  return openOurs(createSqliteDriver({ dir }), () => rm(dir, { recursive: true }));
}

async function openOurs(driver: StoreDriver, closed: () => Promise<void>): Promise<Rival> {
  const work = { made: 0, calls: CALLS };
  const agent = createAgent(work);
  const executor = await openExecutor(driver, { dir: "", use: [agent] });
  return {
    run: async (calls = CALLS) => {
      Object.assign(work, { made: 0, calls });
      const run = await executor.start(agent, { input: { goal: GOAL } });
      const result = await run.result();
      check(result.tag === "succeeded" ? result.output.answer : result.why, work.made, calls);
    },
    close: async () => {
      await executor.close();
      await closed();
    },
  };
}

function createAgent(work: { made: number; calls: number }): Action<Goal, AgentOutput> {
  const lookup = defineQuery("lookup", {
    description: DESCRIPTION,
    input: article,
    output: found,
    run: async ({ input }) => {
      work.made += 1;
      return find(input);
    },
  });
  return defineAgent("clerk", {
    model: scriptedModel(({ messages }) =>
      ourReply(messages.filter(({ role }) => role === "assistant").length, work.calls),
    ),
    instructions: INSTRUCTIONS,
    tools: [lookup],
    budget: { steps: MOST_STEPS },
  });
}

/** Several runs in a row, so that one measurement is long enough. */
export function contestant(open: () => Promise<Rival>, runs: number): Contestant {
  return {
    prepare: async () => {
      const { run, close } = await open();
      const work = async (): Promise<void> => {
        for (let at = 0; at < runs; at += 1) await run();
      };
      return { work, close };
    },
  };
}
