import { defaultName, type By } from "../executor/index.ts";
import type { CliContext } from "./context.ts";

/** Who gives the order: --by, else the account. */
export function byOf({ options }: CliContext): By {
  const why = options.text("why");
  return { by: options.text("by") ?? defaultName(), ...(why !== undefined && { why }) };
}
