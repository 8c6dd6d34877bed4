import { InputError } from "../../base/index.ts";
import type { CliContext } from "../context.ts";

/** Not written yet. */
export async function performPlanGraph(context: CliContext): Promise<number> {
  throw new InputError("CLI_UNKNOWN_VERB", `Not written yet: ${context.cwd}`);
}
