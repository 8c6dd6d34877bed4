import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InputError } from "../base/index.ts";
import type { Config } from "../executor/index.ts";
import type { CliContext } from "./context.ts";

const NAMES = ["pawl.config.ts", "pawl.config.mjs", "pawl.config.js"];

/**
 * Loads the configuration: that of --config, else the one in the current folder, else an empty one.
 *
 * @throws {InputError} CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function loadConfig({ options, cwd }: CliContext): Promise<Config> {
  const named = options.text("config");
  const file = named === undefined ? NAMES.map((name) => resolve(cwd, name)).find(existsSync) : resolve(cwd, named);
  if (file === undefined) return {};
  const loaded = await load(file);
  const config = typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded.default : undefined;
  if (isConfig(config)) return config;
  throw new InputError(
    "CONFIG_INVALID",
    `${file}: expected \`export default defineConfig({ use: [...] })\`, got ${config === undefined ? "no default export" : "something else"}.`,
  );
}

async function load(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError("CONFIG_UNREADABLE", `Can't load the configuration ${file}: ${reason}`, { cause });
  }
}

const FIELDS = new Set(["use", "dir", "policies", "resources", "parallel", "graceMs", "tenant", "model", "agent"]);

function isConfig(value: unknown): value is Config {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { use, policies, dir }: { use?: unknown; policies?: unknown; dir?: unknown } = value;
  const isList = (list: unknown): boolean => list === undefined || Array.isArray(list);
  return (
    isList(use) &&
    isList(policies) &&
    (dir === undefined || typeof dir === "string") &&
    Object.keys(value).every((field) => FIELDS.has(field))
  );
}
