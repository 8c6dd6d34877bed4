import type { RunReport } from "../plan/index.ts";
import type { StoredEvent } from "../store/index.ts";
import type { CliContext } from "./context.ts";
import type { PlanShape } from "./plan-shape.ts";
import { createLines } from "./view-lines.ts";
import { createTree } from "./view-tree.ts";

/** Who shows runs while they are followed. */
export interface View {
  readonly begin: (report: RunReport, shape: PlanShape | undefined) => void;
  readonly event: (report: RunReport, stored: StoredEvent) => void;
  /** A line of talk, outside of what is redrawn. */
  readonly say: (line: string) => void;
  /** Draws for the last time and lets go of the terminal. */
  readonly end: () => void;
}

const SILENT: View = { begin: () => {}, event: () => {}, say: () => {}, end: () => {} };

/** The view that fits: none with --json, a live tree on a terminal, plain lines elsewhere. */
export function createView(context: CliContext): View {
  const { isJson, stderr, env } = context;
  if (isJson) return SILENT;
  return stderr.isTerminal && env["TERM"] !== "dumb" ? createTree(stderr) : createLines(context);
}
