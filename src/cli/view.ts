import type { CliContext } from "./context.ts";
import type { View } from "./follow.ts";
import { createLines } from "./view-lines.ts";

/** The view that fits: nothing with --json, a live tree on a terminal, plain lines elsewhere. */
export function createView(context: CliContext): View {
  const { isJson } = context;
  if (isJson) return { begin: () => {}, event: () => {}, say: () => {}, end: () => {} };
  return createLines(context);
}
