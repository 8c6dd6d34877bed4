import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json } from "../../base/index.ts";
import type { ModelReply, ModelRequest } from "../port.ts";
import { scriptedModel, type ScriptedReply } from "../scripted/scripted-model.ts";
import { findJson } from "./find-json.ts";
import { readOutput } from "./read-output.ts";
import { withRepair } from "./with-repair.ts";

const first = (text: string): Json | undefined => findJson(text).next().value?.value;

describe("JSON in a text", () => {
  it.each<[string, string, Json]>([
    ["the whole text", ' {"a":1}\n', { a: 1 }],
    ["a plain value", "42", 42],
    ["a code fence", 'Here:\n```json\n{"a":[1]}\n```\nDone {"b":2}', { a: [1] }],
    ["a fence without a name", '```\n{"a":1}```', { a: 1 }],
    ["words around it", 'Sure! {"a":"}{\\"","b":{}} That is {it}.', { a: '}{"', b: {} }],
    ["a brace before it", 'Use {braces} as in {"a":1}', { a: 1 }],
    ["cut in white space", '{"a":1,"b":[{"c":"d"}  \n\n   ', { a: 1, b: [{ c: "d" }] }],
    ["cut after a text", '{"a":{"b":"c"', { a: { b: "c" } }],
    ["cut after a word", '[{"a":true', [{ a: true }]],
    ["cut after a number and a space", '{"a":12 ', { a: 12 }],
  ])("is found: %s", (_, text, value) => {
    expect(first(text)).toEqual(value);
  });

  it.each<[string, string]>([
    ["a number that may go on", '{"a":12'],
    ["a text that may go on", '{"a":"b'],
    ["a comma, after which more would come", '{"a":1,'],
    ["a key without a value", '{"a":'],
    ["half a word", '{"a":tru'],
    ["brackets that don't match", '{"a":[1}'],
    ["a key twice", '{"a":1,"a":2}'],
    ["nothing", ""],
    ["words", "I can't do that."],
  ])("is not made up: %s", (_, text) => {
    expect(first(text)).toBe(undefined);
  });

  it("is looked for in bounded time", () => {
    expect([...findJson("[".repeat(100_000))]).toEqual([]);
    expect([...findJson('{"a'.repeat(50_000))]).toEqual([]);
  });
});

const Order = z.object({ id: z.string(), lines: z.array(z.object({ cents: z.int() })) });
const reply = (text: string, finish: ModelReply["finish"] = "stop"): Pick<ModelReply, "text" | "finish"> => ({
  text,
  finish,
});

describe("the output of a reply", () => {
  it("is the first JSON that fits", async () => {
    const text = 'As in {"id":1} I give {"id":"a","lines":[{"cents":5}]}';
    expect(await readOutput(reply(text), Order)).toEqual({ tag: "fits", value: { id: "a", lines: [{ cents: 5 }] } });
  });

  it("has problems with paths where none fits", async () => {
    const output = await readOutput(reply('{"id":"a","lines":[{"cents":5},{"cents":"6"}]}'), Order);
    expect(output).toMatchObject({ tag: "unfit", problems: [{ code: "MODEL_OUTPUT_UNFIT", path: "lines[1].cents" }] });
    expect(await readOutput(reply("no"), Order)).toMatchObject({ tag: "unfit", problems: [{ path: "", got: '"no"' }] });
    expect(await readOutput(reply('{"id":"a', "length"), Order)).toMatchObject({
      problems: [{ fix: expect.stringContaining("maxOutputTokens") }],
    });
  });
});

describe("a model with repair", () => {
  const REQUEST: ModelRequest = { messages: [{ role: "user", text: "Order" }], output: { type: "object" } };
  const GOOD = '{"id":"a","lines":[]}';
  const ask = (script: readonly ScriptedReply[], request = REQUEST): Promise<ModelReply> => {
    const model = scriptedModel(script, { price: { input: 1, output: 1 } });
    return withRepair(model, () => Order).generate(request, { signal: new AbortController().signal });
  };

  it("leaves what fits, and takes it out of the words around it", async () => {
    expect(await ask([`Sure:\n\`\`\`json\n${GOOD}\n\`\`\``])).toMatchObject({ text: GOOD });
  });

  it("asks once more, with the problems, and counts both", async () => {
    const model = scriptedModel(['{"id":1}', GOOD], { price: { input: 1, output: 1 } });
    const result = await withRepair(model, () => Order).generate(REQUEST, { signal: new AbortController().signal });
    const [, second] = model.calls();
    expect(second?.messages.at(-1)).toMatchObject({ role: "user", text: expect.stringContaining("- id: ") });
    expect(second?.messages.at(-2)).toEqual({ role: "assistant", text: '{"id":1}' });
    expect(result.text).toBe(GOOD);
    expect(result.microUsd).toBe(result.usage.input + result.usage.output);
    expect(result.usage.input).toBeGreaterThan(20);
  });

  it("gives up after the second", async () => {
    await expect(ask(["no", '{"id":1}', GOOD])).rejects.toMatchObject({
      code: "MODEL_OUTPUT_UNFIT",
      failure: "permanent",
      message: expect.stringContaining("id: "),
    });
  });

  it("leaves calls and free text alone", async () => {
    expect(await ask([{ text: "so", calls: [{ tool: "t" }] }])).toMatchObject({ text: "so" });
    expect(await ask(["free"], { messages: REQUEST.messages })).toMatchObject({ text: "free" });
  });
});
