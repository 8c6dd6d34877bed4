import { defineQuery, fromJsonSchema, type Action, type AnyAction } from "../action/index.ts";
import { PermanentError } from "../base/index.ts";

const NAME = "ask_person";
const Question = fromJsonSchema<{ readonly question: string }>({
  type: "object",
  properties: { question: { type: "string", minLength: 1, maxLength: 4_000 } },
  required: ["question"],
  additionalProperties: false,
});

/** A tool with which an agent asks a person. The question waits in the inbox, over restarts, until someone answers. */
export const askPerson: Action<{ readonly question: string }, string> = defineQuery(NAME, {
  input: Question,
  output: fromJsonSchema<string>({ type: "string" }),
  description: "Asks a person a question and waits for the answer. Use it when only a person can know or decide.",
  run: () => {
    throw new PermanentError("TOOL_UNUSABLE", `${NAME} is a tool of agents: in a plan, use ask.`);
  },
});

/** Tells whether a tool is the one that asks a person: it becomes a question of the plan. */
export function isAskPerson({ name, definition }: AnyAction): boolean {
  return name === NAME && definition === askPerson.definition;
}
