import { toJsonSchema, type AnyAction } from "../action/index.ts";
import { InputError, type JsonObject, type StandardSchema } from "../base/index.ts";
import { requireOwner, toTemplate, type Bound } from "./binding.ts";
import type { Answer, AskOptions, Builder, FlowOptions, OrderEdge, StepBase, WaitTime } from "./builder-types.ts";
import {
  createRef,
  factsOf,
  misuse,
  readsOf,
  requireFacts,
  textOf,
  type Handle,
  type NodeRead,
  type Ref,
} from "./handles.ts";
import { createUsedActions, useAction, type UsedActions } from "./used-actions.ts";

/** What was built so far, and the builder that adds to it. */
export interface PlanDraft {
  readonly owner: object;
  /** Nodes as a plan file has them, not checked yet. */
  readonly nodes: Map<string, unknown>;
  readonly plans: Map<string, JsonObject>;
  readonly used: UsedActions;
  /** Set once the plan is defined; nothing can be added then. */
  isClosed: boolean;
}

/** Step options as they are seen here; the types that users see are stricter. */
interface StepRequest extends StepBase {
  readonly onFailure?: string | { readonly fallback: AnyAction; readonly with?: unknown };
}

type StepArguments = readonly [id: string, action: AnyAction, input: unknown, options?: StepRequest];

/** An empty plan. */
export function createDraft(): PlanDraft {
  return { owner: {}, nodes: new Map(), plans: new Map(), used: createUsedActions(), isClosed: false };
}

/** Gives the builder that writes into a draft. */
export function createBuilder(draft: PlanDraft): Builder {
  return {
    step: <O>(...[id, action, input, options]: StepArguments): Ref<O> =>
      addStep(draft, id, { action, input, options: options ?? {} }),
    ask: <V>(id: string, options: AskOptions & { readonly answer?: StandardSchema }): Ref<Answer<V>> =>
      addAsk(draft, id, options),
    wait: (id: string, time: WaitTime, options: FlowOptions = {}): Ref<null> =>
      addNode(draft, id, { uses: "wait", input: toTemplate(time, draft.owner), options }),
    failed: (node: Handle<unknown>): OrderEdge => ({ node, on: "failed" }),
    ended: (node: Handle<unknown>): OrderEdge => ({ node, on: "ended" }),
  };
}

interface Step {
  readonly action: AnyAction;
  readonly input: unknown;
  readonly options: StepRequest;
}

function addStep<O>(draft: PlanDraft, id: string, { action, input, options }: Step): Ref<O> {
  const { onFailure, retry, ...extra } = options;
  const work = toWork(draft, action, { binding: input, where: `nodes.${id}` });
  const { strategy, reads } = toStrategy(draft, onFailure, { binding: input, where: `nodes.${id}.onFailure` });
  const rule = typeof retry === "number" ? { attempts: retry } : retry;
  return addNode(draft, id, { ...work, reads, options, extra: { ...extra, retry: rule, onFailure: strategy } });
}

/** `onFailure` as the plan file has it. */
function toStrategy(draft: PlanDraft, onFailure: StepRequest["onFailure"], { binding, where }: WorkInput): Strategy {
  if (typeof onFailure !== "object") return { strategy: onFailure, reads: [] };
  const own = onFailure.with === undefined ? binding : onFailure.with;
  const { uses, input } = toWork(draft, onFailure.fallback, { binding: own, where });
  return { strategy: { fallback: { uses, with: input.template } }, reads: input.reads };
}

interface Strategy {
  readonly strategy: unknown;
  readonly reads: readonly NodeRead[];
}

function addAsk<V>(
  draft: PlanDraft,
  id: string,
  options: AskOptions & { readonly answer?: StandardSchema },
): Ref<Answer<V>> {
  const { show, expiresMs, answer, onFailure } = options;
  const schema = answer === undefined ? undefined : toJsonSchema(answer, "input", `nodes.${id}.answer`);
  const input = toTemplate({ show, expiresMs, answer: schema }, draft.owner);
  return addNode(draft, id, { uses: "ask", input, options, extra: { onFailure } });
}

