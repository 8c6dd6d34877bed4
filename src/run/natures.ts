import {
  UNLABELLED,
  type AnyAction,
  type ByNodeDefinition,
  type Definition,
  type EffectDefinition,
  type PlanDefinition,
} from "../action/index.ts";
import { isJsonObject, PermanentError } from "../base/index.ts";
import {
  parsePlan,
  pinName,
  type CompiledNode,
  type Pin,
  type Pins,
  type Nature,
  type NatureOf,
  type PlanGraph,
  type PlanNode,
} from "../plan/index.ts";

/** A node, or a fallback, as far as it says what to do. */
type Usage = Pick<PlanNode, "uses" | "with" | "effect">;

/** Makes a plan grow; see `PlanDefinition`. */
type Grower = NonNullable<PlanDefinition["grow"]>;

/** The actions that a runtime knows, by name. */
export interface Registry {
  readonly find: (name: string) => AnyAction | undefined;
  readonly names: ReadonlySet<string>;
  readonly natureOf: NatureOf;
  /** @throws {PermanentError} ACTION_MISSING */
  readonly effectOf: (usage: Usage, path: readonly string[] | undefined) => EffectDefinition;
  /** The actions of a plan as they are now: what a run is pinned to (X2). What is missing is not pinned. */
  readonly pinsOf: (nodes: Iterable<Pick<CompiledNode, "node">>, grows?: string) => Pins;
  /** What makes a plan grow by this name. */
  readonly growerOf: (name: string) => Grower | undefined;
  /** The graph that a node runs as a plan; `inside` is the graph that holds the node. */
  readonly planOf: (usage: Usage, path: readonly string[] | undefined, inside: PlanGraph) => PlanGraph;
}

const PLAIN = {
  repeat: "safe",
  undo: "not-needed",
  undoesUnknown: false,
  hasCheck: false,
  hasIdentity: false,
  limits: {},
  resources: [],
  counters: {},
  ...UNLABELLED,
} as const;

const BUILT_IN: Readonly<Record<string, Nature>> = {
  ask: { ...PLAIN, kind: "ask", action: "ask", version: "1" },
  wait: { ...PLAIN, kind: "wait", action: "wait", version: "1" },
  plan: { ...PLAIN, kind: "plan", action: "plan", version: "1", repeat: "keyed", undo: "possible" },
};

/** Makes the registry of a runtime out of its actions; a name stands for one action only. */
export function createRegistry(actions: readonly AnyAction[]): Registry {
  const byName = collect(actions);
  const natures = new Map<AnyAction, Nature>();
  const effects = new WeakMap<object, EffectDefinition>();

  const effectByNode = (usage: Usage, definition: ByNodeDefinition): EffectDefinition => {
    const known = effects.get(usage);
    if (known !== undefined) return known;
    const made = definition.forNode({ with: usage.with ?? null, effect: usage.effect });
    effects.set(usage, made);
    return made;
  };

  const natureOf: NatureOf = (usage, path) => {
    const builtIn = BUILT_IN[usage.uses];
    if (builtIn !== undefined) return builtIn;
    const action = variantOf(byName.get(usage.uses), path);
    if (action === undefined) return missing(usage.uses);
    if (action.definition.tag === "by-node") return natureOfEffect(action, effectByNode(usage, action.definition));
    const known = natures.get(action) ?? natureOfAction(action, action.definition);
    natures.set(action, known);
    return known;
  };

  return {
    find: (name) => byName.get(name),
    names: new Set([...Object.keys(BUILT_IN), ...byName.keys()]),
    natureOf,
    effectOf: (usage, path) => {
      const definition = variantOf(byName.get(usage.uses), path)?.definition;
      if (definition?.tag === "effect") return definition;
      if (definition?.tag === "by-node") return effectByNode(usage, definition);
      throw new PermanentError("ACTION_MISSING", `No action is registered as "${usage.uses}". Add it to \`use\`.`);
    },
    pinsOf: (nodes, grows) => pinsOf(nodes, grows, { byName, natureOf }),
    growerOf: (name) => growerOf(byName.get(name)),
    planOf: (usage, path, inside) => planOf(variantOf(byName.get(usage.uses), path)?.definition, usage, inside),
  };
}

