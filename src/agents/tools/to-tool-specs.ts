import type { AnyAction } from "../../action/index.ts";
import { toInputError, type Problem } from "../../base/index.ts";
import type { ToolSpec } from "../../models/index.ts";
import { toolInputOf } from "./tool-input.ts";

/**
 * Shows actions to a model as tools; a plan, a choice and an agent are actions too. A name, a description (where none
 * was given, what is known), and what it takes as the JSON Schema of an object: another input stands in `{ value }`.
 *
 * @throws {InputError} TOOL_NAME_TAKEN when two have the same name, TOOL_BY_NODE for `process` and `http` as they are,
 *   SCHEMA_NOT_JSON and SCHEMA_PATTERN for inputs that can't be shown.
 */
export function toToolSpecs(actions: readonly AnyAction[]): readonly ToolSpec[] {
  demandOwnNames(actions);
  return actions.map((action) => ({
    name: action.name,
    description: describeTool(action),
    input: toolInputOf(action).shown,
  }));
}

/** Refuses tools of the same name. @throws {InputError} TOOL_NAME_TAKEN with every such name. */
export function demandOwnNames(actions: readonly AnyAction[]): void {
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const [index, { name }] of actions.entries()) {
    if (seen.has(name)) problems.push(taken(name, index));
    seen.add(name);
  }
  if (problems.length > 0) throw toInputError("The tools can't be told apart", problems);
}

function taken(name: string, index: number): Problem {
  return {
    code: "TOOL_NAME_TAKEN",
    path: `tools[${index}].name`,
    expected: "a name that no other tool has",
    got: JSON.stringify(name),
    fix: "Rename one of them, or give the tool once.",
  };
}

/** What a model is told of a tool. Where nobody described it, only what is known for certain. */
export function describeTool(action: AnyAction): string {
  const { description = "", definition, name } = action;
  if (description.trim() !== "") return description;
  switch (definition.tag) {
    case "plan":
      return definition.grow === undefined ? `Runs the plan ${name}.` : `Hands the work to the agent ${name}.`;

    case "choice":
      return `Does one of: ${Object.keys(definition.variants).join(", ")}. It is not described further.`;

    case "effect":
      return definition.isQuery
        ? `Looks up ${name}. It is not described further.`
        : `Does ${name}. It is not described further.`;

    case "by-node":
      return `Does ${name}.`;
  }
}
