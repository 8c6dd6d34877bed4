import type { OpenOptions } from "./types.ts";

/** What the command line opens its executor with; `dir` is the state folder where --dir and PAWL_DIR are silent. */
export type Config = Partial<
  Pick<OpenOptions, "dir" | "use" | "policies" | "resources" | "parallel" | "graceMs" | "tenant">
>;

/** Gives the configuration that `pawl.config.ts` exports as default, with its types checked. */
export function defineConfig(config: Config): Config {
  return config;
}