function collect(actions: readonly AnyAction[]): ReadonlyMap<string, AnyAction> {
  const byName = new Map<string, AnyAction>();
  const open = [...actions];
  for (let action = open.pop(); action !== undefined; action = open.pop()) {
    if (byName.get(action.name) === action) continue;
    byName.set(action.name, action);
    if (action.definition.tag === "plan") open.push(...action.definition.uses);
  }
  return byName;
}

/** Follows a path of variants; without a path the action itself. */
export function variantOf(action: AnyAction | undefined, path: readonly string[] | undefined): AnyAction | undefined {
  let found = action;
  for (const name of path ?? [])
    found = found?.definition.tag === "choice" ? found.definition.variants[name] : undefined;
  return found;
}

function natureOfAction(action: AnyAction, definition: Exclude<Definition, ByNodeDefinition>): Nature {
  const base = { action: action.name, version: String(action.version) };
  switch (definition.tag) {
    case "plan":
      return { ...PLAIN, ...base, kind: "plan", repeat: "keyed", undo: "possible" };

    case "choice": {
      const variants = Object.entries(definition.variants).map(([name, variant]) => `${name}:${variant.version}`);
      return { ...PLAIN, ...base, version: `${action.version}(${variants.join(",")})`, kind: "choice" };
    }

    case "effect":
      return natureOfEffect(action, definition);
  }
}

function natureOfEffect(action: AnyAction, effect: EffectDefinition): Nature {
  return {
    kind: "effect",
    repeat: effect.repeat,
    undo: typeof effect.undo === "function" ? "possible" : effect.undo,
    undoesUnknown: effect.undoesUnknown ?? false,
    hasCheck: effect.check !== undefined,
    hasIdentity: effect.identity !== undefined,
    limits: effect.limits,
    resources: effect.resources,
    counters: effect.counters,
    gives: effect.gives,
    refuses: effect.refuses,
    isApproved: effect.isApproved,
    action: action.name,
    version: String(action.version),
  };
}

/** An action that is gone: what it did may need an undo, which will be stuck rather than forgotten. */
function missing(name: string): Nature {
  return { ...PLAIN, kind: "effect", repeat: "never", undo: "possible", action: name, version: "missing" };
}

function planOf(definition: Definition | undefined, usage: Usage, inside: PlanGraph): PlanGraph {
  const name = isJsonObject(usage.with) ? usage.with["plan"] : undefined;
  const named = usage.uses === "plan" && typeof name === "string" ? inside.plans?.[name] : undefined;
  if (named !== undefined) return named;
  if (definition?.tag === "plan") return graphOf(definition);
  throw new PermanentError("ACTION_MISSING", `No plan is registered as "${usage.uses}". Add it to \`use\`.`);
}

const graphs = new WeakMap<PlanDefinition, PlanGraph>();

/** Gives the graph of a plan used as an action, checked once. */
export function graphOf(definition: PlanDefinition): PlanGraph {
  const graph = graphs.get(definition) ?? parsePlan(definition.graph);
  graphs.set(definition, graph);
  return graph;
}

function growerOf(action: AnyAction | undefined): Grower | undefined {
  return action?.definition.tag === "plan" ? action.definition.grow : undefined;
}

interface Known {
  readonly byName: ReadonlyMap<string, AnyAction>;
  readonly natureOf: NatureOf;
}

function pinsOf(
  nodes: Iterable<Pick<CompiledNode, "node">>,
  grows: string | undefined,
  { byName, natureOf }: Known,
): Pins {
  const pins: Record<string, Pin> = {};
  const pin = (usage: Usage, path: readonly string[]): void => {
    const action = variantOf(byName.get(usage.uses), path);
    const name = pinName(usage.uses, path);
    if (action === undefined || pins[name] !== undefined) return;
    const isStatedInPlan = action.definition.tag === "by-node";
    const nature = isStatedInPlan ? undefined : natureOf(usage, path);
    pins[name] = nature === undefined ? { version: String(action.version) } : { version: nature.version, nature };
    if (action.definition.tag === "choice")
      for (const variant of Object.keys(action.definition.variants)) pin(usage, [...path, variant]);
  };
  if (grows !== undefined) pin({ uses: grows }, []);
  for (const { node } of nodes) {
    pin(node, []);
    if (typeof node.onFailure === "object") pin(node.onFailure.fallback, []);
  }
  return pins;
}
