import type { WaitReport } from "../../plan/index.ts";
import { runOf } from "../../run/index.ts";
import { byOf } from "../by.ts";
import { carryOn } from "../carry-on.ts";
import type { CliContext } from "../context.ts";
import { atDesk, type Desk } from "../desk.ts";
import { EXIT } from "../exit-codes.ts";
import { printOutcome, toOutcome } from "../outcome.ts";
import { rootOf, standingOf } from "../standing.ts";
import { brief, oneLine } from "../text.ts";
import { toAnswer } from "../to-answer.ts";

/** `pawl answer WAIT VALUE`: 0 once the answer is recorded. */
export function performAnswer(context: CliContext): Promise<number> {
  const [wait = "", text = ""] = context.arguments;
  return atDesk(context, { mustExist: true }, async (desk) => {
    const id = runOf({ type: "answer", wait, by: "", value: null });
    const value = toAnswer(text, await findWait(desk, id, wait));
    await desk.client().answer(wait, { by: byOf(context).by, value });
    context.say(`recorded: ${oneLine(wait)} is ${brief(value)}`);
    const root = await rootOf(desk.client(), id);
    if (desk.isOwner()) for (const outcome of await carryOn(context, desk, [root])) printOutcome(context, outcome);
    else await printState(context, desk, root);
    return EXIT.ok;
  });
}

async function findWait(desk: Desk, id: string, wait: string): Promise<WaitReport | undefined> {
  const waits = await (await desk.client().run(id)).report();
  return [...waits.waits.values()].find((open) => open.wait === wait);
}

async function printState(context: CliContext, desk: Desk, id: string): Promise<void> {
  const report = await (await desk.client().run(id)).report();
  const standing = await standingOf(desk.client(), report);
  context.say(`${oneLine(id)} is ${report.tag}; the process that owns the folder goes on with it`);
  printOutcome(context, toOutcome(report, standing));
}
