import { fromJsonSchema, toJsonSchema, validateValue, type AnyAction, type Definition } from "../../action/index.ts";
import {
  InputError,
  isJsonObject,
  type Json,
  type JsonObject,
  type JsonSchema,
  type SchemaIssue,
  type StandardSchema,
} from "../../base/index.ts";
import { isObjectSchema, wrapSchema } from "./wrap-schema.ts";

/** What a tool takes. */
export interface ToolInput {
  /** Checks an input; undefined where anything goes. */
  readonly check: StandardSchema | undefined;
  /** The schema as JSON Schema; `true` where it can't be written as one. */
  readonly written: JsonSchema;
  /** What a model is shown: the schema of an object. */
  readonly shown: JsonObject;
  /** The model writes `{ value }`, and the action gets what stands in it. */
  readonly isWrapped: boolean;
}

/** A schema is written out once; a step of an agent asks for the schemas of all its tools. */
const known = new WeakMap<Definition, ToolInput>();

/**
 * Gives what an action takes when it is a tool. Models call tools with objects only: any other input is wrapped.
 * Of a choice it is what its first variant takes.
 *
 * @throws {InputError} TOOL_BY_NODE for actions whose nature a plan file states; what `toJsonSchema` says.
 */
export function toolInputOf(action: AnyAction): ToolInput {
  const input = known.get(action.definition) ?? readInput(action);
  known.set(action.definition, input);
  return input;
}

function readInput(action: AnyAction): ToolInput {
  const check = checkOf(action);
  const written = check === undefined ? true : (toJsonSchema(check, "input", `${action.name}.input`) ?? true);
  const isWrapped = !isObjectSchema(written);
  return { check, written, isWrapped, shown: isWrapped ? wrapSchema(written) : written };
}

function checkOf({ name, definition }: AnyAction): StandardSchema | undefined {
  switch (definition.tag) {
    case "effect":
      return definition.input;

    case "plan": {
      const { input } = definition.graph;
      return isJsonObject(input) || input === false ? fromJsonSchema<Json>(input) : undefined;
    }

    case "choice": {
      const first = definition.variants[definition.first];
      return first === undefined ? undefined : checkOf(first);
    }

    case "by-node": {
      const expected = "an action with a nature of its own";
      const fix = "Register the one command or request under a name, with defineProcess or defineAction.";
      throw new InputError("TOOL_BY_NODE", `Expected ${expected} as a tool of a model, got ${name}. ${fix}`);
    }
  }
}

/** What is wrong with an input, as far as that can be said at once. */
export function issuesOf({ check, written }: ToolInput, input: Json): readonly SchemaIssue[] {
  if (check === undefined) return [];
  const result = validateValue(check, input);
  if (!(result instanceof Promise)) return result.issues ?? [];
  result.catch(() => undefined); // what it throws it will throw again at the attempt, where someone listens
  const atOnce = validateValue(fromJsonSchema<Json>(written), input);
  return atOnce instanceof Promise ? [] : (atOnce.issues ?? []);
}
