import type { AnyAction } from "../action/index.ts";
import type { Json } from "../base/index.ts";
import { graphOf } from "../run/index.ts";
import type { PlanGraph } from "../plan/index.ts";
import { createRandom, type Random } from "./random.ts";
import { runScenario, type Storm } from "./scenario.ts";

/** What a plan is simulated with. */
export interface SimulateOptions {
  /** Input of the run. */
  readonly input: Json;
  /** How many schedules to try. Default 100. */
  readonly seeds?: number;
  /** Taken in place of the plan's own actions of the same name. */
  readonly actions?: readonly AnyAction[];
  /** Begins the seeds; the same base gives the same schedules. Default `simulate`. */
  readonly base?: string;
}

/** What came of it. */
export interface Simulated {
  /** One line for each, with its seed and the number of the invariant. */
  readonly violations: readonly string[];
  /** Schedules that were tried. */
  readonly schedules: number;
}

/**
 * Runs a plan with its own actions, or with fakes, under crashes, lost answers, timeouts and failing undos, in virtual
 * time, and judges every journal and every effect. Actions are called for real: give fakes for those that act.
 *
 * @throws {InputError} when the plan can't be compiled.
 */
export async function simulate(plan: AnyAction, options: SimulateOptions): Promise<Simulated> {
  const { definition } = plan;
  const violations: string[] = [];
  const graph: PlanGraph | undefined = definition.tag === "plan" ? graphOf(definition) : undefined;
  if (graph === undefined) return { violations: [`${plan.name} is not a plan`], schedules: 0 };
  const { input, seeds = 100, actions = [], base = "simulate" } = options;
  const used = replace(plan, new Map(actions.map((action) => [action.name, action])));
  for (let at = 0; at < seeds; at += 1) {
    const seed = `${base}-${at}`;
    const result = await runScenario({
      seed,
      actions: () => [used, ...actions],
      runs: [{ id: "run", graph, input }],
      storm: drawStorm(createRandom(seed)),
    });
    violations.push(...result.violations.map((violation) => `seed ${seed}: ${violation}`));
  }
  return { violations, schedules: seeds };
}

function replace(action: AnyAction, fakes: ReadonlyMap<string, AnyAction>): AnyAction {
  const fake = fakes.get(action.name);
  if (fake !== undefined) return fake;
  const { definition } = action;
  if (definition.tag === "plan")
    return { ...action, definition: { ...definition, uses: definition.uses.map((used) => replace(used, fakes)) } };
  if (definition.tag !== "choice") return action;
  const variants = Object.entries(definition.variants).map(
    ([name, variant]) => [name, replace(variant, fakes)] as const,
  );
  return { ...action, definition: { ...definition, variants: Object.fromEntries(variants) } };
}

function drawStorm(random: Random): Storm {
  const wild = random.pick([0, 0.5, 1]);
  const faults = {
    slow: 0.4,
    transient: 0.15 * wild,
    permanent: 0.05 * wild,
    hang: 0.03 * wild,
    deaf: 0.03 * wild,
    lost: 0.05 * wild,
  };
  return {
    faults: { ...faults, cannotTell: 0.2 * wild, undo: 0.2 * wild },
    crashes: random.between(0, 4),
    takeovers: random.chance(0.1) ? 1 : 0,
    diskFailures: 0,
    orders: random.chance(0.2) ? 1 : 0,
    lengthMs: 3_000,
  };
}
