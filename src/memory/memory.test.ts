import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../base/index.ts";
import type { Embedder } from "../models/index.ts";
import { openMemory, type Memory, type MemoryOptions } from "./index.ts";

let dir = "";
const open: Memory[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-memory-"));
});
afterEach(() => {
  for (const memory of open.splice(0)) memory.close();
  rmSync(dir, { recursive: true, force: true });
});
function memoryOf(options: Partial<MemoryOptions> = {}): Memory {
  const memory = openMemory({ file: join(dir, "memory.db"), ...options });
  open.push(memory);
  return memory;
}

/** Vectors of words: texts that share words are close. */
const embedder: Embedder = {
  name: "words",
  dimensions: 64,
  embed: (texts) =>
    Promise.resolve(
      texts.map((text) => {
        const vector = new Float32Array(64);
        for (const word of text.toLowerCase().split(/\W+/u))
          vector[Number.parseInt(sha256(word).slice(0, 4), 16) % 64] = 1;
        const length = Math.hypot(...vector);
        return vector.map((value) => value / length);
      }),
    ),
};

describe.each([
  ["full text", {}],
  ["vectors", { embedder }],
])("a memory with %s", (_name, more) => {
  it("recalls what fits best, with its labels, after it is opened again", async () => {
    const memory = memoryOf(more);
    await memory.remember({
      id: "1",
      kind: "note",
      text: "The grinder is out of stock.",
      run: "a",
      labels: ["untrusted"],
    });
    await memory.remember({ id: "2", kind: "note", text: "Ada likes green tea.", run: "a" });
    await memory.remember({ id: "2", kind: "note", text: "A retry changes nothing.", run: "a" });
    const again = memoryOf(more);
    expect(again.all()).toHaveLength(2);
    const [best] = await again.recall({ text: "grinder stock" });
    expect(best).toMatchObject({ id: "1", labels: ["untrusted"], run: "a" });
    expect((await again.recall({ text: "grinder stock", labels: [] })).map(({ id }) => id)).not.toContain("1");
  });

  it("takes one observation for no lesson, and a second run's for one", async () => {
    const memory = memoryOf(more);
    await memory.learn({ kind: "trip", text: "Book the train before the hotel.", run: "a" });
    await memory.learn({ kind: "trip", text: "Book the train before the hotel!", run: "a" });
    expect(await memory.recall({ text: "train hotel", type: "lesson" })).toEqual([]);
    await memory.learn({
      kind: "trip",
      text: "Always book the train before the hotel",
      run: "b",
      labels: ["untrusted"],
    });
    const [lesson] = await memory.recall({ text: "train hotel", type: "lesson" });
    expect(lesson).toMatchObject({ weight: 2, labels: ["untrusted"] });
    expect(await memory.recall({ text: "train hotel", type: "lesson", kind: "cake" })).toEqual([]);
    memory.contradict(lesson?.id ?? "", "c");
    expect(await memory.recall({ text: "train hotel", type: "lesson" })).toEqual([]);
    memory.unlearn({ run: "b" });
    memory.unlearn({ run: "a" });
    expect(memory.all().filter(({ weight }) => weight > 0)).toEqual([]);
  });
});

describe("a memory", () => {
  it("lets nobody see or forget what another tenant wrote", async () => {
    const step = fc.record({
      tenant: fc.constantFrom("a", "b"),
      what: fc.constantFrom("remember", "learn", "forget", "forget-run"),
      at: fc.nat({ max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const file = join(dir, `${Math.random()}.db`);
        const memories = { a: openMemory({ file, tenant: "a" }), b: openMemory({ file, tenant: "b" }) };
        for (const { tenant, what, at } of steps) {
          const other = memories[tenant === "a" ? "b" : "a"];
          const before = JSON.stringify(other.all());
          const memory = memories[tenant === "a" ? "a" : "b"];
          if (what === "remember")
            await memory.remember({ id: `${at}`, kind: "k", text: `secret of ${tenant}`, run: "r" });
          if (what === "learn") await memory.learn({ kind: "k", text: `lesson ${at} of ${tenant}`, run: `r${at}` });
          if (what === "forget") memory.forget({ id: `${at}` });
          if (what === "forget-run") memory.forget({ run: "r" });
          expect(JSON.stringify(other.all())).toBe(before);
          expect(
            (await memory.recall({ text: "secret lesson", most: 50 })).every(({ text }) => text.endsWith(tenant)),
          ).toBe(true);
        }
        memories.a.close();
        memories.b.close();
      }),
      { numRuns: 30 },
    );
  });

  it("lets go of what is too old, expired or too much, and what is forgotten is gone from its file", async () => {
    let time = 1_000_000;
    const memory = memoryOf({ now: () => time, maxAgeMs: 1_000, maxEntries: 3 });
    await memory.remember({ id: "old", kind: "k", text: "an old thing", run: "r" });
    time += 2_000;
    await memory.remember({ id: "short", kind: "k", text: "a short thing", run: "r", expiresMs: 10 });
    expect(memory.all().map(({ id }) => id)).toEqual(["short"]);
    time += 20;
    expect(memory.all()).toEqual([]);
    for (const id of ["1", "2", "3", "4"])
      await memory.remember({ id, kind: "k", text: `MARKED-${id}-WORD`, run: "r" });
    expect(memory.all().map(({ id }) => id)).toEqual(["2", "3", "4"]);
    expect(memory.forget({ id: "3" })).toBe(1);
    expect(memory.forget("everything")).toBe(2);
    const bytes = readFileSync(join(dir, "memory.db"), "latin1");
    expect(bytes).not.toContain("MARKED-3-WORD");
  });

  it("refuses what is no text", async () => {
    await expect(memoryOf().remember({ id: "1", kind: "k", text: " ", run: "r" })).rejects.toMatchObject({
      code: "MEMORY_TEXT",
    });
  });
});
