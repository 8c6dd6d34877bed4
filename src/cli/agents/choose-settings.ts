import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { toInputError, type InputError } from "../../base/index.ts";
import type { Config } from "../../executor/index.ts";
import type { CliContext } from "../context.ts";
import { badValue } from "../parse-arguments.ts";
import { nearest } from "../suggest.ts";
import { parseBudget } from "./budget.ts";
import { APPROVE, FROM_CONFIG, ON_BUDGET, type AgentSettings } from "./settings.ts";
import { defaultTools, findTools, pinTool } from "./tool-table.ts";

/** For what it is chosen. */
export interface Choosing {
  /** What the agent of the conversation was made of before. */
  readonly before?: AgentSettings | undefined;
  /** A planner's plan can be approved as a whole. */
  readonly isPlanner?: boolean;
}

/**
 * Decides what an agent is made of: what the options say, else what it was in the conversation before, else what the
 * configuration says.
 *
 * @throws {InputError} CLI_MISSING_ARGUMENT without a model, CLI_BAD_VALUE, FILE_UNREADABLE
 */
export async function chooseSettings(
  context: CliContext,
  config: Config,
  { before, isPlanner = false }: Choosing = {},
): Promise<AgentSettings> {
  const given = { ...config.agent, ...before, ...(await readOptions(context, isPlanner)) };
  const tools = (given.tools ?? defaultTools(config)).map((name) => pinTool(name, context.cwd));
  findTools(tools, config);
  return { ...given, models: chooseModels(context, config, before), tools };
}

async function readOptions(context: CliContext, isPlanner: boolean): Promise<Partial<AgentSettings>> {
  const { options } = context;
  const tools = options.text("tools")?.split(",");
  const budget = options.text("budget");
  const onBudget = oneOf(context, "on-budget", ON_BUDGET);
  const approve = oneOf(
    context,
    "approve",
    APPROVE.filter((one) => one !== "plan" || isPlanner),
  );
  const instructions = await readInstructions(context);
  return {
    ...(tools !== undefined && { tools: tools.filter((name) => name !== "") }),
    ...(budget !== undefined && { budget: parseBudget(budget) }),
    ...(onBudget !== undefined && { onBudget }),
    ...(approve !== undefined && { approve }),
    ...(instructions !== undefined && { instructions }),
  };
}

function chooseModels(
  { options, env, cwd }: CliContext,
  { model }: Config,
  before: AgentSettings | undefined,
): readonly string[] {
  const named = options.list("model");
  if (named.length > 0) return named.map((address) => pinModel(address, cwd));
  if (before !== undefined) return before.models;
  const set = env["PAWL_MODEL"] ?? "";
  if (set !== "") return [pinModel(set, cwd)];
  if (model === undefined) throw noModel();
  const listed = typeof model === "string" || Array.isArray(model) ? [model].flat() : [];
  const names = listed.filter((one) => typeof one === "string");
  return names.length > 0 && names.length === listed.length ? names.map((one) => pinModel(one, cwd)) : [FROM_CONFIG];
}

/** Files are found from everywhere, and an address holds nothing that may be a key: it is kept in the run. */
function pinModel(address: string, cwd: string): string {
  const [, kind = "", file = "", rest = ""] = /^(scripted|recorded):([^#]+)(#.*)?$/u.exec(address) ?? [];
  if (kind !== "") return `${kind}:${resolve(cwd, file)}${rest}`;
  const url = /^https?:/u.test(address) ? URL.parse(address) : null;
  if (url === null || url.search === "") return address;
  throw badValue("--model", {
    expected: "an address without a query, since it is kept in the run",
    got: `one with ?${[...url.searchParams.keys()].join("&")}`,
    fix: "Put the key into PAWL_API_KEY.",
  });
}

function noModel(): InputError {
  const fix = [
    "Give --model, or set PAWL_MODEL, or `model` in pawl.config.ts, to one of:",
    "http://127.0.0.1:8093/v1#NAME   a server that speaks as OpenAI's does (llama.cpp, vLLM, LM Studio), or ollama:NAME",
    "openai:NAME, anthropic:NAME     a provider, with its key in OPENAI_API_KEY or ANTHROPIC_API_KEY",
    "recorded:FILE                   answers that were recorded before: no key, no network",
    "`pawl models ls` shows what is there.",
  ].join("\n");
  const problem = { code: "CLI_MISSING_ARGUMENT", path: "--model", expected: "a model", got: "nothing", fix };
  return toInputError("No model is chosen", [problem]);
}

function oneOf<Name extends string>({ options }: CliContext, option: string, names: readonly Name[]): Name | undefined {
  const text = options.text(option);
  if (text === undefined) return undefined;
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  const near = nearest(text, names);
  const fix = near === undefined ? "Choose one of these." : `Did you mean ${near}?`;
  throw badValue(`--${option}`, { expected: names.join(", "), got: JSON.stringify(text), fix });
}

async function readInstructions({ options, cwd }: CliContext): Promise<string | undefined> {
  const text = options.text("instructions");
  if (text === undefined || !text.startsWith("@")) return text;
  try {
    return await readFile(resolve(cwd, text.slice(1)), "utf8");
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    const fix = "Check the path; it is relative to the current folder.";
    const problem = { code: "FILE_UNREADABLE", path: "--instructions", expected: "a file of text", got, fix };
    throw toInputError("The instructions can't be read", [problem]);
  }
}
