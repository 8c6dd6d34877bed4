import type { Json } from "../../src/base/index.ts";
import type { PlanGraph } from "../../src/plan/index.ts";
import { createRandom, type Random } from "../../src/testing/random.ts";
import { runScenario, type ScenarioOptions, type ScenarioResult, type Storm } from "../../src/testing/scenario.ts";
import { drawCast } from "./fakes.ts";
import { drawOrder } from "./orders.ts";
import { makeGrowing } from "./growth.ts";
import { drawPlan } from "./random-plan.ts";

/** What a seed makes. */
export interface SeedResult extends ScenarioResult {
  readonly seed: string;
  /** Nodes of each plan that was started. */
  readonly sizes: readonly number[];
  readonly graphs: readonly PlanGraph[];
}

/** Runs one seed of the big simulation: random plans and actions in a storm. */
export async function runSeed(seed: string, trace?: (line: string) => void): Promise<SeedResult> {
  const { options, graphs, sizes } = drawScenario(seed, trace);
  const result = await runScenario(options);
  return { ...result, seed, graphs, sizes };
}

function drawScenario(
  seed: string,
  trace?: (line: string) => void,
): Pick<SeedResult, "graphs" | "sizes"> & { readonly options: ScenarioOptions } {
  const random = createRandom(`plan/${seed}`);
  const cast = drawCast(random, isGrowing(seed) ? createRandom(`labels/${seed}`) : undefined);
  const drawn = drawPlan(random, { names: cast.names, depth: 2 });
  const growing = isGrowing(seed) ? makeGrowing(createRandom(`grow/${seed}`), drawn) : undefined;
  const graph = growing?.graph ?? drawn;
  const others = random.chance(0.25) ? [drawPlan(random, { names: cast.names, depth: 1 }, random.between(2, 8))] : [];
  const graphs = [graph, ...others];
  const input: Json = { n: random.between(0, 9) };
  const storm = drawStorm(random);
  const options: ScenarioOptions = {
    seed,
    actions: (witness) => [...cast.actions(witness), ...(growing === undefined ? [] : [growing.grower])],
    policies: cast.policies,
    runs: graphs.map((each, at) => ({ id: `run-${at}`, graph: each, input })),
    storm,
    resources: { r0: 1, r1: 2, r2: 2 },
    parallel: random.pick([1, 2, 4, 64, 64]),
    // What grows refers to what was there: a plan that others change at the same time is another matter.
    ...(growing === undefined && { order: (runtime, run) => drawOrder(random, { runtime, run, names: cast.names }) }),
    ...(trace !== undefined && { trace }),
  };
  // A plan that grows counts with all that it can grow to.
  const sizes = [drawn, ...others].map(({ nodes }) => Object.keys(nodes).length);
  return { options, graphs, sizes };
}

/** Seeds that end so have a plan that grows, with labels and approvals. */
function isGrowing(seed: string): boolean {
  return seed.endsWith("g");
}

function drawStorm(random: Random): Storm {
  const wild = random.pick([0, 0.5, 1, 1, 1.5]);
  return {
    faults: {
      slow: random.pick([0.1, 0.4, 0.7]),
      transient: 0.12 * wild * random.unit(),
      permanent: 0.05 * wild * random.unit(),
      hang: 0.05 * wild * random.unit(),
      deaf: 0.05 * wild * random.unit(),
      lost: 0.05 * wild * random.unit(),
      cannotTell: random.pick([0, 0.3, 1]),
      undo: random.pick([0, 0.1, 0.3, 0.7, 1]),
    },
    crashes: random.chance(0.05) ? 0 : random.between(1, 5),
    takeovers: random.chance(0.15) ? 1 : 0,
    diskFailures: random.chance(0.1) ? 1 : 0,
    orders: random.chance(0.5) ? random.between(1, 6) : 0,
    lengthMs: random.pick([600, 1_500, 4_000, 30_000]),
  };
}
