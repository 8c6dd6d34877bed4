import { InputError } from "../base/index.ts";
import { quoteInputPath, quoteNodePath, quoteSegments } from "./expression/plain-path.ts";

declare const value: unique symbol;

/** Stands for a value that will exist when the plan runs. `V` is for the type checker only. */
export interface Handle<out V> {
  readonly [value]: V;
}

/**
 * A handle with the fields of its value: `paid.id` is the handle of the field. Lists, records and values that may be
 * null or missing have no fields: use `cel`, `field`, `optional` or `orElse`.
 *
 * The names `then`, `toJSON`, `toString` and `valueOf` belong to JavaScript, which calls them on its own (`await` looks
 * for `then`); reach such fields with `field(ref, "then")`.
 */
export type Ref<V> = Handle<V> & Fields<V>;

type Fields<V> = V extends readonly unknown[]
  ? unknown
  : V extends object
    ? string extends keyof V
      ? unknown
      : { readonly [K in keyof V as K extends ReservedName ? never : K]-?: Ref<V[K]> }
    : unknown;

type ReservedName = "then" | "toJSON" | "toString" | "valueOf";

/** What may be given where a `V` is needed: a handle, a literal, or objects and lists that mix them. */
export type Bind<V> = Handle<V> | Literal<V>;

type Literal<V> = V extends string | number | boolean | null | undefined
  ? V
  : V extends object
    ? { readonly [K in keyof V]: Bind<Exclude<V[K], undefined>> | Extract<V[K], undefined> }
    : V;

/** Anything that can stand in a plan file: JSON with handles in it. */
export type Template =
  | string
  | number
  | boolean
  | null
  | undefined
  | Handle<unknown>
  | readonly Template[]
  | { readonly [name: string]: Template };

/** The value that a template will have. */
export type Unbind<T> =
  T extends Handle<infer V>
    ? V
    : T extends string | number | boolean | null
      ? T
      : T extends undefined | void
        ? null
        : { -readonly [K in keyof T]: Unbind<T[K]> };

/** A node whose value is read. */
export interface NodeRead {
  readonly node: string;
  /** The reader takes null where the node was skipped. */
  readonly isOptional: boolean;
}

type Source =
  | { readonly tag: "input" }
  | { readonly tag: "node"; readonly read: NodeRead }
  | { readonly tag: "expression"; readonly text: string; readonly reads: readonly NodeRead[] };

/** What a handle stands for. */
export interface HandleFacts {
  /** The plan being built; undefined for an expression without handles, which is good anywhere. */
  readonly owner: object | undefined;
  readonly source: Source;
  readonly path: readonly string[];
}

const handles = new WeakMap<object, HandleFacts>();

/** Makes the handle of a value. */
export function createRef<V>(facts: HandleFacts): Ref<V> {
  // What `console.log` shows of a handle is this target.
  const target = { handle: textOf(facts) };
  const proxy = new Proxy(target, handler);
  for (const key of [target, proxy]) handles.set(key, facts);
  return proxy as unknown as Ref<V>;
}

/** Gives what a handle stands for, or undefined for any other value. */
export function factsOf(candidate: unknown): HandleFacts | undefined {
  return typeof candidate === "object" && candidate !== null ? handles.get(candidate) : undefined;
}

/** The expression that gives the value of a handle. */
export function textOf({ source, path }: HandleFacts): string {
  if (source.tag === "input") return quoteInputPath(path);
  if (source.tag === "node") return quoteNodePath(source.read.node, path);
  return path.length === 0 ? source.text : `(${source.text})${quoteSegments(path)}`;
}

/** The same as a part of a larger expression, where it must hold together, and reading through null would fail. */
export function partOf(facts: HandleFacts): string {
  const text = textOf(facts);
  const { source, path } = facts;
  if (source.tag === "node" && source.read.isOptional && path.length > 0) return `(has(${text}) ? ${text} : null)`;
  return source.tag === "expression" && path.length === 0 ? `(${text})` : text;
}

/** The nodes that a handle reads. */
export function readsOf({ source }: HandleFacts): readonly NodeRead[] {
  if (source.tag === "input") return [];
  return source.tag === "node" ? [source.read] : source.reads;
}

/** Refuses a use of a handle. */
export function misuse(facts: HandleFacts, what: string, fix: string): never {
  const message = `expected a value, got a handle (of ${textOf(facts)}) ${what}. ${fix}`;
  throw new InputError("HANDLE_MISUSED", message);
}

/**
 * Gives the handle of a field by its name: for records, and for the few names that a handle can't have as a property.
 *
 * @throws {InputError} HANDLE_MISUSED when the first argument is no handle.
 */
export function field<V extends object, K extends keyof V & string>(
  ref: Handle<V>,
  name: K,
): Ref<string extends keyof V ? V[K] | undefined : V[K]> {
  return createRef(fieldOf(requireFacts(ref), name));
}

/**
 * Lets a node run though the parent behind this value was skipped; the value is then null.
 *
 * @throws {InputError} HANDLE_MISUSED when the value isn't the output of a node.
 */
export function optional<V>(ref: Handle<V>): Ref<V | null> {
  const facts = requireFacts(ref);
  if (facts.source.tag !== "node") {
    misuse(facts, "that is not a node's", "Only what step, ask or wait gave can be optional; for the rest use orElse.");
  }
  return createRef({ ...facts, source: { tag: "node", read: { ...facts.source.read, isOptional: true } } });
}

/** Gives what a value stands for, or refuses it. @throws {InputError} HANDLE_MISUSED */
export function requireFacts(ref: unknown): HandleFacts {
  const facts = factsOf(ref);
  if (facts !== undefined) return facts;
  const message = `expected a handle (the plan's input, or what step, ask, wait and cel give), got ${typeof ref}`;
  throw new InputError("HANDLE_MISUSED", `${message}. Pass the handle itself.`);
}

function fieldOf(facts: HandleFacts, name: string): HandleFacts {
  return { ...facts, path: [...facts.path, name] };
}

const ADVICE = "Write what is to be worked out at run time with cel`...`, and pass handles as they are.";

/** What JavaScript calls on its own when a handle is mistaken for a value. */
const TRAPS: ReadonlyMap<PropertyKey, string> = new Map<PropertyKey, string>([
  [Symbol.toPrimitive, "used as text or number"],
  [Symbol.iterator, "iterated over"],
  [Symbol.asyncIterator, "iterated over"],
  ["toJSON", "turned into JSON"],
  ["toString", "used as text"],
  ["valueOf", "used as a plain value"],
]);

const handler: ProxyHandler<object> = {
  get(target, name) {
    const facts = requireFacts(target);
    const trap = TRAPS.get(name);
    if (trap !== undefined) return () => misuse(facts, trap, ADVICE);
    // `await` and promises ask for `then` to see whether a value must be waited for.
    return typeof name === "symbol" || name === "then" ? undefined : createRef(fieldOf(facts, name));
  },
  ownKeys: (target) => misuse(requireFacts(target), "whose fields are listed or spread", ADVICE),
  has: (target) => misuse(requireFacts(target), "searched with `in`", ADVICE),
  set: (target) => misuse(requireFacts(target), "assigned to", "A handle can't be changed; it only reads."),
};
