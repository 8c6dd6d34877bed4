import { toInputError, type Problem } from "../../base/index.ts";
import type { Message, ModelRequest } from "../port.ts";

/**
 * Refuses a request that every server would refuse, before it is sent.
 *
 * @throws {InputError} MODEL_REQUEST_INVALID with every problem.
 */
export function checkRequest(request: ModelRequest): void {
  const problems = [
    ...findChoiceProblems(request),
    ...findMessageProblems(request.messages),
    ...findNumberProblems(request),
  ];
  if (problems.length > 0) throw toInputError("The request to the model makes no sense", problems);
}

function findChoiceProblems({ tools = [], toolChoice = "auto" }: ModelRequest): readonly Problem[] {
  if (typeof toolChoice === "object") {
    if (tools.some(({ name }) => name === toolChoice.tool)) return [];
    return [toProblem("toolChoice", `one of the ${tools.length} tools`, JSON.stringify(toolChoice.tool))];
  }
  if (toolChoice !== "required" || tools.length > 0) return [];
  return [toProblem("tools", "at least one, since a call is required", "none")];
}

function findMessageProblems(messages: readonly Message[]): readonly Problem[] {
  if (!messages.some(({ role }) => role !== "system")) {
    return [toProblem("messages", "at least one that is not from the system", `${messages.length} of the system`)];
  }
  const calls = new Set<string>();
  const problems: Problem[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === "assistant") for (const { id } of message.calls ?? []) calls.add(id);
    if (message.role === "tool" && !calls.has(message.call)) {
      problems.push(toProblem(`messages[${index}].call`, "a call that was made before", JSON.stringify(message.call)));
    }
  }
  return problems;
}

function findNumberProblems({ maxOutputTokens, temperature }: ModelRequest): readonly Problem[] {
  const problems: Problem[] = [];
  if (maxOutputTokens !== undefined && !(Number.isInteger(maxOutputTokens) && maxOutputTokens > 0)) {
    problems.push(toProblem("maxOutputTokens", "a whole number above 0", String(maxOutputTokens)));
  }
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 2)) {
    problems.push(toProblem("temperature", "a number from 0 to 2", String(temperature)));
  }
  return problems;
}

function toProblem(path: string, expected: string, got: string): Problem {
  return { code: "MODEL_REQUEST_INVALID", path, expected, got, fix: "Correct the request." };
}
