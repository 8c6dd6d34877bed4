import { toInputError, type InputError } from "../../base/index.ts";
import type { Run } from "../../executor/index.ts";
import { graphOf } from "../../run/index.ts";
import type { Desk } from "../desk.ts";
import { makeAgent } from "./kit.ts";
import { settingsToJson, type AgentSettings, type PastTurn } from "./settings.ts";

/** What an agent is started with. */
export interface AgentStart {
  /** Which of the kit's agents. */
  readonly name: string;
  readonly settings: AgentSettings;
  readonly goal: string;
  /** What was said before, oldest first. */
  readonly turns?: readonly PastTurn[];
  readonly id?: string;
  readonly tags?: readonly string[];
}

/** Starts an agent of the command line. @throws {InputError} RUN_ID_TAKEN, TOOL_NAME_TAKEN, and what `defineAgent` says. */
export async function startAgent(desk: Desk, start: AgentStart): Promise<Run<unknown>> {
  const { name, settings, goal, turns = [], id, tags = [] } = start;
  if ((desk.config.use ?? []).some((action) => action.name === name)) throw nameTaken(name);
  const graph = graphOf(makeAgent(name, settings, desk.config).definition);
  const input = {
    goal,
    ...(turns.length > 0 && { turns: turns.map((turn) => ({ ...turn })) }),
    settings: settingsToJson(settings),
  };
  return desk.client().start(graph, { input, tags, ...(id !== undefined && { id }) });
}

function nameTaken(name: string): InputError {
  const problem = {
    code: "TOOL_NAME_TAKEN",
    path: "use",
    expected: `no action named ${name} beside the command line's own`,
    got: `one in the configuration`,
    fix: "Rename it.",
  };
  return toInputError(`\`${name}\` is the name of an agent of the command line`, [problem]);
}
