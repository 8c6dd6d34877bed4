import { carryOn } from "../carry-on.ts";
import { InputError } from "../../base/index.ts";
import type { CliContext } from "../context.ts";
import { openDesk, type Desk } from "../desk.ts";
import { exitFor, worstExit } from "../exit-codes.ts";
import { byOf } from "../by.ts";
import { printOutcome } from "../outcome.ts";
import { rootOf } from "../standing.ts";

/** `pawl resume [ID]`. */
export async function performResume(context: CliContext): Promise<number> {
  const [id] = context.arguments;
  const desk = await openDesk(context, { mustExist: true });
  try {
    const ids = id === undefined ? await unfinished(desk) : [await wake(context, desk, id)];
    const outcomes = await carryOn(context, desk, ids);
    if (id === undefined && context.isJson) context.write(JSON.stringify({ runs: outcomes }));
    else if (id === undefined) for (const { run, tag } of outcomes) context.write(`${run}\t${tag}`);
    else for (const outcome of outcomes) printOutcome(context, outcome);
    if (ids.length === 0) context.say("nothing is unfinished here");
    return worstExit(outcomes.map(({ tag }) => exitFor(tag)));
  } finally {
    await desk.close();
  }
}

/** Suspended runs too: they are told, not let go. Runs inside others go on with these. */
async function unfinished(desk: Desk): Promise<readonly string[]> {
  const states = ["running", "waiting", "rolling-back", "cancelling", "suspended"] as const;
  const runs = await desk.client().runs({ states, limit: 10_000 });
  return runs
    .filter(({ parent }) => parent === undefined)
    .map(({ run }) => run)
    .toReversed();
}

/** Lets a suspended run go on; another owner is made to take the run up. Gives the run to follow. */
async function wake(context: CliContext, desk: Desk, id: string): Promise<string> {
  const run = await desk.client().run(id);
  const { tag } = await run.report();
  try {
    if (tag === "suspended" || !desk.isOwner()) await run.resume(byOf(context));
  } catch (error) {
    if (!InputError.is(error) || error.code !== "NOT_POSSIBLE") throw error;
  }
  return rootOf(desk.client(), id);
}
