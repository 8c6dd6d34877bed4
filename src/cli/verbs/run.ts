import { resolve } from "node:path";
import { loadPlan } from "../../executor/index.ts";
import { carryOn } from "../carry-on.ts";
import type { CliContext } from "../context.ts";
import { openDesk } from "../desk.ts";
import { EXIT, exitFor } from "../exit-codes.ts";
import { printOutcome } from "../outcome.ts";
import { readInput } from "../read-input.ts";

/** `pawl run FILE`. */
export async function performRun(context: CliContext): Promise<number> {
  const { arguments: words, options, cwd } = context;
  const plan = await loadPlan(resolve(cwd, words[0] ?? ""));
  const input = await readInput(options.text("input"), cwd);
  const desk = await openDesk(context, { mustExist: false });
  try {
    const id = options.text("id");
    const run = await desk.client().start(plan, { input, tags: options.list("tag"), ...(id !== undefined && { id }) });
    const [outcome] = await carryOn(context, desk, [run.id]);
    if (outcome === undefined) return EXIT.failed;
    printOutcome(context, outcome);
    return exitFor(outcome.tag);
  } finally {
    await desk.close();
  }
}
