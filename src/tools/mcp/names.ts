import type { AnyAction } from "../../action/index.ts";
import { toInputError, type Problem } from "../../base/index.ts";

/**
 * Tells which names a model could take for one another: models see only letters, digits, `_` and `-`, so that
 * `files.read` and `files_read` arrive as one tool, and whoever is called decides what happens.
 */
export function toComparable(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/gu, "_");
}

/**
 * Refuses a set of actions in which two have one name, or names that can be taken for one another.
 *
 * @throws {InputError} TOOL_NAME_TAKEN with every such pair.
 */
export function checkToolNames(actions: readonly AnyAction[]): void {
  const seen = new Map<string, AnyAction>();
  const problems: Problem[] = [];
  for (const action of actions) {
    const other = seen.get(toComparable(action.name));
    if (other === undefined) seen.set(toComparable(action.name), action);
    else if (other !== action) problems.push(toProblem(action.name, other.name));
  }
  if (problems.length > 0) throw toInputError("Two tools can't have one name", problems);
}

function toProblem(name: string, other: string): Problem {
  return {
    code: "TOOL_NAME_TAKEN",
    path: name,
    expected: "a name that no other tool has, also when case, dots and dashes are left aside",
    got: JSON.stringify(other),
    fix: "Rename one of them, or give one of the servers another name.",
  };
}
