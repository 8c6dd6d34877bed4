import type { Label } from "../action/index.ts";
import { sha256, type Json, type RunId } from "../base/index.ts";
import {
  compilePlan,
  createRun,
  planHash,
  type CompiledPlan,
  type Counters,
  type Origin,
  type PlanGraph,
  type RunCreated,
} from "../plan/index.ts";
import type { Engine } from "./engine.ts";
import { host, type Hosted } from "./hosted.ts";

/** What a new run is made of; its id is free and its input fits. */
export interface NewRun {
  readonly run: RunId;
  readonly graph: PlanGraph;
  readonly input: Json;
  readonly tags: readonly string[];
  readonly parent?: Origin;
  /** Labels of the input. */
  readonly labels?: readonly Label[];
  /** Counters that its parent reserved for it. */
  readonly limits?: Counters;
  readonly fork?: RunCreated["fork"];
}

/** Makes a run in memory; it is durable after the next commit. */
export function hostNewRun(
  engine: Engine,
  { run, graph, input, tags, parent, labels = [], limits, fork }: NewRun,
): Hosted {
  const plan = compile(engine, graph);
  const event: RunCreated = {
    type: "run-created",
    at: engine.now(),
    run,
    plan: plan.hash,
    input,
    tags,
    seed: parent === undefined ? engine.rng.seed() : sha256(`${parent.run}/${run}`).slice(0, 16),
    pins: engine.registry.pinsOf(plan.nodes, graph.grows),
    ...(parent !== undefined && { parent }),
    ...(labels.length > 0 && { labels }),
    ...(limits !== undefined && { limits }),
    ...(fork !== undefined && { fork }),
  };
  const hosted = host(engine, createRun(plan, event));
  hosted.pendingFrom = 1;
  hosted.pending.push(event);
  hosted.plan = { hash: plan.hash, graph };
  engine.hosted.set(run, hosted);
  engine.touch(hosted);
  return hosted;
}

const compiled = new WeakMap<Engine["registry"], Map<string, CompiledPlan>>();
const MOST_COMPILED = 64;

/** Compiles a plan once for all the runs that share it; the last few plans are kept. */
export function compile(engine: Pick<Engine, "registry">, graph: PlanGraph): CompiledPlan {
  const known = compiled.get(engine.registry) ?? new Map<string, CompiledPlan>();
  compiled.set(engine.registry, known);
  const hash = hashOf(graph);
  const found = known.get(hash);
  if (found !== undefined) return found;
  const plan = compilePlan(graph, engine.registry.natureOf, { hash });
  const oldest = known.keys().next().value;
  if (known.size >= MOST_COMPILED && oldest !== undefined) known.delete(oldest);
  known.set(hash, plan);
  return plan;
}

const hashes = new WeakMap<PlanGraph, ReturnType<typeof planHash>>();

/** The hash of a plan, worked out once for an object. */
export function hashOf(graph: PlanGraph): ReturnType<typeof planHash> {
  const hash = hashes.get(graph) ?? planHash(graph);
  hashes.set(graph, hash);
  return hash;
}
