import { toInputError } from "../../base/index.ts";
import type { Run } from "../../executor/index.ts";
import { byOf } from "../by.ts";
import { carryOn } from "../carry-on.ts";
import type { CliContext } from "../context.ts";
import { openDesk } from "../desk.ts";
import { EXIT, exitFor } from "../exit-codes.ts";
import { printOutcome, type RunOutcome } from "../outcome.ts";
import { rootOf } from "../standing.ts";

/** `pawl cancel ID`: 0 once it is cancelled, 4 if an undo is stuck. */
export function performCancel(context: CliContext): Promise<number> {
  return order(
    context,
    (run) => run.cancel(byOf(context)),
    ({ tag }) => (tag === "cancelled" ? EXIT.ok : exitFor(tag)),
  );
}

/** `pawl rollback ID`: 0 once it is rolled back, 4 if an undo is stuck. */
export function performRollback(context: CliContext): Promise<number> {
  return order(
    context,
    (run) => run.rollback(byOf(context)),
    ({ tag }) => (tag === "rolled-back" ? EXIT.ok : exitFor(tag)),
  );
}

/** `pawl retry ID`. */
export function performRetry(context: CliContext): Promise<number> {
  return order(
    context,
    (run) => run.retry(byOf(context)),
    ({ tag }) => exitFor(tag),
  );
}

/** `pawl fork ID --from NODE`. */
export async function performFork(context: CliContext): Promise<number> {
  const { options } = context;
  const from = options.text("from");
  if (from === undefined)
    throw toInputError("pawl fork needs more", [
      {
        code: "CLI_MISSING_ARGUMENT",
        path: "--from",
        expected: "the node to go again from",
        got: "nothing",
        fix: "Add --from NODE.",
      },
    ]);
  const desk = await openDesk(context, { mustExist: true });
  try {
    const id = options.text("id");
    const source = context.arguments[0] ?? "";
    const run = await desk.client().fork(source, { from, tags: options.list("tag"), ...(id !== undefined && { id }) });
    const [outcome] = await carryOn(context, desk, [run.id]);
    if (outcome === undefined) return EXIT.failed;
    printOutcome(context, outcome);
    return exitFor(outcome.tag);
  } finally {
    await desk.close();
  }
}

async function order(
  context: CliContext,
  give: (run: Run) => Promise<void>,
  exitOf: (outcome: RunOutcome) => number,
): Promise<number> {
  const desk = await openDesk(context, { mustExist: true });
  try {
    const [id = ""] = context.arguments;
    await give(await desk.client().run(id));
    const root = await rootOf(desk.client(), id);
    const outcomes = await carryOn(context, desk, root === id ? [id] : [id, root]);
    const [outcome] = outcomes;
    if (outcome === undefined) return EXIT.failed;
    printOutcome(context, outcome);
    return exitOf(outcome);
  } finally {
    await desk.close();
  }
}
