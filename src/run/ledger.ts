import { PermanentError, type Json } from "../base/index.ts";
import { usageOf, bindInput, type NodeState } from "../plan/index.ts";
import type { LedgerEntry } from "../store/index.ts";
import type { Engine } from "./engine.ts";
import type { Hosted } from "./hosted.ts";
import { effectHash, keyOfEffect } from "./keys.ts";

/** What the ledger says about a start: go (with this key), attach to what is done, or wait for another's attempt. */
export type Claim =
  | { readonly tag: "mine"; readonly entry: LedgerEntry; readonly key: string }
  | { readonly tag: "done"; readonly entry: LedgerEntry }
  | { readonly tag: "held"; readonly by: LedgerEntry };

/** Asks the ledger whether an effect may be made. Equal identities are one effect, in any run of the folder. */
export async function claim(hosted: Hosted, node: NodeState, identity: string): Promise<Claim> {
  const effect = effectHash(hosted.engine.tenant, node.nature.action, identity);
  const last = hosted.engine.claims.get(effect)?.entry ?? (await hosted.engine.store.effect(effect));
  const mine = (generation: number): Claim => {
    const entry: LedgerEntry = { effect, generation, state: "started", run: hosted.state.run, node: node.id };
    return { tag: "mine", entry, key: keyOfEffect(effect, generation) };
  };
  if (last === undefined) return mine(0);
  switch (last.state) {
    case "undone":
      return mine(last.generation + 1);

    case "done":
      return { tag: "done", entry: last };

    case "not-done":
      return mine(last.generation);

    case "unknown":
      if (node.nature.repeat === "never" && !isHolder(hosted, node, last)) throw inDoubt(last);
      return mine(last.generation);

    default:
      if (isHolder(hosted, node, last) || !(await isLive(hosted.engine, last))) return mine(last.generation);
      return { tag: "held", by: last };
  }
}

function isHolder({ state }: Hosted, { id }: NodeState, { run, node }: LedgerEntry): boolean {
  return run === state.run && node === id;
}

function inDoubt({ run, node }: LedgerEntry): PermanentError {
  const message = `Node ${node} of run ${run} may have made this effect already, and it must not be made twice.`;
  return new PermanentError("EFFECT_IN_DOUBT", `${message} Find out what happened, then start a new run.`);
}

/** The holder of an effect may have ended without an outcome: then its key is free to be used again. */
async function isLive(engine: Engine, { run }: LedgerEntry): Promise<boolean> {
  const holder = engine.hosted.get(run);
  if (holder !== undefined) return holder.state.finished === undefined;
  const summary = await engine.store.summary(run);
  return summary !== undefined && !FINAL.has(summary.tag);
}

const FINAL: ReadonlySet<string> = new Set(["succeeded", "failed", "rolled-back", "rollback-stuck", "cancelled"]);

/** Calls back when the holder of an effect is done with it; at once, if it was while the store was being asked. */
export function awaitClaim(engine: Engine, entry: LedgerEntry, wake: () => void): void {
  const holder = engine.hosted.get(entry.run);
  if (holder !== undefined && !holds(holder, entry)) return wake();
  const claimed = engine.claims.get(entry.effect) ?? { entry, waiting: new Set() };
  claimed.waiting.add(wake);
  engine.claims.set(entry.effect, claimed);
}

function holds({ claims }: Hosted, { effect }: LedgerEntry): boolean {
  for (const held of claims.values()) if (held.effect === effect && held.state === "started") return true;
  return false;
}

/** Takes a claim: its entry becomes durable with the start of the attempt. */
export function takeClaim(hosted: Hosted, node: NodeState, entry: LedgerEntry): void {
  hosted.ledger.push(entry);
  hosted.claims.set(node, entry);
  const known = hosted.engine.claims.get(entry.effect);
  hosted.engine.claims.set(entry.effect, { entry, waiting: known?.waiting ?? new Set() });
}

