import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Model, ModelReply, ModelRequest } from "../port.ts";
import type { FailureName } from "../scripted/fault.ts";
import { scriptedModel, type ScriptedModel } from "../scripted/scripted-model.ts";
import { createRateLimiter, type Leave } from "./rate-limiter.ts";
import { withFallback } from "./with-fallback.ts";
import { withRateLimit } from "./with-rate-limit.ts";

const HELLO: ModelRequest = { messages: [{ role: "user", text: "Hello" }] };
const ask = (model: Model, signal: AbortSignal = new AbortController().signal): Promise<ModelReply> =>
  model.generate(HELLO, { signal });
const failing = (as: FailureName, retryAfterMs?: number): ScriptedModel =>
  scriptedModel([{ fault: { type: "fail", as, ...(retryAfterMs !== undefined && { retryAfterMs }) } }], {
    name: `x:${as}`,
  });

describe("a chain of models", () => {
  it("asks the next where one fails, and says who answered", async () => {
    const last = scriptedModel(["hi"], { name: "x:last" });
    const chain = withFallback([failing("rate-limited"), failing("context-exceeded"), last]);
    expect(chain.name).toBe("x:rate-limited,x:context-exceeded,x:last");
    expect(await ask(chain)).toMatchObject({ text: "hi", model: "x:last" });
  });

  it.each(["input", "cancelled", "defect"] as const)("does not pass on what is %s", async (name) => {
    const last = scriptedModel(["hi"]);
    await expect(ask(withFallback([failing(name), last]))).rejects.toMatchObject({ failure: name });
    expect(last.calls()).toEqual([]);
  });

  it("may be tried later where one of them may, and as soon as the first can", async () => {
    const chain = withFallback([failing("rate-limited", 9_000), failing("refused"), failing("unavailable", 4_000)]);
    await expect(ask(chain)).rejects.toMatchObject({
      code: "MODEL_ALL_FAILED",
      failure: "transient",
      retryAfterMs: 4_000,
    });
    const never = withFallback([failing("refused"), failing("key-refused")]);
    await expect(ask(never)).rejects.toMatchObject({ code: "MODEL_ALL_FAILED", failure: "permanent" });
    await expect(ask(withFallback([failing("refused")]))).rejects.toMatchObject({ code: "MODEL_REFUSED" });
    expect(() => withFallback([])).toThrow("at least one");
  });

  it("is as dear as the dearest and as small as the smallest", () => {
    const one = scriptedModel([], { price: { input: 1, output: 9 }, contextTokens: 10 });
    const other = scriptedModel([], { price: { input: 2, cachedInput: 0.5, output: 3 }, contextTokens: 5 });
    expect(withFallback([one, other])).toMatchObject({
      price: { input: 2, cachedInput: 1, output: 9 },
      contextTokens: 5,
    });
    expect(withFallback([one, scriptedModel([])]).price).toBe(undefined);
  });
});

describe("a rate limiter", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const never = new AbortController().signal;
  const enterMany = (
    limiter: ReturnType<typeof createRateLimiter>,
    tokens: readonly number[],
  ): { at: number; leave: Leave | undefined }[] => {
    const entered: { at: number; leave: Leave | undefined }[] = [];
    const from = performance.now();
    for (const count of tokens)
      void limiter.enter(count, never).then((leave) => entered.push({ at: performance.now() - from, leave }));
    return entered;
  };

  it("lets in no more than its limit in any minute, in order", async () => {
    const entered = enterMany(createRateLimiter({ requestsPerMinute: 2 }), [1, 1, 1, 1, 1]);
    await vi.advanceTimersByTimeAsync(200_000);
    expect(entered.map(({ at }) => Math.floor(at / 60_000))).toEqual([0, 0, 1, 1, 2]);
  });

  it("counts tokens as they were used, and lets a giant go alone", async () => {
    const limiter = createRateLimiter({ tokensPerMinute: 100 });
    const entered = enterMany(limiter, [60, 60, 500, 10]);
    await vi.advanceTimersByTimeAsync(0);
    expect(entered).toHaveLength(1);
    entered[0]?.leave?.(30);
    await vi.advanceTimersByTimeAsync(240_000);
    expect(entered.map(({ at }) => Math.floor(at / 60_000))).toEqual([0, 1, 2, 3]);

    const fewer = createRateLimiter({ tokensPerMinute: 100 });
    const first = await fewer.enter(60, never);
    first?.(30);
    expect(await fewer.enter(60, never)).toBeTypeOf("function");
  });

  it("lets in so many at once", async () => {
    const entered = enterMany(createRateLimiter({ concurrent: 2 }), [1, 1, 1]);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(entered).toHaveLength(2);
    entered[1]?.leave?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(entered).toHaveLength(3);
  });

  it("lets whoever is told to stop go at once, wherever in the queue, and keeps no place for them", async () => {
    const limiter = createRateLimiter({ concurrent: 1 });
    const leave = await limiter.enter(1, never);
    const [first, second] = [new AbortController(), new AbortController()];
    const waits = [limiter.enter(1, first.signal), limiter.enter(1, second.signal)];
    second.abort();
    expect(await waits[1]).toBe(undefined);
    first.abort();
    leave?.();
    expect(await waits[0]).toBe(undefined);
    expect(await limiter.enter(1, never)).toBeTypeOf("function");
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 8])("loses no place when a stop comes %i ticks after a turn", async (ticks) => {
    const limiter = createRateLimiter({ concurrent: 1 });
    const leave = await limiter.enter(1, never);
    const controller = new AbortController();
    const wait = limiter.enter(1, controller.signal);
    await vi.advanceTimersByTimeAsync(0);
    leave?.();
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    controller.abort();
    (await wait)?.();
    const entered = enterMany(limiter, [1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(entered).toHaveLength(1);
  });

  it("makes everyone wait as long as the server wants", async () => {
    const limiter = createRateLimiter({ requestsPerMinute: 100 });
    await expect(ask(withRateLimit(failing("rate-limited", 5_000), limiter))).rejects.toMatchObject({
      code: "MODEL_RATE_LIMITED",
    });
    const other = scriptedModel(["hi"]);
    const attempt = ask(withRateLimit(other, limiter));
    await vi.advanceTimersByTimeAsync(4_900);
    expect(other.calls()).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(await attempt).toMatchObject({ text: "hi" });
  });

  it("ends a wait of a model with the code of a stop", async () => {
    const limiter = createRateLimiter({ requestsPerMinute: 1 });
    const model = scriptedModel(["hi"]);
    const limited = withRateLimit(model, limiter);
    await ask(limited);
    const controller = new AbortController();
    const attempt = ask(limited, controller.signal);
    controller.abort();
    await expect(attempt).rejects.toMatchObject({ code: "MODEL_STOPPED", failure: "cancelled" });
    expect(model.calls()).toHaveLength(1);
  });

  it.each([0, -1, Number.NaN])("refuses a limit of %d", (limit) => {
    expect(() => createRateLimiter({ concurrent: limit })).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
  });
});
