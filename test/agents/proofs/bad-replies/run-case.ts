import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { defineAgent, type AgentOutput } from "../../../../src/agents/index.ts";
import { AgentExecutor, defineAction, type Result, type Run, type RunEvent } from "../../../../src/index.ts";
import { resolveModel, scriptedModel, serveModel } from "../../../../src/models/index.ts";
import type { BadCase, Ends } from "./cases.ts";

const LONGEST_WAIT_MS = 3_600_000;
const QUICK_MS = 5_000;
const STEPS = 20;

/** What a case came to. */
export interface Outcome {
  readonly name: string;
  readonly ends: Ends | { readonly tag: string };
  /** Of all failures in the journal. */
  readonly codes: readonly string[];
  readonly asked: number;
  readonly made: number;
  readonly undone: number;
  /** Tokens by the journal: in all, and of the largest thought. */
  readonly tokens: number;
  readonly largest: number;
  readonly ms: number;
}

/** Runs an agent against a bad server until it has ended. `isQuick`: what is slow only because it is patient is cut short. */
export async function runCase(bad: BadCase, { isQuick }: { readonly isQuick: boolean }): Promise<Outcome> {
  const begun = performance.now();
  let said = 0;
  const { fault } = bad;
  const served = scriptedModel(() => bad.reply?.((said += 1)) ?? "fine");
  await using server = await serveModel(served, {
    ...(fault !== undefined && { fault: ({ number }) => fault(number) }),
  });
  if (bad.isDead === true) await server.close();
  const dir = await mkdtemp(join(tmpdir(), "pawl-bad-"));
  const world = { made: 0, undone: 0 };
  const agent = createAgent(bad, server.url, { world, isQuick });
  const executor = await AgentExecutor.open({ dir, use: [agent] });
  const run = await executor.start(agent, { id: "bad", input: { goal: "Pay what is due." } });
  const ends = bad.ends.tag === "parked" ? await findParked(run) : toEnds(await run.result());
  const events: RunEvent[] = [];
  for await (const { event } of run.events()) events.push(event);
  await executor.close();
  await rm(dir, { recursive: true });
  const thoughts = events.flatMap((event) => (event.type === "node-succeeded" ? [event.used?.["tokens"] ?? 0] : []));
  return {
    name: bad.name,
    ends,
    codes: events.flatMap((event) => (event.type === "node-failed" ? [event.error.code] : [])),
    asked: server.calls().length,
    ...world,
    tokens: thoughts.reduce((sum, one) => sum + one, 0),
    largest: Math.max(0, ...thoughts),
    ms: Math.round(performance.now() - begun),
  };
}

interface Setting {
  readonly world: { made: number; undone: number };
  readonly isQuick: boolean;
}

function createAgent(
  { limits = {}, options = {}, isSlow = false }: BadCase,
  url: string,
  { world, isQuick }: Setting,
): ReturnType<typeof defineAgent> {
  const pay = defineAction("pay", {
    description: "Pays something.",
    input: z.object({ n: z.number() }),
    output: z.object({ paid: z.number() }),
    repeat: "keyed",
    undo: () => void (world.undone += 1),
    run: ({ input }) => {
      world.made += 1;
      return { paid: input.n };
    },
  });
  const budget = { steps: STEPS, ...(isSlow && isQuick && { wallMs: QUICK_MS }), ...options.budget };
  return defineAgent("clerk", {
    model: resolveModel(`${url}#bad`, { env: {}, limits }),
    tools: [pay],
    maxOutputTokens: 500,
    ...options,
    budget,
  });
}

function toEnds(result: Result<AgentOutput<unknown>>): Outcome["ends"] {
  if (result.tag === "succeeded") return { tag: result.tag, ended: result.output.ended };
  return { tag: result.tag, code: codeIn(result.why) };
}

function codeIn(text: string): string {
  return /\b[A-Z]+(?:_[A-Z]+)+\b/u.exec(text)?.[0] ?? text;
}

/** Waits until the run has been told to come again, and sees when. */
async function findParked(run: Run<unknown>): Promise<Outcome["ends"]> {
  for await (const { event } of run.events()) {
    if (event.type !== "node-failed") continue;
    const wait = (event.retryAt ?? event.at) - event.at;
    await run.cancel();
    const { tag } = await run.result();
    const isRight = tag === "cancelled" && wait > 0 && wait <= LONGEST_WAIT_MS;
    return { tag: isRight ? "parked" : `${tag} after ${wait} ms`, code: event.error.code };
  }
  return { tag: "never parked" };
}

/** What is wrong with an outcome. */
export function findFaults(
  bad: BadCase,
  outcome: Outcome,
  { isQuick }: { readonly isQuick: boolean },
): readonly string[] {
  const { options, made = 0, ends } = bad;
  const faults: string[] = [];
  const check = (isRight: boolean, what: string): void => {
    if (!isRight) faults.push(`${bad.name}: ${what}`);
  };
  check(
    isSame(ends, outcome.ends) || (isQuick && isCutShort(bad, outcome)),
    `expected ${JSON.stringify(ends)}, got ${JSON.stringify(outcome.ends)}`,
  );
  check(isAsked(bad, outcome.asked, isQuick), `the model was asked ${outcome.asked} times`);
  check(outcome.made <= made, `the tool was called ${outcome.made} times`);
  const { steps = STEPS, tokens = Infinity, calls = Infinity } = options?.budget ?? {};
  check(outcome.asked <= steps + 1, `${outcome.asked} steps of ${steps}`);
  check(outcome.made <= calls, `${outcome.made} calls of ${calls}`);
  // More than was reserved may come back once, since nobody can know it before; the next thought then has nothing left.
  check(outcome.tokens - outcome.largest <= tokens, `${outcome.tokens} tokens of ${tokens}, not only by the last call`);
  if (outcome.ends.tag === "rolled-back")
    check(outcome.undone === outcome.made, `${outcome.undone} of ${outcome.made} undone`);
  else check(outcome.undone === 0, `${outcome.undone} undone`);
  return faults;
}

function isSame(expected: Ends, got: Outcome["ends"]): boolean {
  return JSON.stringify(expected) === JSON.stringify(got);
}

/** On a busy machine the time of a quick run may be up before the thought is given up. */
function isCutShort({ ends, isSlow = false }: BadCase, outcome: Outcome): boolean {
  const isTime = isSame({ tag: "succeeded", ended: "time" }, outcome.ends);
  return isSlow && isTime && "code" in ends && outcome.codes.includes(ends.code);
}

function isAsked({ asked, isSlow = false }: BadCase, count: number, isQuick: boolean): boolean {
  if (typeof asked !== "number") return count <= asked.most;
  return isSlow && isQuick ? count <= asked : count === asked;
}
