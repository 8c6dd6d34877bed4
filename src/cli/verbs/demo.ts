import type { CliContext } from "../context.ts";
import { folderOf } from "../context.ts";

/** `pawl demo`. */
export async function performDemo(context: CliContext): Promise<number> {
  const { runDemo } = await import("../demo/index.ts");
  const { isInteractive, write, paint } = context;
  return runDemo({ dir: folderOf(context).shown, isInteractive, write, paint });
}
