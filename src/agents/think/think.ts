import type { Action, AnyAction, AttemptContext } from "../../action/index.ts";
import { defineQuery, fromJsonSchema } from "../../action/index.ts";
import type { Json, JsonObject, JsonSchema } from "../../base/index.ts";
import {
  readOutput,
  type Message,
  type Model,
  type ModelReply,
  type ModelRequest,
  type ToolCall,
} from "../../models/index.ts";
import { resolveCall, toToolSpecs } from "../tools/index.ts";
import type { AgentOptions } from "../options.ts";
import { instructionsFor, taskOf } from "./prompt.ts";
import { readThinkInput, type ThinkInput } from "./thought.ts";
import { readTranscript } from "./transcript.ts";

/** What a thinking step needs of its agent. */
export interface Mind {
  readonly name: string;
  readonly options: AgentOptions;
  readonly tools: readonly AnyAction[];
  /** The model of a step. @throws {InputError} when it can't be had: no key, unknown name. */
  readonly modelAt: (index: number) => Promise<Model>;
}

const anything = fromJsonSchema<Json>(true);

/**
 * Gives the action that asks the model: one step of the plan, one paid call. What it answered is recorded and never asked
 * for again. Its key goes to the server, for those that take one.
 */
export function defineThink(mind: Mind): Action<Json, Json> {
  return defineQuery(`${mind.name}.think`, {
    input: anything,
    output: anything,
    version: mind.options.version ?? 1,
    description: `A thought of ${mind.name}.`,
    run: (context) => think(mind, context),
  });
}

async function think(mind: Mind, context: AttemptContext<Json>): Promise<Json> {
  const input = readThinkInput(context.input);
  const model = await mind.modelAt(input.model ?? 0);
  const { signal, key, alive } = context;
  const request = toRequest(mind, input, context);
  const reply = await model.generate(request, {
    signal,
    key,
    onDelta: (delta) => {
      alive();
      context.emit({ ...delta });
    },
  });
  const { usage, microUsd = 0 } = reply;
  context.used({ tokens: usage.input + usage.output, microUsd, steps: 1 });
  return toThought(mind, input, reply);
}

function toRequest(mind: Mind, input: ThinkInput, context: AttemptContext<Json>): ModelRequest {
  const { options } = mind;
  const { temperature = options.temperature, note } = input;
  const messages: readonly Message[] = [
    { role: "system", text: instructionsFor(mind, input) },
    { role: "user", text: taskOf(options, input.of, rememberedIn(input, context)) },
    ...readTranscript(input, context.read, { resultChars: options.resultChars ?? 20_000 }),
    ...(note === undefined ? [] : [{ role: "user", text: note } as const]),
  ];
  const tools = specsOf(offeredIn(mind, input));
  return {
    messages,
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 && mustCall(options, messages) && { toolChoice: "required" }),
    ...formOf(mind, input),
    maxOutputTokens: options.maxOutputTokens ?? 4_096,
    ...(temperature !== undefined && { temperature }),
  };
}

/** Only who acts gets tools. */
function offeredIn({ tools }: Mind, { kind, without = [] }: ThinkInput): readonly AnyAction[] {
  if (kind !== "act") return [];
  return without.length === 0 ? tools : tools.filter(({ name }) => !without.includes(name));
}

/** Writing schemas costs more than all else of a step: it is done once for a list of tools. */
const specs = new WeakMap<readonly AnyAction[], ReturnType<typeof toToolSpecs>>();

function specsOf(tools: readonly AnyAction[]): ReturnType<typeof toToolSpecs> {
  const known = specs.get(tools) ?? toToolSpecs(tools);
  specs.set(tools, known);
  return known;
}

/** The form of the answer, where one is due: models give either calls or a form. */
function formOf({ options, tools }: Mind, { kind }: ThinkInput): Pick<ModelRequest, "output"> {
  const isDue = kind === "answer" || (kind === "act" && tools.length === 0);
  return options.answer !== undefined && isDue ? { output: options.answer } : {};
}

function mustCall({ mustCall: when }: AgentOptions, messages: readonly Message[]): boolean {
  return when === "first" && !messages.some(({ role }) => role === "tool");
}

function rememberedIn({ memory }: ThinkInput, { read }: AttemptContext<Json>): Json | undefined {
  const outcome = memory === undefined ? undefined : read(memory)?.outcome;
  return outcome?.tag === "succeeded" ? outcome.output : undefined;
}

/** What is kept of a reply. Calls that can't be made are kept with the reason, which the model is told. */
async function toThought(mind: Mind, input: ThinkInput, reply: ModelReply): Promise<Json> {
  const { callsPerStep = 16, answer } = mind.options;
  const { kind } = input;
  const offered = offeredIn(mind, input);
  const calls = reply.calls.slice(0, callsPerStep).map((call) => toCall(call, offered));
  const more = reply.calls.length - calls.length;
  const note = more > 0 ? `\n[${more} more calls were not made: at most ${callsPerStep} in one step]` : "";
  const { finish, usage, model } = reply;
  const base = { text: reply.text + note, calls, finish, usage: { ...usage }, model };
  const isAnswer = calls.length === 0 && (kind === "act" || kind === "answer");
  return isAnswer && answer !== undefined ? { ...base, ...(await readAnswer(reply, answer)) } : base;
}

function toCall(call: ToolCall, offered: readonly AnyAction[]): JsonObject {
  const { id, tool, input: given } = call;
  const resolved = resolveCall(call, offered);
  if (resolved.tag === "problem") return { id, tool, input: given, problem: resolved.message };
  const { input } = resolved;
  return { id, tool, input, ...(input !== given && { given }) };
}

async function readAnswer(reply: ModelReply, schema: JsonSchema): Promise<JsonObject> {
  const read = await readOutput(reply, fromJsonSchema<Json>(schema));
  if (read.tag === "fits") return { value: read.value };
  return { problem: read.problems.map(({ path, got }) => (path === "" ? got : `${path}: ${got}`)).join("; ") };
}
