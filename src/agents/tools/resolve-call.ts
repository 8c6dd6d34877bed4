import { toProblems, type AnyAction } from "../../action/index.ts";
import {
  describeProblem,
  InputError,
  isJsonObject,
  parseStrictJson,
  toExcerpt,
  type Json,
  type Problem,
} from "../../base/index.ts";
import type { ToolCall } from "../../models/index.ts";
import { nearestNames } from "./nearest-names.ts";
import { issuesOf, toolInputOf } from "./tool-input.ts";
import { WRAPPED } from "./wrap-schema.ts";

const NAMED = 30;
const LONGEST_NAME = 80;

/** A call as it can be made, or why it can't, in words that the model can act on. */
export type ResolvedCall =
  | { readonly tag: "call"; readonly action: AnyAction; readonly input: Json }
  | {
      readonly tag: "problem";
      readonly code: "TOOL_UNKNOWN" | "TOOL_ARGUMENTS" | "INPUT_INVALID";
      readonly message: string;
      readonly problems: readonly Problem[];
    };

/**
 * Finds the action that a call of a model means, and checks what the model wrote. The input is given as it came, only
 * taken out of `{ value }` where the tool's input is no object: the engine checks and converts it again at the attempt. A schema
 * that can't answer at once is asked there only, where it can't be written as JSON Schema either.
 */
export function resolveCall(call: ToolCall, tools: readonly AnyAction[]): ResolvedCall {
  const action = tools.find(({ name }) => name === call.tool);
  if (action === undefined) return unknownTool(call.tool, tools);
  if (call.invalid !== undefined) return refuse(call, "TOOL_ARGUMENTS", [notJson(call.invalid)]);
  const taken = toolInputOf(action);
  const given = taken.isWrapped ? unwrap(call.input) : { input: call.input };
  if ("problem" in given) return refuse(call, "INPUT_INVALID", [given.problem]);
  const place = taken.isWrapped ? `input.${WRAPPED}` : "input";
  const problems = toProblems(issuesOf(taken, given.input), place, "INPUT_INVALID");
  return problems.length > 0 ? refuse(call, "INPUT_INVALID", problems) : { tag: "call", action, input: given.input };
}

function unwrap(input: Json): { readonly input: Json } | { readonly problem: Problem } {
  const value = isJsonObject(input) && Object.keys(input).length === 1 ? input[WRAPPED] : undefined;
  if (value !== undefined) return { input: value };
  const got = isJsonObject(input) ? `the fields ${Object.keys(input).join(", ") || "(none)"}` : "no object";
  const fix = "Put the whole input into that one field.";
  const problem = {
    code: "INPUT_INVALID",
    path: "input",
    expected: `{ "${WRAPPED}": ... }`,
    got: toExcerpt(got, 200),
    fix,
  };
  return { problem };
}

function notJson(text: string): Problem {
  const fix = "Write the arguments as one JSON object.";
  const path = "input";
  try {
    parseStrictJson(text);
  } catch (error) {
    const first = error instanceof InputError ? error.problems[0] : undefined;
    if (first === undefined) throw error;
    return { ...first, path: first.path === "" ? path : `${path}.${first.path}` };
  }
  return { code: "JSON_SYNTAX", path, expected: "arguments as JSON", got: toExcerpt(text, 100), fix };
}

function unknownTool(tool: string, tools: readonly AnyAction[]): ResolvedCall {
  const names = tools.map(({ name }) => name);
  const near = nearestNames(tool, names);
  const shown = toExcerpt(tool, LONGEST_NAME);
  const all = names.length === 0 ? "There are no tools." : `The tools are: ${list(names)}.`;
  const fix = near.length > 0 ? `Did you mean ${near.join(" or ")}?` : all;
  const problem = {
    code: "TOOL_UNKNOWN",
    path: "tool",
    expected: "the name of a tool",
    got: JSON.stringify(shown),
    fix,
  };
  const message = `There is no tool ${JSON.stringify(shown)}; nothing was done. ${fix}`;
  return { tag: "problem", code: "TOOL_UNKNOWN", message, problems: [problem] };
}

function list(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function refuse(
  { tool }: ToolCall,
  code: "TOOL_ARGUMENTS" | "INPUT_INVALID",
  problems: readonly Problem[],
): ResolvedCall {
  const lines = problems.map((problem) => `- ${describeProblem(problem)}`).join("\n");
  const what = code === "TOOL_ARGUMENTS" ? "are not JSON" : "do not fit what it takes";
  return { tag: "problem", code, problems, message: `The arguments of ${tool} ${what}; nothing was done.\n${lines}` };
}
