import type { AnyAction, GrowingRun, Growth, Label } from "../../src/action/index.ts";
import type { JsonObject } from "../../src/base/index.ts";
import { parsePlan, type PlanGraph, type PlanNode } from "../../src/plan/index.ts";
import type { Random } from "../../src/testing/random.ts";

const GROWER = "grower";

/** A plan that begins with a part of another one, and the action that makes the rest of it grow. */
export interface Growing {
  readonly graph: PlanGraph;
  readonly grower: AnyAction;
}

/** Lets a plan begin with its first nodes only: the others come when those a little before them have ended. */
export function makeGrowing(random: Random, whole: PlanGraph): Growing {
  const nodes = Object.entries(whole.nodes).map(([id, node]) => [id, drawRules(random, node)] as const);
  const first = random.between(0, nodes.length - 1);
  const { output, ...rest } = whole;
  const graph = parsePlan({ ...rest, nodes: Object.fromEntries(nodes.slice(0, first)), grows: GROWER });
  const pace = { lag: random.between(1, 4), chunk: random.between(1, 3) };
  const grow = (run: GrowingRun): Growth | undefined =>
    replanned(run) ?? nextNodes(run, { nodes, pace, output: output ?? null });
  return {
    graph,
    grower: { name: GROWER, version: 1, definition: { tag: "plan", graph: toData(graph), uses: [], grow } },
  };
}

/** Some nodes wait for a person, have labels, look others up, or are replanned when they fail. */
function drawRules(random: Random, node: PlanNode): PlanNode {
  const isPause = node.uses === "ask" || node.uses === "wait";
  if (isPause) return node;
  const labels: readonly Label[] = random.chance(0.1) ? ["untrusted"] : [];
  return {
    ...node,
    ...(labels.length > 0 && { labels }),
    ...(random.chance(0.08) && { approve: true }),
    ...(node.onFailure === undefined && random.chance(0.6) && { onFailure: "replan" }),
  };
}

interface Rest {
  readonly nodes: readonly (readonly [string, PlanNode])[];
  readonly pace: { readonly lag: number; readonly chunk: number };
  readonly output: PlanGraph["output"];
}

/** What failed is given up, with something in its place, or the run is rolled back; which of them, its name decides. */
function replanned(run: GrowingRun): Growth | undefined {
  const failed = run.ids.find((id) => run.node(id)?.state === "replan");
  if (failed === undefined) return undefined;
  if (/[159]$/u.test(failed)) return { rollback: `${failed} can't be replanned` };
  if (failed.startsWith("y")) return { patch: [{ op: "give-up-node", id: failed }] };
  const uses = run.node(failed)?.uses ?? "";
  const other = {
    op: "add-node",
    id: `y${failed}`,
    node: { uses, with: { effect: "other" }, onFailure: "replan", reads: [] },
  };
  return {
    patch: uses === "plan" ? [{ op: "give-up-node", id: failed }] : [{ op: "give-up-node", id: failed }, other],
  };
}

function nextNodes(run: GrowingRun, { nodes, pace, output }: Rest): Growth | undefined {
  const next = nodes.findIndex(([id]) => run.node(id) === undefined);
  if (next === -1) return { patch: [{ op: "set-output", output: output ?? null }, { op: "stop-growing" }] };
  const before = nodes[next - pace.lag]?.[0];
  if (before !== undefined && run.node(before)?.state === "open") return undefined;
  const chunk = nodes.slice(next, next + pace.chunk);
  return { patch: chunk.map(([id, node]) => ({ op: "add-node", id, node: toData(node) })) };
}

function toData(value: unknown): JsonObject {
  const data: JsonObject = JSON.parse(JSON.stringify(value));
  return data;
}
