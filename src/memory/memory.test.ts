import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
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
const idsOf = (entries: readonly { readonly id: string }[]): string[] => entries.map(({ id }) => id);

/** Vectors of words: texts that share words are close. */
function wordEmbedder(name: string): Embedder {
  const toVector = (text: string): Float32Array => {
    const vector = new Float32Array(64);
    for (const word of text.toLowerCase().match(/\w+/gu) ?? [])
      vector[Number.parseInt(sha256(name + word).slice(0, 4), 16) % 64] = 1;
    const length = Math.hypot(...vector) || 1;
    return vector.map((value) => value / length);
  };
  return { name, dimensions: 64, embed: (texts) => Promise.resolve(texts.map(toVector)) };
}
const embedder = wordEmbedder("words");

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
      node: "n",
      labels: ["untrusted"],
    });
    await memory.remember({ id: "2", kind: "note", text: "Ada likes green tea.", run: "a" });
    await memory.remember({ id: "2", kind: "note", text: "A retry changes nothing.", run: "a" });
    const again = memoryOf(more);
    expect(again.all()).toHaveLength(2);
    const [best] = await again.recall({ text: "grinder stock" });
    expect(best).toMatchObject({ id: "1", labels: ["untrusted"], run: "a", node: "n" });
    expect(idsOf(await again.recall({ text: "grinder stock", labels: [] }))).not.toContain("1");
    await again.remember({ id: "3", kind: "note", text: "Green tea, green cups.", run: "a" });
    expect(idsOf(await again.recall({ text: "green tea cups", most: 2 }))).toEqual(["3", "2"]);
  });

  it("takes one observation for no lesson, and a second run's for one", async () => {
    const memory = memoryOf(more);
    const trip = { kind: "trip", text: "Book the train before the hotel." };
    const look = (kind?: string): ReturnType<Memory["recall"]> =>
      memory.recall({ text: "train hotel", type: "lesson", ...(kind !== undefined && { kind }) });
    await memory.learn({ ...trip, run: "a" });
    await memory.learn({ ...trip, text: "book the train before the hotel!", run: "a" });
    await memory.learn({ ...trip, run: "a/member.0.1", key: "within" });
    await memory.learn({ ...trip, text: "Never book the train before the hotel.", run: "z" });
    expect(await look()).toEqual([]);
    await memory.learn({ ...trip, text: "Always book the train before the hotel", run: "b", labels: ["untrusted"] });
    const [lesson, ...others] = await look();
    expect(lesson).toMatchObject({ text: trip.text, weight: 2, labels: ["untrusted"] });
    expect(others).toEqual([]);
    expect(await look("cake")).toEqual([]);
    expect(memory.contradict(lesson?.id ?? "", "c")).toBe(true);
    expect(memory.contradict("nothing", "c")).toBe(false);
    expect(await look()).toEqual([]);
    memory.unlearn({ run: "c" });
    expect(idsOf(await look())).toEqual([lesson?.id]);
    for (const run of ["a", "b", "z"]) memory.unlearn({ run });
    expect(memory.all()).toEqual([]);
  });

  it("holds what a memory that is opened anew would read, whatever was done to it by two of them", async () => {
    const words = fc.constantFrom("train hotel", "hotel", "train tea", "green tea", "order number");
    const step = fc.record({
      who: fc.nat({ max: 1 }),
      what: fc.constantFrom("remember", "learn", "record", "forget", "unlearn"),
      at: fc.nat({ max: 3 }),
      text: words,
    });
    const check = fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.integer(), async (steps, seed) => {
      const options = { ...more, file: join(dir, `${seed}-${Math.random()}.db`), maxEntries: 5, observations: 1 };
      const both = [openMemory(options), openMemory(options)];
      for (const { who, what, at, text } of steps) {
        const memory = both[who] ?? openMemory(options);
        if (what === "remember") await memory.remember({ id: `${at}`, kind: "k", text, run: "r" });
        if (what === "learn") await memory.learn({ kind: "k", text, run: `r${at}` });
        if (what === "record") await memory.record({ kind: "k", run: `r${at}`, goal: text, outcome: "done" });
        if (what === "forget") memory.forget({ id: `${at}` });
        if (what === "unlearn") memory.unlearn({ run: `r${at}` });
        // Searched each time, so that the index is there and has to follow.
        await both[1 - who]?.recall({ text: "tea" });
      }
      const fresh = openMemory(options);
      for (const memory of both) {
        expect(memory.all()).toEqual(fresh.all());
        expect(await memory.recall({ text: "train tea", most: 9 })).toEqual(
          await fresh.recall({ text: "train tea", most: 9 }),
        );
      }
      for (const memory of [...both, fresh]) memory.close();
    });
    await fc.assert(check, { numRuns: 15 });
  });
});

