import { carryOut, exitForAgent, toAgentOut } from "../agents/carry-out.ts";
import { demandModels } from "../agents/check-model.ts";
import { chooseSettings } from "../agents/choose-settings.ts";
import { AGENT, PLANNER } from "../agents/kit.ts";
import { startAgent } from "../agents/start-agent.ts";
import { loadConfig } from "../config.ts";
import type { CliContext } from "../context.ts";
import { atDesk, type Desk } from "../desk.ts";
import { badValue } from "../parse-arguments.ts";
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
  if (goal.trim() === "")
    throw badValue("GOAL", { expected: "what is to be done, as text", got: "nothing", fix: "Write it in quotes." });
  const settings = await chooseSettings(context, await loadConfig(context), { isPlanner: name === PLANNER });
  return atDesk(context, { mustExist: false }, async (desk) => {
    const { options } = context;
    const id = options.text("id");
    if (!(await isKnown(desk, id))) await demandModels(settings.models, context.env, desk.interrupt.signal);
    const run = await startAgent(desk, {
      name,
      settings,
      goal,
      tags: options.list("tag"),
      ...(id !== undefined && { id }),
    });
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
