import {
  defineAction,
  defineQuery,
  fromJsonSchema,
  type ActionBase,
  type AnyAction,
  type AttemptContext,
} from "../../action/index.ts";
import { InputError, type Json, type StandardSchema } from "../../base/index.ts";
import type { AiTool, AiToolNature } from "./ai-tool.ts";
import { toStandardSchema } from "./to-standard-schema.ts";

type Shared = ActionBase<StandardSchema<Json, Json>, StandardSchema<Json, Json>>;

const ANYTHING: StandardSchema<Json, Json> = fromJsonSchema<Json>(true);

/**
 * Makes an action of a tool of the AI SDK. What it gives is taken as JSON, as the AI SDK sends it to a model; of an async
 * iterable each value goes to whoever watches, and the last one is the output. A tool that `needsApproval` (also one that
 * decides that from its input) waits for a person at every call.
 *
 * @param nature what is known of its effect. Default: `repeat: "never"`, `undo: "impossible"`.
 * @throws {InputError} AI_TOOL_INVALID when it has no `execute` or no schema that can be used.
 */
export function fromAiTool(name: string, tool: AiTool, nature: AiToolNature = {}): AnyAction {
  const shared = toShared(name, tool, nature);
  if (nature.isQuery === true) return defineQuery(name, shared);
  const { repeat = "never", undo = "impossible", check, identity } = nature;
  return defineAction(name, {
    ...shared,
    repeat,
    undo,
    ...(check !== undefined && { check }),
    ...(identity !== undefined && { identity }),
  });
}

function toShared(name: string, tool: AiTool, nature: AiToolNature): Shared {
  const { inputSchema, outputSchema, needsApproval = false } = tool;
  const description = nature.description ?? describe(tool, nature);
  const isApproved = nature.approve === "always" || needsApproval !== false;
  return {
    input: toStandardSchema(inputSchema, `${name}.inputSchema`),
    output: outputSchema === undefined ? ANYTHING : toStandardSchema(outputSchema, `${name}.outputSchema`),
    run: toRun(name, tool, nature.context),
    ...nature.limits,
    ...(description !== undefined && { description }),
    ...(nature.version !== undefined && { version: nature.version }),
    ...(nature.labels !== undefined && { labels: nature.labels }),
    ...(isApproved && { approve: "always" }),
  };
}

/** Makes actions of a set of tools of the AI SDK, by their names. @throws {InputError} AI_TOOL_INVALID */
export function toolsFromAiSdk(
  tools: Readonly<Record<string, AiTool>>,
  natures: Readonly<Record<string, AiToolNature>> = {},
): readonly AnyAction[] {
  return Object.entries(tools).map(([name, tool]) => fromAiTool(name, tool, natures[name]));
}

function describe({ description }: AiTool, { context }: AiToolNature): string | undefined {
  const text: unknown = typeof description === "function" ? description({ context }) : description;
  return typeof text === "string" && text.trim() !== "" ? text : undefined;
}

function toRun(name: string, tool: AiTool, given: Record<string, unknown> = {}): Shared["run"] {
  const { execute } = tool;
  if (execute === undefined) {
    const got = tool.type === "provider" ? "one that its provider runs" : "one without";
    const fix = "Give it an execute function, or leave it out.";
    throw new InputError("AI_TOOL_INVALID", `${name}: expected a tool with execute, got ${got}. ${fix}`);
  }
  return async (context) => {
    const { input, key: toolCallId, signal: abortSignal } = context;
    const made = execute.call(tool, input, { toolCallId, messages: [], abortSignal, context: given });
    return isAsyncIterable(made) ? await readLast(made, context) : toJson(await made);
  };
}

async function readLast(values: AsyncIterable<unknown>, { emit, alive }: AttemptContext<Json>): Promise<Json> {
  let last: Json = null;
  for await (const value of values) {
    alive();
    last = toJson(value);
    emit(last);
  }
  return last;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** As the AI SDK would send it: a Date becomes text, and what is undefined or a function is left out. */
function toJson(value: unknown): Json {
  const text: unknown = JSON.stringify(value);
  const json: Json = typeof text === "string" ? JSON.parse(text) : null;
  return json;
}