describe("lessons", () => {
  it("count exactly when as many outermost runs as were asked for saw more of them than of the contrary", async () => {
    const step = fc.record({
      what: fc.constantFrom(
        "learn" as const,
        "learn" as const,
        "contradict" as const,
        "undo" as const,
        "forget" as const,
      ),
      run: fc.constantFrom("a", "b", "c", "a/m.0.1", "b/m.0.2"),
      key: fc.constantFrom("k1", "k2"),
    });
    type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
    const rootOf = (run: string): string => run.split("/")[0] ?? run;
    const check = fc.asyncProperty(fc.array(step, { maxLength: 14 }), fc.nat({ max: 2 }), async (steps, extra) => {
      const memory = openMemory({ file: ":memory:", observations: 1 + extra });
      let seen: readonly { readonly run: string; readonly key: string; readonly weight: number }[] = [];
      const acts: Record<Step["what"], (given: Step) => unknown> = {
        learn: async ({ run, key }) => {
          await memory.learn({ kind: "k", text: "Ask first.", run, key });
          seen = [...seen, { run, key, weight: 1 }];
        },
        contradict: ({ run }) => {
          const [lesson] = memory.all();
          if (memory.contradict(lesson?.id ?? "", run)) seen = [...seen, { run, key: "", weight: -1 }];
        },
        undo: ({ key }) => {
          memory.unlearn({ key });
          seen = seen.filter((one) => one.key !== key);
        },
        forget: ({ run }) => {
          memory.unlearn({ run });
          seen = seen.filter((one) => one.run !== run && rootOf(one.run) !== run);
        },
      };
      for (const one of steps) {
        await acts[one.what](one);
        if (!seen.some(({ weight }) => weight > 0)) seen = [];
        const witnesses = (weight: number): number =>
          new Set(seen.filter((item) => item.weight === weight).map(({ run }) => rootOf(run))).size;
        const counts = witnesses(1) - witnesses(-1) > extra;
        expect(await memory.recall({ text: "ask", type: "lesson" })).toHaveLength(counts ? 1 : 0);
        expect(memory.all()).toHaveLength(seen.length > 0 ? 1 : 0);
      }
      memory.close();
    });
    await fc.assert(check);
  });

  it("fill up what is asked for with the weightiest, newest first", async () => {
    let time = 0;
    const memory = memoryOf({ observations: 1, now: () => (time += 1) });
    for (const text of ["Mind the gap.", "Ask first.", "Order early."])
      await memory.learn({ kind: "k", text, run: "a" });
    await memory.learn({ kind: "k", text: "Mind the gap.", run: "b" });
    const found = await memory.recall({ text: "early", kind: "k", type: "lesson", isFilled: true, most: 3 });
    expect(found.map(({ text }) => text)).toEqual(["Order early.", "Mind the gap.", "Ask first."]);
    expect(await memory.recall({ text: "early", kind: "k", type: "lesson" })).toHaveLength(1);
  });
});

