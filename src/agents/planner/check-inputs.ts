import type { AnyAction } from "../../action/index.ts";
import { toProblems } from "../../action/index.ts";
import {
  formatPath,
  isJsonObject,
  type Json,
  type JsonObject,
  type Problem,
  type SchemaIssue,
} from "../../base/index.ts";
import type { PlanNode } from "../../plan/index.ts";
import { issuesOf, toolInputOf } from "../tools/index.ts";

/**
 * Checks the inputs of nodes against the schemas of their actions, as far as they are known before the run: constant values, and
 * the fields of an object that are missing or too many. What a template will give is checked at the attempt.
 */
export function checkInputs(
  nodes: Readonly<Record<string, PlanNode>>,
  tools: readonly AnyAction[],
): readonly Problem[] {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return Object.entries(nodes).flatMap(([id, node]) => {
    const path = formatPath(["nodes", id]);
    const { onFailure } = node;
    const own = checkWork(node, path, byName);
    if (typeof onFailure !== "object") return own;
    return [...own, ...checkWork(onFailure.fallback, `${path}.onFailure.fallback`, byName)];
  });
}

function checkWork(
  { uses, with: input = null }: Pick<PlanNode, "uses" | "with">,
  path: string,
  tools: ReadonlyMap<string, AnyAction>,
): readonly Problem[] {
  const tool = tools.get(uses);
  if (tool === undefined) return [];
  const taken = toolInputOf(tool);
  const place = `${path}.with`;
  const shape = isJsonObject(taken.written) && isJsonObject(input) ? checkFields(taken.written, input, place) : [];
  const known = toProblems(
    issuesOf(taken, input).filter((issue) => isKnown(issue, input)),
    place,
    "INPUT_INVALID",
  );
  const paths = new Set(shape.map((problem) => problem.path));
  return [...shape, ...known.filter((problem) => !paths.has(problem.path))];
}

/** A complaint counts where no template has a part in the value that it is about. */
function isKnown({ path = [] }: SchemaIssue, input: Json): boolean {
  let place: Json | undefined = input;
  for (const part of path) {
    if (typeof place === "string") break;
    const key = typeof part === "object" ? part.key : part;
    place = typeof place === "object" && place !== null ? Reflect.get(place, key) : undefined;
  }
  return place === undefined || !hasTemplate(place);
}

function hasTemplate(value: Json): boolean {
  if (typeof value === "string") return value.includes("${");
  if (Array.isArray(value)) return value.some(hasTemplate);
  return isJsonObject(value) && Object.values(value).some(hasTemplate);
}

function checkFields(schema: JsonObject, input: JsonObject, path: string): readonly Problem[] {
  const { required, properties, additionalProperties, patternProperties } = schema;
  const fields = isJsonObject(properties) ? Object.keys(properties) : [];
  const missing = (Array.isArray(required) ? required : []).filter(
    (name) => typeof name === "string" && !Object.hasOwn(input, name),
  );
  const isClosed = additionalProperties === false && patternProperties === undefined;
  const extra = isClosed ? Object.keys(input).filter((name) => !fields.includes(name)) : [];
  return [
    ...missing.map((name) => toProblem(path, String(name), { got: "nothing", fix: "Add it." })),
    ...extra.map((name) =>
      toProblem(path, name, { got: "an unknown field", fix: `The fields are: ${fields.join(", ")}.` }),
    ),
  ];
}

function toProblem(path: string, name: string, words: { readonly got: string; readonly fix: string }): Problem {
  const expected = words.got === "nothing" ? "a field that the action needs" : "a field that the action takes";
  return { code: "INPUT_INVALID", path: joined(path, name), expected, ...words };
}

function joined(path: string, name: string): string {
  const place = formatPath([name]);
  return place.startsWith("[") ? `${path}${place}` : `${path}.${place}`;
}
