import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { Delta, ModelContext, ModelReply, ModelRequest } from "../port.ts";
import { scriptedModel } from "../scripted/scripted-model.ts";
import { recordedModel } from "./recorded-model.ts";

const ask = (text: string): ModelRequest => ({ messages: [{ role: "user", text }], maxOutputTokens: 50 });
const context = (more: Partial<ModelContext> = {}): ModelContext => ({ signal: new AbortController().signal, ...more });
let file = "";
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), "pawl-cassette-")), "cassette.jsonl");
});
const lines = (): number => readFileSync(file, "utf8").split("\n").length - 1;
const answer = (text: string): Promise<ModelReply> => recordedModel(file).generate(ask(text), context());

describe("a recorded model", () => {
  it("asks once, then answers the same, pieces included, without the model", async () => {
    const live = scriptedModel(({ messages }) => `You said ${JSON.stringify(messages)}`, {
      price: { input: 1, output: 1 },
    });
    const first: Delta[] = [];
    const again: Delta[] = [];
    const recording = recordedModel(file, { model: live });
    const reply = await recording.generate(ask("one"), context({ onDelta: (piece) => first.push(piece) }));
    await recording.generate(ask("two"), context());
    expect(await recording.generate(ask("one"), context())).toEqual(reply);
    expect(live.calls()).toHaveLength(2);
    expect(lines()).toBe(2);

    const replaying = recordedModel(file);
    const replayed = await replaying.generate(ask("one"), context({ onDelta: (piece) => again.push(piece) }));
    expect(replayed).toEqual(reply);
    expect(again).toEqual(first);
    expect(again.length).toBeGreaterThan(2);
  });

  it("records one answer when the same is asked twice at once", async () => {
    const live = scriptedModel([{ text: "slow", delayMs: 10 }]);
    const recording = recordedModel(file, { model: live });
    const [one, other] = await Promise.all([
      recording.generate(ask("a"), context()),
      recording.generate(ask("a"), context()),
    ]);
    expect(one).toEqual(other);
    expect(lines()).toBe(1);
  });

  it("shows what a request that is not recorded differs in from the nearest", async () => {
    await expect(answer("one")).rejects.toMatchObject({
      code: "MODEL_CASSETTE_DRIFTED",
      message: expect.stringContaining("empty"),
    });
    const recording = recordedModel(file, { model: scriptedModel(() => "ok") });
    await recording.generate(ask("Charge order 41 for Ada and send her the receipt"), context());
    await recording.generate({ ...ask("Something else"), temperature: 1, seed: 3 }, context());
    await expect(answer("Charge order 41 for Ada and send her the bill")).rejects.toMatchObject({
      code: "MODEL_CASSETTE_DRIFTED",
      failure: "permanent",
      message: expect.stringMatching(/messages\[0\]\.text: recorded ….*the receipt", asked ….*the bill"/u),
    });
  });

  it("records no failure", async () => {
    const live = scriptedModel([{ text: "then", fault: { type: "fail", as: "unavailable" }, times: 1 }]);
    const recording = recordedModel(file, { model: live });
    await expect(recording.generate(ask("a"), context())).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
    expect(await recording.generate(ask("a"), context())).toMatchObject({ text: "then" });
    expect(lines()).toBe(1);
  });

  it("never writes a secret, and finds the answer with another one", async () => {
    const live = scriptedModel(({ messages }) => ({
      text: `echo ${JSON.stringify(messages)}`,
      calls: [{ tool: "t", input: { key: "hunter2-hunter2" } }],
    }));
    const secrets = { TOKEN: "hunter2-hunter2" };
    const reply = await recordedModel(file, { model: live, secrets }).generate(ask("use hunter2-hunter2"), context());
    expect(readFileSync(file, "utf8")).not.toContain("hunter2");
    const other = recordedModel(file, { secrets: { TOKEN: "another-secret" } });
    expect(await other.generate(ask("use another-secret"), context())).toEqual(reply);
  });

  it("forgets a line that was torn, and refuses one that is no answer", async () => {
    const recording = recordedModel(file, { model: scriptedModel(() => "ok") });
    await recording.generate(ask("one"), context());
    appendFileSync(file, '{"hash":"torn');
    expect(await answer("one")).toMatchObject({ text: "ok" });
    await recordedModel(file, { model: scriptedModel(() => "ok") }).generate(ask("two"), context());
    expect(lines()).toBe(2);
    expect(await answer("two")).toMatchObject({ text: "ok" });
    writeFileSync(file, "{}\n");
    await expect(answer("one")).rejects.toMatchObject({
      code: "MODEL_CASSETTE_INVALID",
      message: expect.stringContaining(`${file}:1`),
    });
  });
});
