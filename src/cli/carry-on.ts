import { CancelledError } from "../base/index.ts";
import type { RunReport } from "../plan/index.ts";
import type { CliContext } from "./context.ts";
import type { Desk } from "./desk.ts";
import { follow, type Followed } from "./follow.ts";
import { drain, listenForInterrupt } from "./interrupt.ts";
import { toOutcome, type RunOutcome } from "./outcome.ts";
import type { Standing } from "./standing.ts";
import { howToAnswer, howToResume } from "./advice.ts";
import { createView } from "./view.ts";

/** Works on runs, or follows those who do, until each has ended, is suspended or waits for people. */
export async function carryOn(context: CliContext, desk: Desk, ids: readonly string[]): Promise<readonly RunOutcome[]> {
  const view = createView(context);
  const live: RunReport[] = [];
  const interrupt = listenForInterrupt(context, desk, { describe: () => describeDrain(desk, live, ids) });
  const mayWait = context.options.has("wait");
  const tellWaits = (standing: Standing): void => {
    for (const line of howToAnswer(standing.waits, desk.folder)) view.say(line);
  };
  try {
    const followed = await Promise.all(
      ids.map((id) =>
        follow(desk, id, {
          view: { ...view, begin: (report) => (live.push(report), view.begin(report)) },
          mayWait,
          onWaits: tellWaits,
          signal: interrupt.signal,
        }),
      ),
    );
    if (interrupt.signal.aborted && followed.some(({ standing }) => !standing.isAtRest)) {
      await drain(desk);
      throw new CancelledError("INTERRUPTED", `Interrupted. ${howToResume(ids, desk.folder)}`);
    }
    view.end();
    return followed.map((one) => close(context, desk, one));
  } finally {
    view.end();
    interrupt.dispose();
  }
}

function close(context: CliContext, desk: Desk, { report, standing }: Followed): RunOutcome {
  const outcome = toOutcome(report, standing);
  if (outcome.tag === "waiting" && !context.options.has("wait"))
    for (const line of howToAnswer(standing.waits, desk.folder)) context.say(line);
  return outcome;
}

function describeDrain(desk: Desk, live: readonly RunReport[], ids: readonly string[]): readonly string[] {
  const running = live.flatMap((report) =>
    [...report.nodes.values()].filter(({ status }) => status === "running" || status === "undoing").map(({ id }) => id),
  );
  const what = running.length === 0 ? "nothing is running" : `waiting for ${running.join(", ")} to end`;
  const how = desk.isOwner() ? `stopping: ${what}; again to stop at once` : "no longer following; the run goes on";
  return [how, howToResume(ids, desk.folder)];
}
