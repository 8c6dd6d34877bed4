import { isDeepStrictEqual } from "node:util";
import type { RunEvent } from "../../../../src/plan/index.ts";
import type { Mark } from "./witness.ts";

/*
 * What must hold of an agent after any number of kills, judged from outside:
 *
 * 1. A call of the model whose answer had been recorded at a kill is never made again.
 * 2. A call of a tool whose outcome had been recorded at a kill is never begun again.
 * 3. Whatever is made again was out at a kill: at most once for each.
 * 4. What acts once for a key, or must not act twice, has acted exactly once for each call that succeeded, and nothing
 *    was undone.
 * 5. The end is the same as without kills: answer, reason, effects, and all nodes with what they gave.
 * 6. The cost counts each attempt, also those that a kill made good for nothing.
 */

/** What was there when the agent was killed. */
export interface Corpse {
  readonly events: readonly RunEvent[];
  /** Keys of the model's calls, in the order in which its server took them. */
  readonly asked: readonly string[];
  readonly marks: readonly Mark[];
}

/** What is known when the run has ended. */
export interface Evidence {
  readonly kills: readonly Corpse[];
  readonly end: Corpse;
}

/** How often each promise was broken, and where. */
export interface Verdict {
  readonly paidTwice: readonly string[];
  readonly calledTwice: readonly string[];
  readonly others: readonly string[];
}

/** Judges a run that was killed and has ended. */
export function judge({ kills, end }: Evidence): Verdict {
  const begun = (corpse: Corpse): readonly string[] => beginsIn(corpse.marks);
  return {
    paidTwice: repeatsOf(kills, end.asked, ({ asked }) => asked).map(
      (key) => `1: the model was asked again for ${key}`,
    ),
    calledTwice: repeatsOf(kills, begun(end), begun).map((key) => `2: a tool began again for ${key}`),
    others: [
      ...tooOften(kills, end.asked).map((key) => `3: the model was asked too often for ${key}`),
      ...tooOften(kills, begun(end)).map((key) => `3: a tool began too often for ${key}`),
      ...wrongEffects(end),
    ],
  };
}

function beginsIn(marks: readonly Mark[]): readonly string[] {
  return marks.filter(({ phase }) => phase === "begin").map(({ key }) => key);
}

/** Keys of what was recorded at a kill and came again after it. */
function repeatsOf(
  kills: readonly Corpse[],
  atEnd: readonly string[],
  at: (corpse: Corpse) => readonly string[],
): readonly string[] {
  return kills.flatMap((corpse) => {
    const { recorded } = keysIn(corpse.events);
    return atEnd.slice(at(corpse).length).filter((key) => recorded.has(key));
  });
}

/** Keys that came more often than once and once again for each kill at which they were out. */
function tooOften(kills: readonly Corpse[], keys: readonly string[]): readonly string[] {
  const outAt = kills.map(({ events }) => keysIn(events).out);
  return [...countOf(keys)].flatMap(([key, count]) =>
    count > 1 + outAt.filter((out) => out.has(key)).length ? [key] : [],
  );
}

function countOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Keys of the nodes that had come to an end, and of those whose attempt was out. */
export function keysIn(events: readonly RunEvent[]): {
  readonly recorded: ReadonlySet<string>;
  readonly out: ReadonlySet<string>;
} {
  const keys = new Map<string, string>();
  const recorded = new Set<string>();
  const out = new Set<string>();
  for (const event of events) {
    if (event.type === "node-started") {
      keys.set(event.node, event.key);
      out.add(event.key);
    }
    const hasEnded = event.type === "node-succeeded" || (event.type === "node-failed" && event.retryAt === undefined);
    const key = hasEnded ? keys.get(event.node) : undefined;
    if (key === undefined) continue;
    recorded.add(key);
    out.delete(key);
  }
  return { recorded, out };
}

const ACTS = new Set(["write", "send"]);

function wrongEffects({ events, marks }: Corpse): readonly string[] {
  const { recorded, out } = keysIn(events);
  const done = countOf(marks.filter(({ phase }) => phase === "done").map(({ key }) => key));
  const acting = new Set(marks.filter(({ tool }) => ACTS.has(tool)).map(({ key }) => key));
  return [
    ...[...acting].filter((key) => done.get(key) !== 1).map((key) => `4: ${key} acted ${done.get(key) ?? 0} times`),
    ...[...acting].filter((key) => !recorded.has(key)).map((key) => `4: ${key} acted and was not recorded`),
    ...[...out].map((key) => `4: ${key} is still out`),
    ...marks.filter(({ phase }) => phase === "undo").map(({ key }) => `4: ${key} was undone`),
  ];
}

/** What a run came to: the same with and without kills. */
export interface EndState {
  readonly output: unknown;
  readonly nodes: readonly unknown[];
}

/** Gives the differences between two ends. */
export function compareEnds(expected: EndState, got: EndState): readonly string[] {
  const differences: string[] = [];
  if (!isDeepStrictEqual(expected.output, got.output))
    differences.push(`5: the output is ${JSON.stringify(got.output)} instead of ${JSON.stringify(expected.output)}`);
  if (expected.nodes.length !== got.nodes.length)
    differences.push(`5: there are ${got.nodes.length} nodes instead of ${expected.nodes.length}`);
  for (const [at, node] of expected.nodes.entries())
    if (!isDeepStrictEqual(node, got.nodes[at]))
      differences.push(`5: a node is ${JSON.stringify(got.nodes[at])} instead of ${JSON.stringify(node)}`);
  return differences;
}
