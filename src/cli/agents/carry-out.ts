import { isJsonObject, type Json } from "../../base/index.ts";
import type { RunReport } from "../../plan/index.ts";
import { dirFlag, howToAnswer, quote } from "../advice.ts";
import type { CliContext } from "../context.ts";
import { interrupted, type Desk } from "../desk.ts";
import { EXIT, exitFor } from "../exit-codes.ts";
import { followOn, type Followed } from "../follow.ts";
import { NO_LIMIT_MS } from "../interrupt.ts";
import { toOutcome, type RunOutcome } from "../outcome.ts";
import { isOpenTag } from "../standing.ts";
import { summarise } from "../summary.ts";
import { oneLine, toJsonText } from "../text.ts";
import { askHere } from "./ask-here.ts";
import { createScreen, type Screen } from "./screen.ts";
import { tellUsed, usedBy, type Used } from "./usage.ts";

/** A run of an agent as a command leaves it. */
export interface AgentOutcome extends RunOutcome {
  /** What it said, as data where it is some; null where it has not come to an answer. */
  readonly answer: Json;
  /** Why it ended; null where it has not. */
  readonly ended: string | null;
  readonly used: Used;
  readonly ms: number;
  /** What a rollback takes back, as `node tool`. */
  readonly undoable: readonly string[];
}

/**
 * Works on the run of an agent, or follows who does, and shows it; asks at the terminal where someone sits there.
 *
 * @throws {CancelledError} INTERRUPTED when someone said stop; what was out has ended by then.
 */
export async function carryOut(context: CliContext, desk: Desk, id: string): Promise<AgentOutcome> {
  const screen = createScreen(context);
  desk.onPiece(screen.piece);
  const { interrupt, folder } = desk;
  interrupt.talk({ say: screen.say, describe: () => ["stopping after this step; once more to stop at once"] });
  if (!desk.isOwner()) screen.say(`another process works in ${oneLine(folder)}: following it`);
  const report = await (await desk.client().run(id)).report();
  screen.begin(report, undefined);
  try {
    const followed = await followAndAsk(context, desk, { screen, report });
    if (interrupt.signal.aborted && isOpenTag(report.tag)) {
      await desk.close({ drainMs: NO_LIMIT_MS });
      throw interrupted([id], desk);
    }
    return await conclude(context, desk, { screen, followed });
  } finally {
    screen.end();
    desk.onPiece(() => {});
  }
}

async function followAndAsk(
  context: CliContext,
  desk: Desk,
  { screen, report }: { readonly screen: Screen; readonly report: RunReport },
): Promise<Followed> {
  const { signal } = desk.interrupt;
  const mayAsk = context.isInteractive && !context.isJson;
  const mayWait = context.options.has("wait");
  const onWaits: NonNullable<Parameters<typeof followOn>[2]["onWaits"]> = ({ waits }) => {
    for (const line of howToAnswer(waits, desk.folder)) screen.say(line);
  };
  for (;;) {
    const options = { view: screen, signal, mayWait: mayWait && !mayAsk, onWaits };
    const followed = await followOn(desk, report, options);
    const { waits } = followed.standing;
    if (!mayAsk || waits.length === 0 || signal.aborted) return followed;
    screen.end();
    if (!(await askHere(context, desk, waits))) return followed;
  }
}

interface Ending {
  readonly screen: Screen;
  readonly followed: Followed;
}

async function conclude(context: CliContext, desk: Desk, { screen, followed }: Ending): Promise<AgentOutcome> {
  const { report, standing } = followed;
  const outcome = toOutcome(report, standing);
  const { answer = null, ended = null, effects } = isJsonObject(outcome.output) ? outcome.output : {};
  const undoable = undoableIn(effects);
  const done: AgentOutcome = {
    ...outcome,
    answer,
    ended: typeof ended === "string" ? ended : null,
    used: await usedBy(desk.client(), report),
    ms: (report.end?.at ?? report.updatedAt) - report.createdAt,
    undoable,
  };
  screen.end();
  if (context.isJson) return done;
  const { stderr } = context;
  if (outcome.tag === "succeeded") printAnswer(context, screen, done);
  else
    for (const line of summarise({ ...followed, outcome, shape: undefined, folder: desk.folder }, stderr.paint))
      context.say(line);
  context.say(stderr.paint("dim", tellUsed(done.used, done.ms)));
  if (undoable.length > 0) {
    const what = undoable.map(oneLine).join(", ");
    const how = `pawl rollback ${quote(outcome.run)}${dirFlag(desk.folder)}`;
    context.say(stderr.paint("dim", `can be undone: ${what}; with: ${how}`));
  }
  return done;
}

function undoableIn(effects: Json | undefined): readonly string[] {
  const list = effects !== undefined && isJsonObject(effects) ? effects["undoable"] : undefined;
  return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
}

function printAnswer({ write, say, stdout }: CliContext, screen: Screen, { answer, ended }: AgentOutcome): void {
  if (ended === "budget" || ended === "time" || ended === "loop" || ended === "no-answer") say(`ended early: ${ended}`);
  if (answer === null) return say("it has no answer");
  const text = typeof answer === "string" ? safeText(answer) : toJsonText(answer, stdout.isTerminal ? 2 : 0);
  if (!screen.hasShown(text)) write(text);
}

/** Text for a person or a pipe: what a terminal would obey is taken out. */
function safeText(text: string): string {
  return text
    .split("\n")
    .map((line) => line.split("\t").map(oneLine).join("\t"))
    .join("\n");
}

/** 0 with an answer, 1 without one; else as for every run. */
export function exitForAgent(outcome: AgentOutcome): number {
  if (outcome.tag === "succeeded" && outcome.answer === null) return EXIT.failed;
  return exitFor([outcome]);
}

/** What `--json` prints of it. */
export function toAgentOut({ used, ...outcome }: AgentOutcome): object {
  return { ...outcome, used: { ...used } };
}
