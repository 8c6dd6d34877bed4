import type { AgentBudget, AgentOptions, OnBudget } from "../agents/index.ts";
import type { OpenOptions } from "./types.ts";

/** What `pawl agent`, `pawl chat` and `pawl plan` take where their options are silent. */
export interface AgentDefaults {
  readonly instructions?: string;
  /** Tools by name, as `--tools` takes them. */
  readonly tools?: readonly string[];
  readonly budget?: AgentBudget;
  readonly onBudget?: OnBudget;
  readonly approve?: "effects" | "all";
}

/** What the command line opens its executor with; `dir` is the state folder where --dir and PAWL_DIR are silent. */
export type Config = Partial<
  Pick<OpenOptions, "dir" | "use" | "policies" | "resources" | "parallel" | "graceMs" | "tenant">
> & {
  /** The model of the command line's agents where --model and PAWL_MODEL are silent; several: the later are cheaper. */
  readonly model?: AgentOptions["model"];
  readonly agent?: AgentDefaults;
};

/** Gives the configuration that `pawl.config.ts` exports as default, with its types checked. */
export function defineConfig(config: Config): Config {
  return config;
}
