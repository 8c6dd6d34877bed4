import { graphOf } from "../../run/index.ts";
import { carryOut, exitForAgent, toAgentOut } from "../agents/carry-out.ts";
import { demandModels } from "../agents/check-model.ts";
import { chooseSettings } from "../agents/choose-settings.ts";
import { AGENT, makeAgent, PLANNER } from "../agents/kit.ts";
import { settingsToJson } from "../agents/settings.ts";
import type { CliContext } from "../context.ts";
import { atDesk, type Desk } from "../desk.ts";
import { loadConfig } from "../config.ts";
import { toJsonText } from "../text.ts";

/** `pawl agent GOAL`. */
export function performAgent(context: CliContext): Promise<number> {
  return perform(context, AGENT);
}

/** `pawl plan GOAL`. */
export function performPlan(context: CliContext): Promise<number> {
  return perform(context, PLANNER);
}

async function perform(context: CliContext, name: string): Promise<number> {
  const [goal = ""] = context.arguments;
  const config = await loadConfig(context);
  const settings = await chooseSettings(context, config);
  const graph = graphOf(makeAgent(name, settings, config).definition);
  return atDesk(context, { mustExist: false }, async (desk) => {
    const id = context.options.text("id");
    if (!(await isKnown(desk, id))) await demandModels(settings.models, context.env, desk.interrupt.signal);
    const input = { goal, settings: settingsToJson(settings) };
    const tags = context.options.list("tag");
    const run = await desk.client().start(graph, { input, tags, ...(id !== undefined && { id }) });
    const outcome = await carryOut(context, desk, run.id);
    if (context.isJson) context.write(toJsonText(toAgentOut(outcome)));
    return exitForAgent(outcome);
  });
}

/** A run that exists is not begun anew: its model need not answer any more. */
async function isKnown(desk: Desk, id: string | undefined): Promise<boolean> {
  if (id === undefined) return false;
  const runs = await desk.client().runs({ limit: 10_000 });
  return runs.some(({ run }) => run === id);
}
