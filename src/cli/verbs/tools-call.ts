import { toProblems, validateValue, type AnyAction } from "../../action/index.ts";
import { toInputError, type InputError, type Json } from "../../base/index.ts";
import { settingsToJson } from "../agents/settings.ts";
import { toStepGraph } from "../agents/step-graph.ts";
import { findTools, pinTool } from "../agents/tool-table.ts";
import { carryOn } from "../carry-on.ts";
import { loadConfig } from "../config.ts";
import type { CliContext } from "../context.ts";
import { atDesk } from "../desk.ts";
import { exitFor } from "../exit-codes.ts";
import { printOutcome } from "../outcome.ts";
import { badValue } from "../parse-arguments.ts";
import { readInput } from "../read-input.ts";

/** `pawl tools call NAME JSON`: a run of one step. */
export async function performToolsCall(context: CliContext): Promise<number> {
  const { arguments: words, options, cwd } = context;
  const [name = "", given = "{}"] = words;
  const config = await loadConfig(context);
  const pinned = pinTool(name, cwd);
  const [action, ...more] = findTools([pinned], config, "NAME");
  if (action === undefined || more.length > 0) throw manyTools(name, [action, ...more]);
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

function manyTools(name: string, actions: readonly (AnyAction | undefined)[]): InputError {
  const folder = name.slice(name.indexOf(":"));
  const names = actions.map((action) => `${action?.name ?? ""}${folder}`).join(", ");
  return badValue("NAME", { expected: `one of ${names}`, got: JSON.stringify(name), fix: "Name the one to call." });
}

/** Before anything runs: a wrong input is bad input, not a run that failed. */
async function demandInput({ name, definition }: AnyAction, value: Json): Promise<void> {
  const schema = definition.tag === "effect" ? definition.input : undefined;
  const result = schema === undefined ? undefined : await validateValue(schema, value);
  if (result?.issues === undefined) return;
  throw toInputError(`The input does not fit ${name}`, toProblems(result.issues, "input", "INPUT_INVALID"));
}
