import { toProblems, validateValue, type AnyAction } from "../../action/index.ts";
import { toInputError, type Json } from "../../base/index.ts";
import { settingsToJson } from "../agents/settings.ts";
import { toStepGraph } from "../agents/step-graph.ts";
import { allTools, findTools, pinTool, unknownTool } from "../agents/tool-table.ts";
import { carryOn } from "../carry-on.ts";
import { loadConfig } from "../config.ts";
import type { CliContext } from "../context.ts";
import { atDesk } from "../desk.ts";
import { exitFor } from "../exit-codes.ts";
import { printOutcome } from "../outcome.ts";
import { readInput } from "../read-input.ts";

/** `pawl tools call NAME JSON`: a run of one step. */
export async function performToolsCall(context: CliContext): Promise<number> {
  const { arguments: words, options, cwd } = context;
  const [name = "", given = "{}"] = words;
  const config = await loadConfig(context);
  const pinned = pinTool(name, cwd);
  const [action] =
    allTools(config).some((row) => row.name === name) || pinned !== name ? findTools([pinned], config) : [];
  if (action === undefined) throw unknownTool(name, config, "NAME");
  const value = await readInput(given, cwd, "JSON");
  await demandInput(action, value);
  const isBound = pinned !== action.name;
  const input = isBound ? { input: value, settings: settingsToJson({ models: [], tools: [pinned] }) } : value;
  const id = options.text("id");
  return atDesk(context, { mustExist: false }, async (desk) => {
    const graph = toStepGraph(action, isBound ? "${input.input}" : "${input}");
    const run = await desk.client().start(graph, { input, tags: options.list("tag"), ...(id !== undefined && { id }) });
    const outcomes = await carryOn(context, desk, [run.id]);
    for (const outcome of outcomes) printOutcome(context, outcome);
    return exitFor(outcomes);
  });
}

/** Before anything runs: a wrong input is bad input, not a run that failed. */
async function demandInput({ name, definition }: AnyAction, value: Json): Promise<void> {
  const schema = definition.tag === "effect" ? definition.input : undefined;
  const result = schema === undefined ? undefined : await validateValue(schema, value);
  if (result?.issues === undefined) return;
  throw toInputError(`The input does not fit ${name}`, toProblems(result.issues, "input", "INPUT_INVALID"));
}
