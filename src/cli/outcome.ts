import type { Json } from "../base/index.ts";
import type { RunReport, RunTag, WaitReport } from "../plan/index.ts";
import type { CliContext } from "./context.ts";
import type { Standing } from "./standing.ts";
import { toJsonText } from "./text.ts";

/** A run as a command leaves it: what --json prints (schemas/run.schema.json). */
export interface RunOutcome {
  readonly run: string;
  readonly tag: RunTag;
  /** null unless it succeeded. */
  readonly output: Json;
  readonly why: string | null;
  readonly undone: readonly string[];
  readonly notUndone: readonly { readonly node: string; readonly why: string }[];
  readonly waits: readonly WaitOut[];
}

/** An open question, as --json prints it. Instants are milliseconds since the epoch. */
export interface WaitOut {
  readonly wait: string;
  readonly run: string;
  readonly node: string;
  readonly kind: string;
  readonly show: Json;
  readonly answer: Json;
  readonly openedAt: number;
  readonly until: number | null;
}

export function toOutcome(report: RunReport, standing: Standing): RunOutcome {
  const { end } = report;
  return {
    run: report.run,
    tag: standing.tag,
    output: end?.output ?? null,
    why: end?.why ?? report.suspended ?? report.why ?? null,
    undone: end?.undone ?? [],
    notUndone: (end?.notUndone ?? []).map(({ node, why }) => ({ node, why })),
    waits: standing.waits.map(toWaitOut),
  };
}

export function toWaitOut({ wait, run, node, kind, show, answer, openedAt, until }: WaitReport): WaitOut {
  return { wait, run, node, kind, show, answer: answer ?? null, openedAt, until: until ?? null };
}

/** Prints what became of a run: with --json all of it, else its output if it succeeded. */
export function printOutcome({ isJson, stdout, write }: CliContext, outcome: RunOutcome): void {
  if (isJson) write(toJsonText(outcome));
  else if (outcome.tag === "succeeded") write(toJsonText(outcome.output, stdout.isTerminal ? 2 : 0));
}