describe("a memory", () => {
  it("lets nobody see or forget what another tenant wrote", async () => {
    const acts: readonly ((memory: Memory, tenant: string, other: Memory) => unknown)[] = [
      (memory, tenant) => memory.remember({ id: "1", kind: "k", text: `secret of ${tenant}`, run: "r" }),
      (memory, tenant) => memory.remember({ id: tenant, kind: "k", text: `secret of ${tenant}`, run: "s" }),
      (memory) => memory.learn({ kind: "k", text: "The same lesson", run: "r", key: "k" }),
      (memory) => memory.learn({ kind: "k", text: "The same lesson", run: "s", key: "k" }),
      (memory, tenant) => memory.record({ kind: "k", run: "r", goal: "secret", outcome: `of ${tenant}` }),
      (memory, _, other) => other.all().map(({ id }) => memory.contradict(id, "c")),
      (memory) => memory.unlearn({ key: "k" }),
      (memory) => memory.forget({ id: "1" }),
      (memory) => memory.forget({ run: "r" }),
      (memory) => memory.forget("everything"),
    ];
    const step = fc.record({ isFirst: fc.boolean(), act: fc.constantFrom(...acts) });
    const check = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const file = join(dir, `${Math.random()}.db`);
      const [a, b] = [openMemory({ file, tenant: "a" }), openMemory({ file, tenant: "b" })];
      for (const memory of [a, b]) {
        await memory.remember({ id: "1", kind: "k", text: `secret of ${memory === a ? "a" : "b"}`, run: "r" });
        await memory.learn({ kind: "k", text: "The same lesson", run: "r", key: "k" });
      }
      for (const { isFirst, act } of steps) {
        const [memory, tenant, other] = isFirst ? [a, "a", b] : [b, "b", a];
        const before = JSON.stringify(other.all());
        await act(memory, tenant, other);
        expect(JSON.stringify(other.all())).toBe(before);
        const found = await memory.recall({ text: "secret lesson", most: 50 });
        expect(found.every(({ type, text }) => type === "lesson" || text.endsWith(tenant))).toBe(true);
      }
      a.close();
      b.close();
    });
    await fc.assert(check, { numRuns: 30 });
  });

  it("lets go of what is too old, expired or too much", async () => {
    let time = 1_000_000;
    const memory = memoryOf({ now: () => time, maxAgeMs: 1_000, maxEntries: 3 });
    await memory.remember({ id: "old", kind: "k", text: "an old thing", run: "r" });
    await memory.learn({ kind: "k", text: "Ask first.", run: "a" });
    time += 900;
    await memory.learn({ kind: "k", text: "Ask first.", run: "b" });
    time += 900;
    expect(memory.all().map(({ text }) => text)).toEqual(["Ask first."]);
    await memory.remember({ id: "short", kind: "k", text: "a short thing", run: "r", expiresMs: 10 });
    time += 200;
    expect(memory.all()).toEqual([]);
    await memory.remember({ id: "old", kind: "k", text: "new again", run: "r" });
    for (const id of ["2", "3", "4"]) {
      time += 1;
      await memory.remember({ id, kind: "k", text: id, run: "r" });
    }
    expect(idsOf(memory.all())).toEqual(["2", "3", "4"]);
    const raw = new DatabaseSync(join(dir, "memory.db"));
    expect(
      raw.prepare("SELECT (SELECT count(*) FROM entries) + (SELECT count(*) FROM observations) AS n").get(),
    ).toEqual({ n: 3 });
    raw.close();
  });

  it("leaves no trace in any file of what is forgotten by id, kind, run or altogether", async () => {
    const memory = memoryOf({ embedder });
    const filler = "x".repeat(300);
    for (let at = 0; at < 60; at += 1) {
      await memory.remember({
        id: `${at}`,
        kind: at < 30 ? "k" : "l",
        text: `MARK-${at}. ${filler}`,
        run: `r${at % 3}`,
      });
    }
    await memory.learn({ kind: "m", text: "MARK-learnt by a child", run: "r1/m.0.1" });
    await memory.learn({ kind: "m", text: "MARK-undone", run: "r2", key: "u" });
    const holds = (mark: string): boolean =>
      ["memory.db", "memory.db-wal"].some(
        (name) => existsSync(join(dir, name)) && readFileSync(join(dir, name), "latin1").includes(mark),
      );
    expect([holds("MARK-7."), holds("MARK-undone")]).toEqual([true, true]);
    memory.unlearn({ key: "u" });
    expect(holds("MARK-undone")).toBe(false);
    expect(memory.forget({ id: "7" })).toBe(1);
    expect(memory.forget({ kind: "l" })).toBe(30);
    expect(memory.forget({ run: "r1" })).toBe(10);
    const left = new Set(memory.all().map(({ text }) => text.split(" ")[0]));
    expect(left.size).toBe(20);
    for (const at of Array.from({ length: 60 }, (_, index) => `MARK-${index}.`))
      expect([at, holds(at)]).toEqual([at, left.has(at)]);
    expect(holds("MARK-learnt")).toBe(false);
    expect(memory.forget("everything")).toBe(20);
    expect(holds("MARK")).toBe(false);
  });

  it("erases with the next change what another process was reading", async () => {
    const memory = memoryOf();
    await memory.remember({ id: "1", kind: "k", text: "MARKED", run: "r" });
    const raw = new DatabaseSync(join(dir, "memory.db"));
    raw.exec("BEGIN");
    raw.prepare("SELECT * FROM entries").all();
    memory.forget({ id: "1" });
    raw.exec("COMMIT");
    raw.close();
    await memory.remember({ id: "2", kind: "k", text: "another", run: "r" });
    const bytes = ["memory.db", "memory.db-wal"].map((name) => readFileSync(join(dir, name), "latin1")).join("");
    expect([bytes.includes("MARKED"), bytes.includes("another")]).toEqual([false, true]);
  });

  it("writes an entry once, and a lesson's labels all, though two processes write at once", async () => {
    const [a, b] = [memoryOf({ embedder }), memoryOf({ embedder })];
    const fact = { id: "1", kind: "k", run: "r" };
    await Promise.all([a.remember({ ...fact, text: "first" }), b.remember({ ...fact, text: "second" })]);
    const lesson = { kind: "k", text: "Ask first." };
    await Promise.all([
      a.learn({ ...lesson, run: "a", labels: ["secret"] }),
      b.learn({ ...lesson, run: "b", labels: ["untrusted"] }),
    ]);
    expect(a.all()).toEqual(b.all());
    expect(a.all()).toMatchObject([{ text: "first" }, { weight: 2, labels: ["secret", "untrusted"] }]);
  });

  it("takes back what one tenant saw, though another saw the same", async () => {
    const [a, b] = [memoryOf({ tenant: "a" }), memoryOf({ tenant: "b" })];
    for (const memory of [a, b]) await memory.learn({ kind: "k", text: "Ask first.", run: "r" });
    a.unlearn({ run: "r" });
    expect([a.all().length, b.all().length]).toEqual([0, 1]);
  });

  it("brings nothing back that is forgotten or told anew while its vector is made", async () => {
    const before = memoryOf();
    const story = { kind: "k", run: "r", goal: "Find tea." };
    await before.record({ ...story, outcome: "open" });
    await before.remember({ id: "1", kind: "k", text: "green tea", run: "r" });
    let isFirst = true;
    const meddling: Embedder = {
      ...embedder,
      embed: async (texts, context) => {
        if (isFirst && texts.length > 1) {
          isFirst = false;
          before.forget({ id: "1" });
          await before.record({ ...story, outcome: "found" });
        }
        return embedder.embed(texts, context);
      },
    };
    const memory = memoryOf({ embedder: meddling });
    await memory.recall({ text: "tea" });
    expect(isFirst).toBe(false);
    expect(memory.all()).toMatchObject([{ story: { outcome: "found" } }]);
    expect(await memory.recall({ text: "found" })).toHaveLength(1);
  });

  it("forgets nothing where nothing is said", async () => {
    const memory = memoryOf();
    await memory.remember({ id: "1", kind: "k", text: "kept", run: "r" });
    const given: { readonly id?: string } = JSON.parse("{}");
    expect(() => memory.forget(given)).toThrow(expect.objectContaining({ code: "BAD_INPUT" }));
    expect(memory.all()).toHaveLength(1);
  });

  it("keeps a run's story, the latest of a kind", async () => {
    const memory = memoryOf();
    const story = { kind: "clerk", run: "r", goal: "Find the order.", steps: 3, microUsd: 120 };
    await memory.record({ ...story, outcome: "succeeded" });
    await memory.record({ ...story, outcome: "rolled-back", labels: ["secret"] });
    const found = await memory.recall({ text: "order", kind: "clerk", type: "episode" });
    expect(found).toMatchObject([{ labels: ["secret"], story: { outcome: "rolled-back", steps: 3, microUsd: 120 } }]);
    expect(memory.all()).toHaveLength(1);
  });

  it("finds by vectors also what was written without them, or with another model's", async () => {
    await memoryOf().remember({ id: "1", kind: "k", text: "green tea", run: "r" });
    await memoryOf({ embedder: wordEmbedder("other") }).remember({
      id: "2",
      kind: "k",
      text: "green apples",
      run: "r",
    });
    const memory = memoryOf({ embedder });
    expect(idsOf(await memory.recall({ text: "tea" }))).toEqual(["1"]);
    expect(idsOf(await memory.recall({ text: "green", most: 2 })).sort()).toEqual(["1", "2"]);
  });

  it.each(["text", "labels", "run", "vector"])(
    "reads nothing whose %s was changed on disk, and lets go of it by id",
    async (column) => {
      const memory = memoryOf({ embedder });
      await memory.remember({ id: "1", kind: "k", text: "true words", run: "r", labels: ["untrusted"] });
      await memory.remember({ id: "2", kind: "k", text: "other words", run: "r" });
      const raw = new DatabaseSync(join(dir, "memory.db"));
      const value = column === "vector" ? new Uint8Array(256) : "[]";
      raw.prepare(`UPDATE entries SET ${column} = ? WHERE id = '1'`).run(value);
      raw.close();
      await expect(memory.recall({ text: "words" })).rejects.toMatchObject({
        code: "JOURNAL_DAMAGED",
        failure: "defect",
      });
      expect(memory.forget({ id: "1" })).toBe(1);
      expect(idsOf(await memory.recall({ text: "words" }))).toEqual(["2"]);
    },
  );

  it("makes its file when it is first used, for its user alone, and nothing once it was closed", async () => {
    const file = join(dir, "below", "memory.db");
    const memory = memoryOf({ file });
    expect(existsSync(file)).toBe(false);
    expect(memory.all()).toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    memory.close();
    expect(() => memory.all()).toThrow(expect.objectContaining({ code: "STORE_CLOSED" }));
  });

  it("leaves a file alone that it did not make, or that a newer one made", () => {
    const file = join(dir, "memory.db");
    writeFileSync(file, "no database at all, but long enough to be taken for one".repeat(50));
    expect(() => memoryOf().all()).toThrow(expect.objectContaining({ code: "STORE_FOREIGN" }));
    rmSync(file);
    const raw = new DatabaseSync(file);
    raw.exec("CREATE TABLE theirs (a)");
    expect(() => memoryOf().all()).toThrow(expect.objectContaining({ code: "STORE_FOREIGN" }));
    raw.exec("DROP TABLE theirs");
    expect(memoryOf().all()).toEqual([]);
    raw.exec("PRAGMA user_version = 99");
    raw.close();
    expect(() => memoryOf().all()).toThrow(expect.objectContaining({ code: "STORE_NEWER" }));
  });

  it("refuses what is no text", async () => {
    const refused = { code: "MEMORY_TEXT" };
    await expect(memoryOf().remember({ id: "1", kind: "k", text: " ", run: "r" })).rejects.toMatchObject(refused);
    await expect(memoryOf().learn({ kind: "k", text: "x".repeat(100_001), run: "r" })).rejects.toMatchObject(refused);
  });
});
