import { isJsonObject } from "../base/index.ts";
import type { RunReport } from "../plan/index.ts";
import { howToAnswer, howToResume } from "./advice.ts";
import type { CliContext } from "./context.ts";
import { interrupted, type Desk } from "./desk.ts";
import { follow, type Followed } from "./follow.ts";
import { NO_LIMIT_MS } from "./interrupt.ts";
import { toOutcome, type RunOutcome } from "./outcome.ts";
import type { PlanShape } from "./plan-shape.ts";
import { summarise } from "./summary.ts";
import { oneLine } from "./text.ts";
import { createView, type View } from "./view.ts";

/** What is being carried on. */
interface Work {
  readonly context: CliContext;
  readonly desk: Desk;
  readonly ids: readonly string[];
  readonly view: View;
  readonly shapes: Map<string, PlanShape | undefined>;
  readonly reports: RunReport[];
}

/**
 * Works on runs, or follows those who do, until each has ended, is suspended or waits for people.
 *
 * @throws {CancelledError} INTERRUPTED when someone said stop; what was out has ended by then.
 */
export async function carryOn(context: CliContext, desk: Desk, ids: readonly string[]): Promise<readonly RunOutcome[]> {
  const view = await viewFor(context, desk, ids);
  const work: Work = { context, desk, ids, view, shapes: new Map(), reports: [] };
  const { interrupt } = desk;
  interrupt.talk({ say: work.view.say, describe: () => describeDrain(work) });
  if (!desk.isOwner()) work.view.say(`another process works in ${oneLine(desk.folder)}: following it`);
  try {
    const followed = await Promise.all(ids.map((id) => followOne(work, id)));
    if (interrupt.signal.aborted && followed.some(({ standing }) => !standing.isAtRest)) await stop(work);
    work.view.end();
    return followed.map((one) => conclude(work, one));
  } finally {
    work.view.end();
  }
}

/** A single run of an agent is shown by what it says, anything else by its nodes. */
async function viewFor(context: CliContext, desk: Desk, ids: readonly string[]): Promise<View> {
  const [only, ...more] = ids;
  if (only === undefined || more.length > 0) return createView(context);
  const { input } = await (await desk.client().run(only)).report();
  if (!isJsonObject(input) || !isJsonObject(input["settings"] ?? null)) return createView(context);
  const screen = (await import("./agents/screen.ts")).createScreen(context);
  desk.onPiece(screen.piece);
  return screen;
}

function followOne({ context, desk, view, shapes, reports }: Work, id: string): Promise<Followed> {
  return follow(desk, id, {
    view,
    signal: desk.interrupt.signal,
    mayWait: context.options.has("wait"),
    onReport: async (report) => {
      const shape = context.isJson ? undefined : await desk.shapeOf(report);
      shapes.set(report.run, shape);
      reports.push(report);
      view.begin(report, shape);
    },
    onWaits: ({ waits }) => {
      for (const line of howToAnswer(waits, desk.folder)) view.say(line);
    },
  });
}

async function stop({ desk, ids, view }: Work): Promise<never> {
  await desk.close({ drainMs: NO_LIMIT_MS });
  view.end();
  throw interrupted(ids, desk);
}

function conclude({ context, desk, shapes }: Work, { report, standing }: Followed): RunOutcome {
  const outcome = toOutcome(report, standing);
  const finale = { report, standing, outcome, shape: shapes.get(report.run), folder: desk.folder };
  for (const line of summarise(finale, context.stderr.paint)) context.say(line);
  return outcome;
}

function describeDrain({ desk, reports, ids }: Work): readonly string[] {
  if (!desk.isOwner()) return ["no longer following; the run goes on"];
  const running = reports.flatMap((report) =>
    [...report.nodes.values()].filter(({ status }) => status === "running" || status === "undoing").map(({ id }) => id),
  );
  const what = running.length === 0 ? "nothing is out" : `${running.join(", ")} may end first`;
  return [`stopping: ${what}. Once more to stop at once. ${howToResume(ids, desk.folder)}`];
}
