import { createRequire } from "node:module";
import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import { partAt, without } from "./schema-parts.ts";

/** Built-in actions that a plan of a model may use. */
export const BUILT_IN = ["ask", "wait"] as const;

/** What may stand in a published plan file, but not in a plan that a model wrote. */
export const FORBIDDEN_IN_PLAN = ["$schema", "input", "plans", "grows"] as const;
export const FORBIDDEN_IN_WORK = ["effect"] as const;

/** What the schemas are narrowed to. */
export interface SchemaScope {
  /** Names of the actions that are offered. */
  readonly names: readonly string[];
  /** Nodes at most. */
  readonly nodes: number;
}

/** The published schema of the plan file, read when it is first needed. */
let published: Json | undefined;

function readPublished(): JsonObject {
  const loaded: Json = published ?? createRequire(import.meta.url)("../../../schemas/plan.schema.json");
  published = loaded;
  return partAt(loaded, "$defs");
}

/** The published schema of the plan file, narrowed to what a model may write: the actions offered, no nature, one plan. */
export function toPlanSchema(scope: SchemaScope): JsonObject {
  const plan = partAt(readPublished(), "plan");
  const properties = without(partAt(plan, "properties"), ...FORBIDDEN_IN_PLAN);
  const nodes = { ...partAt(properties, "nodes"), minProperties: 1, maxProperties: scope.nodes };
  return { ...plan, required: ["name", "nodes"], properties: { ...properties, nodes }, $defs: toDefinitions(scope) };
}

/** Definitions of a node and of what it is made of. */
export function toDefinitions({ names }: SchemaScope): JsonObject {
  const { node, fallback, retry = {}, id = {}, work } = readPublished();
  return {
    node: narrowWork(node, names),
    fallback: narrowWork(fallback, names),
    retry,
    id,
    work: { allOf: conditionsOf(work) },
  };
}

function narrowWork(schema: Json | undefined, names: readonly string[]): JsonObject {
  const properties = without(partAt(schema, "properties"), ...FORBIDDEN_IN_WORK);
  const uses = { description: "The action.", enum: [...names, ...BUILT_IN] };
  return { ...partAt(schema), properties: { ...properties, uses } };
}

/** What is said of the built-in actions that are left. */
function conditionsOf(work: Json | undefined): readonly Json[] {
  const { allOf } = partAt(work);
  const names: readonly unknown[] = BUILT_IN;
  return Array.isArray(allOf)
    ? allOf.filter((part) => isJsonObject(part) && names.includes(partAt(part, "if", "properties", "uses")["const"]))
    : [];
}
