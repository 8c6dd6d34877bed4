import { carryOn } from "../carry-on.ts";
import { InputError } from "../../base/index.ts";
import type { CliContext } from "../context.ts";
import { atDesk, type Desk } from "../desk.ts";
import { exitFor } from "../exit-codes.ts";
import { byOf } from "../by.ts";
import { printOutcome, type RunOutcome } from "../outcome.ts";
import { rootOf } from "../standing.ts";
import { oneLine, toJsonText } from "../text.ts";

/** `pawl resume [ID]`. */
export function performResume(context: CliContext): Promise<number> {
  const [id] = context.arguments;
  return atDesk(context, { mustExist: true }, async (desk) => {
    const ids = id === undefined ? await unfinished(desk) : [await wake(context, desk, id)];
    const outcomes = await carryOn(context, desk, ids);
    if (id === undefined) printAll(context, outcomes);
    else for (const outcome of outcomes) printOutcome(context, outcome);
    return exitFor(outcomes);
  });
}

function printAll({ isJson, write, say }: CliContext, outcomes: readonly RunOutcome[]): void {
  if (isJson) return write(toJsonText({ runs: outcomes }));
  if (outcomes.length === 0) say("nothing is unfinished here");
  for (const { run, tag } of outcomes) write(`${oneLine(run)}\t${tag}`);
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
