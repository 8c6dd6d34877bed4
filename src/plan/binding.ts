import { InputError, type Json, type JsonObject } from "../base/index.ts";
import { refuseForeign } from "./cel.ts";
import { show } from "./validate/show.ts";
import { factsOf, readsOf, textOf, type HandleFacts, type NodeRead } from "./handles.ts";

/** Nesting beyond this is taken for an object that contains itself. */
const DEEPEST = 100;

/** What a binding becomes: a template, and the nodes that it reads. */
export interface Bound {
  readonly template: Json;
  readonly reads: readonly NodeRead[];
}

/** Turns a binding into a template: handles become `${ path }`, literal text keeps its meaning. */
export function toTemplate(binding: unknown, owner: object): Bound {
  const reads: NodeRead[] = [];
  const onHandle = (facts: HandleFacts): string => {
    requireOwner(facts, owner);
    reads.push(...readsOf(facts));
    return `\${${textOf(facts)}}`;
  };
  return { template: convert(binding, { onHandle, path: [] }), reads };
}

/** Refuses a handle of another plan. @throws {InputError} HANDLE_FOREIGN */
export function requireOwner(facts: HandleFacts, owner: object): void {
  if (facts.owner !== undefined && facts.owner !== owner) refuseForeign(facts);
}

interface Place {
  readonly onHandle: (facts: HandleFacts) => string;
  readonly path: readonly string[];
}

function convert(value: unknown, place: Place): Json {
  const facts = factsOf(value);
  if (facts !== undefined) return place.onHandle(facts);
  if (typeof value === "string") return value.replaceAll("${", () => "$${");
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (place.path.length > DEEPEST) return refuse(place, `an object that is more than ${DEEPEST} deep`);
  if (Array.isArray(value)) return value.map((item: unknown, index) => convert(item, under(place, String(index))));
  if (isPlainObject(value)) return convertFields(value, place);
  return refuse(place, show(value));
}

function convertFields(value: object, place: Place): JsonObject {
  const fields: [string, Json][] = [];
  for (const [name, field] of Object.entries(value)) {
    if (name === "__proto__") refuse(place, "a field named __proto__");
    if (field !== undefined) fields.push([name, convert(field, under(place, name))]);
  }
  return Object.fromEntries(fields);
}

function under(place: Place, name: string): Place {
  return { ...place, path: [...place.path, name] };
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function refuse({ path }: Place, got: string): never {
  const where = path.length === 0 ? "the binding" : path.slice(0, 10).join(".");
  const message = `${where}: expected JSON with handles in it, got ${got}`;
  throw new InputError(
    "BINDING_NOT_JSON",
    `${message}. Give text, numbers, booleans, null, lists, plain objects or handles.`,
  );
}
