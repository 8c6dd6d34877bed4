import type { Json } from "../../src/base/index.ts";
import { parsePlan, type PlanGraph } from "../../src/plan/index.ts";
import type { Random } from "../../src/testing/random.ts";

/** What plans may use. */
export interface Palette {
  readonly names: readonly string[];
  /** How deep plans may nest from here. */
  readonly depth: number;
}

type RawNode = Record<string, unknown>;

/** Draws a plan of 2 to 40 nodes, half of them 12 or more; what is nested in it is smaller. */
export function drawPlan(random: Random, palette: Palette, size: number = drawSize(random)): PlanGraph {
  const nodes: Record<string, RawNode> = {};
  const nested = palette.depth > 0 && random.chance(0.3);
  const child = nested ? drawPlan(random, { ...palette, depth: palette.depth - 1 }, random.between(1, 5)) : undefined;
  for (let at = 0; at < size; at += 1) nodes[`n${at}`] = drawNode(random, { at, nodes, palette, child });
  return parsePlan({
    name: `plan${palette.depth}`,
    nodes,
    output: random.chance(0.8) ? { last: `\${nodes.n${size - 1}.output}` } : null,
    ...(random.chance(0.25) && { budget: drawBudget(random, size) }),
    ...(child !== undefined && usesPlan(nodes) && { plans: { child } }),
  });
}

function drawSize(random: Random): number {
  return random.chance(0.4) ? random.between(2, 12) : random.between(12, random.chance(0.3) ? 40 : 20);
}

function usesPlan(nodes: Readonly<Record<string, RawNode>>): boolean {
  return Object.values(nodes).some(({ uses }) => uses === "plan");
}

function drawBudget(random: Random, size: number): Json {
  return {
    ...(random.chance(0.5) && { attempts: random.between(1, size * 3) }),
    ...(random.chance(0.3) && { wallMs: random.between(500, 5_000) }),
    ...(random.chance(0.5) && { counters: { tokens: random.between(20, 400) } }),
  };
}

interface Place {
  readonly at: number;
  readonly nodes: Readonly<Record<string, RawNode>>;
  readonly palette: Palette;
  readonly child: PlanGraph | undefined;
}

function drawNode(random: Random, place: Place): RawNode {
  const parents = drawParents(random, place);
  const isWait = random.chance(0.06);
  const data = isWait ? [] : parents.filter(() => random.chance(0.6));
  const ordered = parents.filter((parent) => !data.includes(parent));
  const work: RawNode = isWait ? { uses: "wait", with: { ms: random.between(1, 500) } } : drawWork(random, place, data);
  const isAny = parents.length > 1 && random.chance(0.3);
  const after = ordered.map((node) => drawAfter(random, place, node));
  const optional = isAny ? [] : data.filter(() => random.chance(0.3));
  const isPause = work["uses"] === "ask" || work["uses"] === "wait";
  return {
    ...work,
    ...(after.length > 0 && { after }),
    ...(optional.length > 0 && { optional }),
    ...(isAny && { join: { any: random.pick(["leave", "cancel", "undo", "undo"]) } }),
    ...(random.chance(0.2) && { when: drawCondition(random, data) }),
    ...(random.chance(0.2) && { priority: random.between(-3, 3) }),
    ...drawStrategy(random, place, work["uses"]),
    ...(!isPause && random.chance(0.6) && { retry: drawRetry(random) }),
    ...(!isPause && random.chance(0.2) && { timeoutMs: random.between(60, 400) }),
    // A plan that holds what its own nodes need would wait for itself.
    ...(!isPause &&
      work["uses"] !== "plan" &&
      random.chance(0.1) && { resources: [{ name: random.pick(["r0", "r1", "r2"]), units: random.between(1, 2) }] }),
    ...(!isPause && random.chance(0.1) && { counters: { tokens: random.between(1, 10) } }),
  };
}

function drawParents(random: Random, { at }: Place): readonly string[] {
  const count = Math.min(at, random.pick([0, 1, 1, 1, 2, 2, 3]));
  const parents = new Set<string>();
  for (let drawn = 0; drawn < count; drawn += 1) parents.add(`n${random.between(Math.max(0, at - 6), at - 1)}`);
  return [...parents];
}

function drawWork(random: Random, { at, palette, child }: Place, data: readonly string[]): RawNode {
  const from = Object.fromEntries(data.map((id) => [id, `\${nodes.${id}.output}`]));
  const effect = random.chance(0.5) ? `shared-${random.between(0, 2)}` : `own-${at}`;
  const unit = random.unit();
  if (unit < 0.08)
    return { uses: "ask", with: { show: from, ...(random.chance(0.5) && { expiresMs: random.between(30, 600) }) } };
  if (unit < 0.16 && child !== undefined) return { uses: "plan", with: { plan: "child", input: { from } } };
  return { uses: random.pick(palette.names), with: { from, effect } };
}

function drawAfter(random: Random, { nodes }: Place, node: string): unknown {
  const strategy = nodes[node]?.["onFailure"];
  const mayHandle = strategy === "skip" || strategy === "observe";
  if (mayHandle && random.chance(0.4)) return { node, on: "failed" };
  return random.chance(0.25) ? { node, on: "ended" } : node;
}

function drawCondition(random: Random, data: readonly string[]): string {
  const [parent] = data;
  if (parent !== undefined) return `nodes.${parent}.state == "${random.pick(["succeeded", "skipped", "succeeded"])}"`;
  return random.chance(0.5) ? `input.n > ${random.between(0, 9)}` : String(random.chance(0.7));
}

function drawStrategy(random: Random, { palette }: Place, uses: unknown): RawNode {
  const isPause = uses === "ask" || uses === "wait";
  if (random.chance(0.4)) return {};
  const strategy = random.pick(["skip", "skip", "observe", "ask", "fail", "fallback", "rollback"]);
  if (strategy === "rollback") return {};
  if (isPause) return uses === "wait" ? {} : { onFailure: random.pick(["skip", "fail"]) };
  if (strategy !== "fallback") return { onFailure: strategy };
  return { onFailure: { fallback: { uses: random.pick(palette.names), with: { effect: "fallback" } } } };
}

function drawRetry(random: Random): RawNode {
  return {
    attempts: random.between(2, 5),
    backoffMs: random.between(10, 400),
    maxBackoffMs: random.between(200, 800),
    ...(random.chance(0.3) && { on: ["transient", "timeout", "permanent"] }),
    ...(random.chance(0.2) && { jitter: 0 }),
  };
}
