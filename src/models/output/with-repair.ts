import { describeProblem, PermanentError, type JsonSchema, type StandardSchema } from "../../base/index.ts";
import type { Model, ModelContext, ModelReply, ModelRequest, Usage } from "../port.ts";
import { readOutput, toRepairRequest } from "./read-output.ts";

/** Makes a checker of a JSON Schema, such as `fromJsonSchema` of `pawl/action`. */
export type SchemaReader = (schema: JsonSchema) => StandardSchema;

/**
 * Gives replies whose text is JSON that fits `request.output`: taken out of the words around it, checked, and asked for
 * once more where it does not fit. Usage and price are those of both calls. Replies with calls, and those to requests
 * without a schema, pass as they are.
 *
 * @throws {PermanentError} MODEL_OUTPUT_UNFIT from `generate`, with every problem, when the second one doesn't fit
 *   either.
 */
export function withRepair(model: Model, toSchema: SchemaReader): Model {
  const generate = async (request: ModelRequest, context: ModelContext): Promise<ModelReply> => {
    const reply = await model.generate(request, context);
    if (request.output === undefined || reply.calls.length > 0) return reply;
    const schema = toSchema(request.output);
    const output = await readOutput(reply, schema);
    if (output.tag === "fits") return { ...reply, text: JSON.stringify(output.value) };
    const second = await model.generate(toRepairRequest(request, reply, output.problems), context);
    const repaired = await readOutput(second, schema);
    if (repaired.tag === "fits") return { ...addUp(reply, second), text: JSON.stringify(repaired.value) };
    const lines = repaired.problems.map((problem) => `  - ${describeProblem(problem)}`).join("\n");
    const fix = "Give an example in the prompt, a simpler schema, or a larger model.";
    throw new PermanentError(
      "MODEL_OUTPUT_UNFIT",
      `${model.name} answered what does not fit, twice:\n${lines}\n${fix}`,
    );
  };
  return { ...model, generate };
}

function addUp(first: ModelReply, second: ModelReply): ModelReply {
  const isPriced = first.microUsd !== undefined && second.microUsd !== undefined;
  return {
    ...second,
    usage: addUsage(first.usage, second.usage),
    ...(isPriced && { microUsd: (first.microUsd ?? 0) + (second.microUsd ?? 0) }),
  };
}

function addUsage(one: Usage, other: Usage): Usage {
  const isEstimated = one.isEstimated === true || other.isEstimated === true;
  return {
    input: one.input + other.input,
    cachedInput: (one.cachedInput ?? 0) + (other.cachedInput ?? 0),
    output: one.output + other.output,
    reasoning: (one.reasoning ?? 0) + (other.reasoning ?? 0),
    ...(isEstimated && { isEstimated }),
  };
}
