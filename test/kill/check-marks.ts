import type { RunEvent } from "../../src/plan/index.ts";
import { PARENTS } from "./plans.ts";

/*
 * What must hold after any number of kills, judged from outside: by the marks that the commands left, by the journal
 * at each kill, and by the journal at the end.
 *
 * 1. (E6) All attempts of a node have one key, and so have all its undos.
 * 2. (E4) An attempt is made again only if it was out at a kill: at most once for each.
 * 3. (E4) What had a recorded outcome at a kill is never begun again.
 * 4. (J4) Whatever began stands in the journal, with the key that the command was given.
 * 5. (E1, R2) A node begins after its parents have ended; its undo begins after those of its children have ended.
 * 6. (R1) A rollback undoes what succeeded, all of it.
 */

/** What a command wrote. */
export interface Mark {
  readonly node: string;
  readonly kind: "run" | "undo";
  readonly attempt: number;
  readonly key: string;
  readonly phase: "begin" | "end";
}

/** What is known of a run at its end. */
export interface Evidence {
  readonly marks: readonly Mark[];
  /** The journal as each kill left it. */
  readonly kills: readonly (readonly RunEvent[])[];
  readonly journal: readonly RunEvent[];
}

type Kind = Mark["kind"];

const STARTED = { run: "node-started", undo: "undo-started" } as const;
const SUCCEEDED = { run: "node-succeeded", undo: "undo-succeeded" } as const;
const OUTCOMES: Readonly<Record<Kind, readonly RunEvent["type"][]>> = {
  run: ["node-succeeded", "node-failed", "node-unknown"],
  undo: ["undo-succeeded", "undo-failed"],
};

/** Gives a sentence for everything that is not as promised. */
export function findViolations(evidence: Evidence): string[] {
  const kinds: readonly Kind[] = ["run", "undo"];
  const nodes = [...new Set(evidence.marks.map(({ node }) => node))];
  return [
    ...kinds.flatMap((kind) => nodes.flatMap((node) => judgeNode(evidence, node, kind))),
    ...judgeOrder(evidence),
    ...judgeRollback(evidence),
  ];
}

function judgeNode({ marks, kills, journal }: Evidence, node: string, kind: Kind): string[] {
  const begun = marks.filter((mark) => mark.node === node && mark.kind === kind && mark.phase === "begin");
  const name = `${kind} of ${node}`;
  const problems: string[] = [];
  if (new Set(begun.map(({ key }) => key)).size > 1) problems.push(`1: ${name} had more than one key`);
  const outAtKills = kills.filter((events) => isOut(events, node, kind)).length;
  if (begun.length > 1 + outAtKills) {
    problems.push(`2: ${name} began ${begun.length} times, but was out at ${outAtKills} kills`);
  }
  const done = journal.find((event) => event.type === SUCCEEDED[kind] && "node" in event && event.node === node);
  const lastAttempt = done !== undefined && "attempt" in done ? done.attempt : Infinity;
  if (begun.some(({ attempt }) => attempt > lastAttempt)) problems.push(`3: ${name} began again after its outcome`);
  for (const { attempt, key } of begun) {
    const isKnown = journal.some(
      (event) =>
        event.type === STARTED[kind] &&
        "node" in event &&
        event.node === node &&
        event.attempt === attempt &&
        event.key === key,
    );
    if (!isKnown) problems.push(`4: attempt ${attempt} of ${name} is not in the journal with its key`);
  }
  return problems;
}

/** Says whether an attempt had a durable start and no durable outcome. */
function isOut(events: readonly RunEvent[], node: string, kind: Kind): boolean {
  const last = events.findLast(
    (event) => "node" in event && event.node === node && [STARTED[kind], ...OUTCOMES[kind]].includes(event.type),
  );
  return last?.type === STARTED[kind];
}

function judgeOrder({ marks, journal }: Evidence): string[] {
  const problems: string[] = [];
  for (const [child, parents] of Object.entries({ ...PARENTS, bad: ["l"] })) {
    for (const parent of parents) {
      const forward = isInOrder(marks, { first: parent, next: child, kind: "run", journal });
      if (!forward) problems.push(`5: ${child} began before ${parent} had ended`);
      const backward = isInOrder(marks, { first: child, next: parent, kind: "undo", journal });
      if (!backward) problems.push(`5: the undo of ${parent} began before that of ${child} had ended`);
    }
  }
  return problems;
}

interface Pair {
  readonly first: string;
  readonly next: string;
  readonly kind: Kind;
  readonly journal: readonly RunEvent[];
}

/** The recorded attempt of `first` has ended before any of `next` begins. */
function isInOrder(marks: readonly Mark[], { first, next, kind, journal }: Pair): boolean {
  const begin = marks.findIndex((mark) => mark.node === next && mark.kind === kind && mark.phase === "begin");
  const needed = journal.find((event) => event.type === SUCCEEDED[kind] && "node" in event && event.node === first);
  if (begin === -1) return true;
  if (needed === undefined || !("attempt" in needed)) return kind === "undo" && first === "bad";
  const end = marks.findIndex(
    (mark) => mark.node === first && mark.kind === kind && mark.phase === "end" && mark.attempt === needed.attempt,
  );
  return end !== -1 && end < begin;
}

function judgeRollback({ journal }: Evidence): string[] {
  const end = journal.at(-1);
  if (end?.type !== "run-finished") return ["6: the run has no end"];
  if (end.tag === "succeeded")
    return journal.some(({ type }) => type === "undo-started") ? ["6: something was undone"] : [];
  const left = Object.keys(PARENTS).filter((node) => !end.undone.some((undone) => undone === node));
  return left.length > 0 || end.notUndone.length > 0 ? [`6: ${left.join(", ")} was not undone`] : [];
}
