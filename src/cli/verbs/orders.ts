import { toInputError } from "../../base/index.ts";
import type { Run } from "../../executor/index.ts";
import type { RunTag } from "../../plan/index.ts";
import { byOf } from "../by.ts";
import { carryOn } from "../carry-on.ts";
import type { CliContext } from "../context.ts";
import { atDesk } from "../desk.ts";
import { exitFor } from "../exit-codes.ts";
import { printOutcome } from "../outcome.ts";
import { rootOf } from "../standing.ts";

/** `pawl cancel ID`: 0 once it is cancelled, 4 if an undo is stuck. */
export function performCancel(context: CliContext): Promise<number> {
  return order(context, (run) => run.cancel(byOf(context)), "cancelled");
}

/** `pawl rollback ID`: 0 once it is rolled back, 4 if an undo is stuck. */
export function performRollback(context: CliContext): Promise<number> {
  return order(context, (run) => run.rollback(byOf(context)), "rolled-back");
}

/** `pawl retry ID`. */
export function performRetry(context: CliContext): Promise<number> {
  return order(context, (run) => run.retry(byOf(context)), "succeeded");
}

/** `pawl fork ID --from NODE`. */
export async function performFork(context: CliContext): Promise<number> {
  const { options } = context;
  const from = demandFrom(options.text("from"));
  const id = options.text("id");
  const [source = ""] = context.arguments;
  return atDesk(context, { mustExist: true }, async (desk) => {
    const run = await desk.client().fork(source, { from, tags: options.list("tag"), ...(id !== undefined && { id }) });
    const outcomes = await carryOn(context, desk, [run.id]);
    for (const outcome of outcomes) printOutcome(context, outcome);
    return exitFor(outcomes);
  });
}

function demandFrom(from: string | undefined): string {
  if (from !== undefined) return from;
  const expected = "the node to go again from";
  const problem = { code: "CLI_MISSING_ARGUMENT", path: "--from", expected, got: "nothing", fix: "Add --from NODE." };
  throw toInputError("pawl fork needs more", [problem]);
}

/** Gives an order about a run and sees it through; a run that it is part of is carried on too. */
function order(context: CliContext, give: (run: Run) => Promise<void>, goal: RunTag): Promise<number> {
  const [id = ""] = context.arguments;
  return atDesk(context, { mustExist: true }, async (desk) => {
    await give(await desk.client().run(id));
    const root = await rootOf(desk.client(), id);
    const [outcome] = await carryOn(context, desk, root === id ? [id] : [id, root]);
    if (outcome === undefined) return exitFor([]);
    printOutcome(context, outcome);
    return exitFor([outcome], goal);
  });
}
