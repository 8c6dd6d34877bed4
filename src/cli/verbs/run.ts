import { resolve } from "node:path";
import { loadPlan } from "../../executor/index.ts";
import { carryOn } from "../carry-on.ts";
import type { CliContext } from "../context.ts";
import { atDesk } from "../desk.ts";
import { exitFor } from "../exit-codes.ts";
import { printOutcome } from "../outcome.ts";
import { readInput } from "../read-input.ts";

/** `pawl run FILE`. */
export async function performRun(context: CliContext): Promise<number> {
  const { arguments: words, options, cwd } = context;
  const plan = await loadPlan(resolve(cwd, words[0] ?? ""));
  const input = await readInput(options.text("input"), cwd);
  const id = options.text("id");
  return atDesk(context, { mustExist: false }, async (desk) => {
    const run = await desk.client().start(plan, { input, tags: options.list("tag"), ...(id !== undefined && { id }) });
    const outcomes = await carryOn(context, desk, [run.id]);
    for (const outcome of outcomes) printOutcome(context, outcome);
    return exitFor(outcomes);
  });
}