/** Writes down what became of the effect of a node, and lets those who wait for it look again. */
export function settleClaim(hosted: Hosted, node: NodeState): void {
  const held = hosted.claims.get(node);
  const state = stateOf(node, isOver(hosted, node));
  if (held === undefined || state === undefined || state === held.state) return;
  const live = hosted.engine.claims.get(held.effect)?.entry;
  if (live?.state === "started" && !isHolder(hosted, node, live)) {
    hosted.claims.delete(node); // it was in doubt, and another has taken its key
    return;
  }
  const { output: _, labels: __, ...base } = held;
  writeClaim(hosted, node, { ...base, state, ...(state === "done" && doneIn(node)) });
}

function doneIn({ output, labels }: NodeState): Pick<LedgerEntry, "output" | "labels"> {
  return { output, ...(labels.length > 0 && { labels }) };
}

function writeClaim(hosted: Hosted, node: NodeState, entry: LedgerEntry): void {
  const { effect, state } = entry;
  hosted.ledger.push(entry);
  // Should it start after all (an operator's retry), it asks again; an undo still writes down what it did.
  if (state === "not-done") hosted.claims.delete(node);
  else hosted.claims.set(node, entry);
  const waiting = hosted.engine.claims.get(effect)?.waiting ?? new Set();
  const closed = { entry, waiting: new Set<() => void>() };
  hosted.engine.claims.set(effect, closed);
  hosted.afterCommit.push(() => {
    if (hosted.engine.claims.get(effect) === closed && closed.waiting.size === 0) hosted.engine.claims.delete(effect);
  });
  for (const wake of waiting) wake();
}

/** Tells whether a node will not start any more, as far as this run goes. */
function isOver({ state }: Hosted, { tag }: NodeState): boolean {
  if (state.finished !== undefined) return true;
  const isIdle = tag === "ready" || tag === "retry-wait" || tag === "unknown";
  return isIdle && state.phase !== "running" && state.phase !== "suspended";
}

/** What became of the effect of a node; undefined: nothing yet. At the end of its run nothing more will. */
function stateOf(node: NodeState, isLast: boolean): LedgerEntry["state"] | undefined {
  const { tag, attached, doubt } = node;
  if (attached !== undefined) return undefined;
  if (tag === "succeeded" || tag === "compensating" || tag === "compensation-stuck") return "done";
  if (tag === "compensated") return "undone";
  if (!isLast && !isGivenUp(node)) return undefined;
  return doubt === undefined ? "not-done" : "unknown";
}

/** Nothing more is tried in this generation of the node; a new generation makes another effect. */
function isGivenUp({ tag, ended, strategy, attempt }: NodeState): boolean {
  if (ended !== undefined || (tag === "ready" && attempt === 0)) return true;
  return strategy !== undefined && (tag === "failed" || tag === "unknown");
}

/** A run at its end holds nothing any more: those who wait for what it left look again. */
export function settleClaims(hosted: Hosted): void {
  for (const [node, { effect }] of hosted.claims) {
    settleClaim(hosted, node);
    const waiting = hosted.engine.claims.get(effect)?.waiting ?? new Set();
    for (const wake of waiting) {
      waiting.delete(wake);
      wake();
    }
  }
}

/** Finds the entries again that the nodes of a run held before a crash. */
export async function reclaim(hosted: Hosted): Promise<void> {
  for (const node of hosted.state.nodes) {
    if (!node.nature.hasIdentity || node.attempt === 0 || node.attached !== undefined) continue;
    const identity = identityOf(hosted, node, bindInput(hosted.state, node));
    if (identity === undefined) continue;
    const entry = await hosted.engine.store.effect(effectHash(hosted.engine.tenant, node.nature.action, identity));
    const isOurs = entry?.run === hosted.state.run && entry.node === node.id;
    if (entry !== undefined && isOurs && entry.state !== "not-done") hosted.claims.set(node, entry);
  }
}

/** The business effect of a node, where its action names one. */
export function identityOf(hosted: Hosted, node: NodeState, input: Json): string | undefined {
  return hosted.engine.registry.effectOf(usageOf(hosted.state, node), node.path).identity?.(input);
}
