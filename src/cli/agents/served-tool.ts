import { toJsonSchema, type AnyAction } from "../../action/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import type { ServedTool } from "../../tools/index.ts";

/** An action as it is offered over MCP. */
export interface Offer {
  readonly action: AnyAction;
  readonly tool: ServedTool;
  /** Gives the action's input out of what a client sent: inputs that are no objects stand in `value`. */
  readonly toInput: (sent: JsonObject) => Json;
}

/** Offers an action. @throws {InputError} SCHEMA_NOT_JSON, SCHEMA_PATTERN */
export function toOffer(action: AnyAction): Offer {
  const schema = inputOf(action);
  const isObject = isJsonObject(schema) && schema["type"] === "object";
  const { name, description, definition } = action;
  const effect = definition.tag === "effect" ? definition : undefined;
  return {
    action,
    toInput: (sent) => (isObject ? sent : (sent["value"] ?? null)),
    tool: {
      name,
      description: description ?? `Runs ${name}.`,
      inputSchema: isObject ? schema : wrap(schema),
      annotations: {
        readOnlyHint: effect?.isQuery === true,
        destructiveHint: effect?.undo === "impossible",
        idempotentHint: effect !== undefined && effect.repeat !== "never",
      },
    },
  };
}

/** What a schema refers to stands beside it, so that its references still hold. */
function wrap(schema: Json): JsonObject {
  const { $defs, ...value } = isJsonObject(schema) ? schema : {};
  const properties = { value: isJsonObject(schema) ? value : schema };
  return { type: "object", properties, additionalProperties: false, ...($defs !== undefined && { $defs }) };
}

function inputOf({ name, definition }: AnyAction): Json {
  switch (definition.tag) {
    case "effect":
      return definition.input === undefined ? true : (toJsonSchema(definition.input, "input", `${name}.input`) ?? true);

    case "plan": {
      const { input = true } = definition.graph;
      return input;
    }

    case "choice": {
      const first = definition.variants[definition.first];
      return first === undefined ? true : inputOf(first);
    }

    case "by-node":
      return true;
  }
}
