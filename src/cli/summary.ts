import type { RunReport } from "../plan/index.ts";
import { dirFlag, howToAnswer, quote } from "./advice.ts";
import { duration } from "./duration.ts";
import type { RunOutcome } from "./outcome.ts";
import { criticalMs, type PlanShape } from "./plan-shape.ts";
import type { Standing } from "./standing.ts";
import type { Output } from "./terminal.ts";
import { oneLine } from "./text.ts";
import { paintTag } from "./words.ts";

/** What a summary is made of. */
export interface Finale {
  readonly report: RunReport;
  readonly standing: Standing;
  readonly outcome: RunOutcome;
  readonly shape: PlanShape | undefined;
  readonly folder: string;
}

/** The last lines about a run: how it stands, how long it took, what is not undone, and what to type next. */
export function summarise(finale: Finale, paint: Output["paint"]): readonly string[] {
  const { report, outcome, shape } = finale;
  const took = duration((report.end?.at ?? report.updatedAt) - report.createdAt);
  const isEnded = report.end !== undefined;
  const path = shape === undefined || !isEnded ? "" : `, critical path ${duration(criticalMs(shape, report.nodes))}`;
  const head = `${paintTag(outcome.tag, paint)}  ${paint("bold", oneLine(report.run))}  ${isEnded ? "in" : "after"} ${took}${path}`;
  const why = outcome.why === null ? [] : [`  why: ${oneLine(outcome.why)}`];
  const undone = outcome.undone.length === 0 ? [] : [`  undone: ${outcome.undone.map(oneLine).join(", ")}`];
  const left = outcome.notUndone.map(
    (one) => `  ${paint("red", "not undone")}: ${oneLine(one.node)}: ${oneLine(one.why)}`,
  );
  return [head, ...why, ...undone, ...left, ...next(finale)];
}

function next({ outcome, standing, folder }: Finale): readonly string[] {
  const id = quote(outcome.run);
  const at = dirFlag(folder);
  switch (outcome.tag) {
    case "waiting":
      return [...howToAnswer(standing.waits, folder), `  then the run goes on by itself; or: pawl resume ${id}${at}`];
    case "suspended":
      return [`  mend what is named, then: pawl resume ${id}${at}`];
    case "rollback-stuck":
      return [`  mend what stops the undo, then: pawl retry ${id}${at}`];
    default:
      return [`  next: pawl runs show ${id}${at}`];
  }
}
