import { dynamicTool, jsonSchema, tool } from "ai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  QUIET,
  toJsonSchema,
  validateValue,
  type AnyAction,
  type AttemptContext,
  type EffectDefinition,
} from "../../action/index.ts";
import type { Json } from "../../base/index.ts";
import type { AiTool } from "./ai-tool.ts";
import { fromAiTool, toolsFromAiSdk } from "./from-ai-tool.ts";

function effectOf({ definition }: AnyAction): EffectDefinition {
  if (definition.tag !== "effect") throw new Error("expected an effect");
  return definition;
}

function toContext(input: Json, more: Partial<AttemptContext<Json>> = {}): AttemptContext<Json> {
  const { signal } = new AbortController();
  return { ...QUIET, input, key: "key-1", token: 1, signal, run: "r", node: "n", attempt: 1, ...more };
}

const run = async (action: AnyAction, input: Json, more?: Partial<AttemptContext<Json>>): Promise<unknown> =>
  await effectOf(action).run(toContext(input, more));

const withCode = (code: string): unknown => expect.objectContaining({ code, failure: "input" });

const weather = tool({
  description: "Looks the weather up.",
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }, { toolCallId }) => ({ city, at: new Date(0), key: toolCallId, none: undefined }),
});

describe("fromAiTool", () => {
  it("takes a tool as it is, and gives what the AI SDK would send", async () => {
    const action = fromAiTool("weather", weather);
    expect(action).toMatchObject({ name: "weather", version: 1, description: "Looks the weather up." });
    expect(await run(action, { city: "Graz" })).toEqual({ city: "Graz", at: "1970-01-01T00:00:00.000Z", key: "key-1" });
    const { input } = effectOf(action);
    expect(input === undefined ? undefined : toJsonSchema(input, "input", "input")).toMatchObject({
      properties: { city: { type: "string" } },
      required: ["city"],
    });
  });

  it("is careful until told otherwise", () => {
    expect(effectOf(fromAiTool("a", weather))).toMatchObject({
      isQuery: false,
      repeat: "never",
      undo: "impossible",
      isApproved: false,
    });
    expect(effectOf(fromAiTool("a", weather, { isQuery: true }))).toMatchObject({ isQuery: true, repeat: "safe" });
    const told = fromAiTool("a", weather, {
      repeat: "keyed",
      undo: "not-needed",
      identity: () => "one",
      version: 3,
      labels: { gives: ["untrusted"] },
      limits: { timeoutMs: 5 },
      description: "Told.",
    });
    expect(told).toMatchObject({ version: 3, description: "Told." });
    expect(effectOf(told)).toMatchObject({
      repeat: "keyed",
      undo: "not-needed",
      gives: ["untrusted"],
      limits: { timeoutMs: 5 },
      identity: expect.any(Function),
    });
  });

  it.each<[string, AiTool["needsApproval"], boolean]>([
    ["nothing", undefined, false],
    ["false", false, false],
    ["true", true, true],
    ["a function, whose answer is not known before", () => false, true],
  ])("asks a person where needsApproval is %s", (_, needsApproval, isApproved) => {
    const made = fromAiTool("a", { ...weather, needsApproval });
    expect(effectOf(made).isApproved).toBe(isApproved);
  });

  it("takes jsonSchema(), with or without a check of its own", async () => {
    const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] } as const;
    const plain = fromAiTool("a", tool({ inputSchema: jsonSchema(schema), execute: () => 1 }));
    const { input } = effectOf(plain);
    if (input === undefined) throw new Error("expected a schema");
    expect(toJsonSchema(input, "input", "input")).toEqual(schema);
    expect(await validateValue(input, { n: 1 })).toEqual({ value: { n: 1 } });
    expect(await validateValue(input, { n: "1" })).toHaveProperty("issues");
    const validate = (value: unknown): { success: true; value: { n: number } } | { success: false; error: Error } =>
      value === "7" ? { success: true, value: { n: 7 } } : { success: false, error: new Error("not 7") };
    const own = fromAiTool(
      "a",
      tool({ inputSchema: jsonSchema<{ n: number }>(schema, { validate }), execute: ({ n }) => n }),
    );
    const check = effectOf(own).input;
    if (check === undefined) throw new Error("expected a schema");
    expect(await validateValue(check, "7")).toEqual({ value: { n: 7 } });
    expect(await validateValue(check, 8)).toEqual({ issues: [{ message: "not 7" }] });
  });

  it("sends each value of an async iterable to whoever watches, and gives the last", async () => {
    const counting = tool({
      inputSchema: z.object({ to: z.number() }),
      async *execute({ to }) {
        for (let n = 1; n <= to; n++) yield { n };
      },
    });
    const seen: Json[] = [];
    let signs = 0;
    const watch = { emit: (piece: Json) => void seen.push(piece), alive: () => void signs++ };
    expect(await run(fromAiTool("count", counting), { to: 3 }, watch)).toEqual({ n: 3 });
    expect(seen).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(signs).toBe(3);
  });

  it("hands over the signal and its context, and takes a dynamic tool", async () => {
    const seen: unknown[] = [];
    const dynamic = dynamicTool({
      description: "",
      inputSchema: z.object({}),
      execute: async (input, options) => {
        seen.push(input, options.abortSignal?.aborted, options.context, options.messages);
        await Promise.resolve();
      },
    });
    const abort = new AbortController();
    abort.abort();
    const action = fromAiTool("d", dynamic, { context: { tenant: "t" } });
    expect(action.description).toBe(undefined);
    expect(await run(action, {}, { signal: abort.signal })).toBe(null);
    expect(seen).toEqual([{}, true, { tenant: "t" }, []]);
  });

  it("refuses what it can't run or check", () => {
    const noExecute = tool({ inputSchema: z.object({}), outputSchema: z.string() });
    expect(() => fromAiTool("a", noExecute)).toThrow(withCode("AI_TOOL_INVALID"));
    expect(() => fromAiTool("a", { inputSchema: 7, execute: () => 1 })).toThrow(withCode("AI_TOOL_INVALID"));
    const later = jsonSchema(Promise.resolve({ type: "object" } as const));
    expect(() => fromAiTool("a", { inputSchema: later, execute: () => 1 })).toThrow(/must be awaited/);
    const slow = jsonSchema({ type: "string", pattern: "(a+)+$" });
    expect(() => fromAiTool("a", { inputSchema: slow, execute: () => 1 })).toThrow(withCode("SCHEMA_PATTERN"));
  });

  it("takes a whole set", () => {
    const actions = toolsFromAiSdk({ weather, other: weather }, { other: { isQuery: true } });
    expect(actions.map((action) => [action.name, effectOf(action).isQuery])).toEqual([
      ["weather", false],
      ["other", true],
    ]);
  });
});