interface WorkInput {
  readonly binding: unknown;
  readonly where: string;
}

interface Work {
  readonly uses: string;
  readonly input: Bound;
}

/** What the plan file says of an action and its input. */
function toWork(draft: PlanDraft, action: AnyAction, { binding, where }: WorkInput): Work {
  useAction(draft.used, action, where);
  const input = toTemplate(binding, draft.owner);
  const { name, definition } = action;
  if (definition.tag !== "plan") return { uses: name, input };
  draft.plans.set(name, definition.graph);
  return { uses: "plan", input: { ...input, template: { plan: name, input: input.template } } };
}

interface NodeParts extends Work {
  readonly options: FlowOptions;
  /** Reads beside those of the input and the condition. */
  readonly reads?: readonly NodeRead[];
  readonly extra?: Readonly<Record<string, unknown>>;
}

function addNode<V>(draft: PlanDraft, id: string, parts: NodeParts): Ref<V> {
  requireFree(draft, id);
  const { uses, input, options, extra = {} } = parts;
  const { after, when, join, priority } = options;
  const condition = when === undefined ? undefined : toCondition(draft, when);
  const optional = toOptional(id, [...input.reads, ...(condition?.reads ?? []), ...(parts.reads ?? [])]);
  const order = { after: after?.map((edge) => toAfter(draft, edge)), when: condition?.text, optional, join, priority };
  draft.nodes.set(id, { ...extra, uses, with: input.template, ...order });
  return createRef({ owner: draft.owner, source: { tag: "node", read: { node: id, isOptional: false } }, path: [] });
}

function requireFree(draft: PlanDraft, id: string): void {
  if (draft.isClosed) {
    const fix = "Add all steps before the function that builds the plan returns.";
    throw new InputError(
      "PLAN_CLOSED",
      `nodes.${id}: expected a plan that is being built, got one that is defined. ${fix}`,
    );
  }
  if (!draft.nodes.has(id)) return;
  const fix = "Give every step of a plan an id of its own.";
  throw new InputError(
    "PLAN_DUPLICATE_NODE",
    `nodes.${id}: expected an id that is free, got one that is taken. ${fix}`,
  );
}

function toCondition(
  draft: PlanDraft,
  when: Handle<boolean>,
): { readonly text: string; readonly reads: readonly NodeRead[] } {
  const facts = requireFacts(when);
  requireOwner(facts, draft.owner);
  return { text: textOf(facts), reads: readsOf(facts) };
}

function toAfter(draft: PlanDraft, edge: Handle<unknown> | OrderEdge): unknown {
  const isHandle = factsOf(edge) !== undefined; // looking for fields of a handle throws
  const { node, on } = isHandle || !isOrderEdge(edge) ? { node: edge, on: undefined } : edge;
  const facts = requireFacts(node);
  requireOwner(facts, draft.owner);
  if (facts.source.tag !== "node")
    misuse(facts, "in `after` that is not a node's", "Pass what step, ask or wait gave.");
  const { node: id } = facts.source.read;
  return on === undefined ? id : { node: id, on };
}

function isOrderEdge(edge: Handle<unknown> | OrderEdge): edge is OrderEdge {
  return typeof edge === "object" && edge !== null && "on" in edge;
}

/** The parents that may be skipped; one that is also used as it is can't be among them. */
function toOptional(id: string, reads: readonly NodeRead[]): readonly string[] {
  const required = new Set(reads.filter((read) => !read.isOptional).map((read) => read.node));
  const optional = new Set(reads.filter((read) => read.isOptional).map((read) => read.node));
  const both = [...optional].find((node) => required.has(node));
  if (both === undefined) return [...optional];
  const fix = "Use optional(...) for every value of that node, or for none.";
  const message = `nodes.${id}: expected the value of "${both}" to be optional or required, got both. ${fix}`;
  throw new InputError("HANDLE_MISUSED", message);
}
