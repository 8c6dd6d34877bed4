import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Delta, Model, ModelRequest } from "../port.ts";
import { resolveModel } from "../resolve/resolve-model.ts";
import type { FailureName } from "./fault.ts";
import { scriptedModel } from "./scripted-model.ts";

const USER = { role: "user", text: "Hello" } as const;
const HELLO: ModelRequest = { messages: [USER] };
const SECOND: ModelRequest = { messages: [USER, { role: "assistant", text: "one" }, USER] };
const context = (): { readonly signal: AbortSignal } => ({ signal: new AbortController().signal });

describe("a scripted model", () => {
  it("answers by the turn in the request, not by what it was asked before", async () => {
    const model = scriptedModel(["one", { text: "two", calls: [{ tool: "t" }] }]);
    expect(await model.generate(SECOND, context())).toMatchObject({
      text: "two",
      calls: [{ input: {} }],
      finish: "tool-calls",
    });
    expect(await model.generate(HELLO, context())).toMatchObject({ text: "one", finish: "stop" });
    expect(await model.generate(HELLO, context())).toEqual(await scriptedModel(["one"]).generate(HELLO, context()));
    expect(model.calls()).toEqual([SECOND, HELLO, HELLO]);
  });

  it("answers by a function, and says so when it has no answer", async () => {
    const model = scriptedModel(({ messages }) => (messages.length === 1 ? "hi" : undefined), { name: "scripted:x" });
    expect(await model.generate(HELLO, context())).toMatchObject({ text: "hi", model: "scripted:x" });
    await expect(model.generate(SECOND, context())).rejects.toMatchObject({
      code: "MODEL_SCRIPT_ENDED",
      failure: "permanent",
    });
  });

  it.each<[FailureName, string]>([
    ["rate-limited", "transient MODEL_RATE_LIMITED"],
    ["unavailable", "transient MODEL_UNAVAILABLE"],
    ["unreachable", "transient MODEL_UNREACHABLE"],
    ["timed-out", "transient MODEL_TIMED_OUT"],
    ["reply-invalid", "transient MODEL_REPLY_INVALID"],
    ["reply-too-large", "permanent MODEL_REPLY_TOO_LARGE"],
    ["refused", "permanent MODEL_REFUSED"],
    ["key-refused", "permanent MODEL_KEY_REFUSED"],
    ["quota-spent", "permanent MODEL_QUOTA_SPENT"],
    ["unknown-model", "permanent MODEL_UNKNOWN"],
    ["context-exceeded", "permanent MODEL_CONTEXT_EXCEEDED"],
    ["input", "input SIMULATED"],
    ["cancelled", "cancelled SIMULATED"],
    ["defect", "defect SIMULATED"],
  ])("fails as %s, so often as it is told", async (name, expected) => {
    const model = scriptedModel([{ text: "then", fault: { type: "fail", as: name, retryAfterMs: 5 }, times: 2 }]);
    const [failure, code] = expected.split(" ");
    for (let at = 0; at < 2; at++)
      await expect(model.generate(HELLO, context())).rejects.toMatchObject({ failure, code });
    expect(await model.generate(HELLO, context())).toMatchObject({ text: "then" });
  });

  it("may be cut after some pieces, or throw what it likes", async () => {
    const pieces: Delta[] = [];
    const model = scriptedModel([{ text: "one two three", fault: { type: "cut", afterPieces: 2 } }]);
    const attempt = model.generate(HELLO, { ...context(), onDelta: (piece) => pieces.push(piece) });
    await expect(attempt).rejects.toMatchObject({ code: "MODEL_REPLY_CUT" });
    expect(pieces).toHaveLength(2);
    const odd = scriptedModel([{ fault: { type: "throw", error: "text" } }]);
    await expect(odd.generate(HELLO, context())).rejects.toBe("text");
  });

  it.each<[string, Model]>([
    ["hangs", scriptedModel([{ fault: { type: "hang" } }])],
    ["waits", scriptedModel([{ text: "late", delayMs: 60_000 }])],
    ["waits between words", scriptedModel([{ text: "one two", pieceMs: 60_000 }])],
  ])("stops at once when it %s", async (_, model) => {
    const controller = new AbortController();
    const attempt = model.generate(HELLO, { signal: controller.signal });
    setTimeout(() => controller.abort(), 10);
    await expect(attempt).rejects.toMatchObject({ code: "MODEL_STOPPED", failure: "cancelled" });
  });

  it("may be read from a file", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "pawl-script-")), "script.json");
    writeFileSync(file, JSON.stringify(["one", { calls: [{ tool: "t", input: { a: 1 } }] }]));
    const model = resolveModel(`scripted:${file}`, { env: {} });
    expect(await model.generate(SECOND, context())).toMatchObject({ calls: [{ tool: "t", input: { a: 1 } }] });
    for (const bad of ["{", "{}", "[1]", '[{"txt":"a"}]']) {
      writeFileSync(file, bad);
      expect(() => resolveModel(`scripted:${file}`, { env: {} })).toThrow(
        expect.objectContaining({ code: "MODEL_SCRIPT_INVALID" }),
      );
    }
    expect(() => resolveModel("scripted:/nowhere/x.json", { env: {} })).toThrow("ENOENT");
  });
});
