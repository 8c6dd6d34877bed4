import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { sha256, toHash, toInstant, toNodeId, toRunId, type Json, type RunId } from "../../src/base/index.ts";
import type { RunEvent } from "../../src/plan/index.ts";
import {
  checkFolder,
  encodeEvent,
  verifyChain,
  CHAIN_START,
  STORE_LIMITS,
  type Collection,
  type LedgerEntry,
  type RecordQuery,
  type RecordWrite,
  type RunAppend,
  type Store,
  type StoreDriver,
  type StoreReader,
} from "../../src/store/index.ts";
import {
  created,
  eventsOf,
  firstRun,
  going,
  samplePlan,
  secondRun,
  starting,
  starts,
  succeeded,
  turning,
} from "./samples.ts";

/** A driver to try, over a store that is empty. */
export interface DriverFixture {
  readonly driver: StoreDriver;
  readonly remove: () => void;
}

const large = "x".repeat(STORE_LIMITS.inlineSize + 1);

/** The suite that every driver of the Store port must pass. Numbers in names are those of the port's invariants. */
export function describeStoreConformance(name: string, makeDriver: () => DriverFixture): void {
  describe(`store conformance: ${name}`, () => {
    let fixture: DriverFixture;
    let store: Store;
    let opened: StoreReader[];

    const reader = async (): Promise<StoreReader> => {
      const made = await fixture.driver.read();
      opened.push(made);
      return made;
    };
    /** What the next process would see. */
    const reopen = async (): Promise<Store> => {
      await store.close();
      store = await fixture.driver.open();
      return store;
    };

    beforeEach(async () => {
      fixture = makeDriver();
      store = await fixture.driver.open();
      opened = [];
    });
    afterEach(async () => {
      await Promise.all([...opened, store].map((item) => item.close()));
      fixture.remove();
    });

    describe("journal", () => {
      it("gives back what was committed, numbered from 1 without gaps (2)", async () => {
        await store.commit(starts(starting(firstRun, succeeded(1))));
        await store.commit({ runs: [going(firstRun, 3, succeeded(2), succeeded(3))] });
        const records = await (await reader()).read(firstRun);
        expect(records.map((record) => record.seq)).toEqual([1, 2, 3, 4]);
        expect(records.map((record) => record.event)).toEqual([
          created(firstRun),
          ...[1, 2, 3].map((n) => succeeded(n)),
        ]);
      });

      it("chains the records as chain.ts says and anchors the head (2)", async () => {
        await store.commit(starts(starting(firstRun, succeeded({ a: [1, "two"] }))));
        await reopen();
        await store.commit({ runs: [going(firstRun, 3, succeeded(null, 3_000))] });
        const records = await store.read(firstRun);
        expect(records.map((record) => record.epoch)).toEqual([1, 1, 2]);
        let previous = CHAIN_START;
        for (const record of records) {
          const { digest, hash } = encodeEvent(record.event, previous, record.epoch);
          expect({ digest: record.digest, hash: record.hash }).toEqual({ digest, hash });
          expect(record.digest).toBe(sha256(JSON.stringify(record.event)));
          previous = record;
        }
        expect(verifyChain(records)).toMatchObject({ tag: "whole", last: { seq: 3, hash: previous.hash } });
        expect(await store.summary(firstRun)).toMatchObject({ head: 3, headHash: previous.hash });
      });

      it("reads from the middle, in pages, and beyond the end", async () => {
        const many = Array.from({ length: 1_203 }, (_, at) => succeeded(at));
        await store.commit(starts(starting(firstRun, ...many)));
        const all = await store.read(firstRun);
        expect(all.length).toBe(1_204);
        expect(await store.read(firstRun, { from: 700 })).toEqual(all.slice(699));
        expect(await store.read(firstRun, { from: 499, limit: 3 })).toEqual(all.slice(498, 501));
        expect(await store.read(firstRun, { from: 1_204 })).toEqual(all.slice(-1));
        for (const from of [1_205, 1_206, 9_999]) expect(await store.read(firstRun, { from })).toEqual([]);
        expect(await store.read(firstRun, { limit: 0 })).toEqual([]);
        expect(await store.read(toRunId("nobody"))).toEqual([]);
      });

      it("takes two appends to one run in one batch", async () => {
        await store.commit(
          starts(starting(firstRun), going(firstRun, 2, succeeded(1)), going(firstRun, 3, succeeded(2))),
        );
        expect(await eventsOf(store, firstRun)).toEqual([created(firstRun), succeeded(1), succeeded(2)]);
      });

      it("keeps odd values as they are", async () => {
        const odd: Json = {
          separators: "\u2028\u2029",
          zero: "\u0000 a\u0000b",
          lone: "\ud800 \udc00",
          emoji: "👩‍👩‍👧",
          numbers: [1e308, 5e-324, -1e-7, 9_007_199_254_740_991, 0.1 + 0.2],
          "": [[], {}, null, true],
          "\ud83d key \u0000": "x",
        };
        await store.commit(starts(starting(firstRun, succeeded(odd))));
        await reopen();
        expect(await eventsOf(store, firstRun)).toEqual([created(firstRun), succeeded(odd)]);
      });

      it("reads back any sequence of batches", async () => {
        const names = [firstRun, secondRun, toRunId("thïrd ☂")];
        const batch = fc.array(
          fc.record({ run: fc.constantFrom(...names), values: fc.array(fc.jsonValue(), { maxLength: 3 }) }),
          { maxLength: 4 },
        );
        const check = fc.asyncProperty(fc.array(batch, { maxLength: 6 }), async (batches) => {
          const local = makeDriver();
          const owner = await local.driver.open();
          const expected = new Map<RunId, RunEvent[]>();
          for (const items of batches) await owner.commit(starts(...items.map((item) => toAppend(item, expected))));
          await owner.close();
          const again = await local.driver.open();
          for (const run of names) expect(await eventsOf(again, run)).toEqual(expected.get(run) ?? []);
          expect(await problemsOf(again)).toEqual([]);
          await again.close();
          local.remove();
        });
        await fc.assert(check, { numRuns: 40 });
      });
    });

    describe("refusals", () => {
      const before = async (): Promise<unknown> => {
        await store.commit(starts(starting(firstRun, succeeded(1))));
        return [await store.read(firstRun), await store.list({})];
      };
      const after = async (): Promise<unknown> => {
        await reopen();
        return [await store.read(firstRun), await store.list({})];
      };

      it.each([
        ["too early", going(firstRun, 2, succeeded(9))],
        ["too late", going(firstRun, 4, succeeded(9))],
        ["a run made twice", starting(firstRun)],
        ["an unknown run", going(secondRun, 2, succeeded(9))],
        ["a run that begins with something else", { ...going(secondRun, 1, succeeded(9)) }],
        ["a run that begins with record 2", { ...starting(secondRun), from: 2 }],
        ["a run that begins with nothing", { ...starting(secondRun), events: [] }],
        ["a run that begins as another", { ...starting(firstRun), run: secondRun }],
      ])("refuses events that don't follow the journal, without a change (2): %s", async (_, append) => {
        const was = await before();
        await expect(store.commit({ runs: [append] })).rejects.toMatchObject({
          code: "JOURNAL_GAP",
          failure: "defect",
        });
        expect(await after()).toEqual(was);
      });

      it("changes nothing at all when one part of a batch is wrong", async () => {
        const was = await before();
        const good = { ...starts(starting(secondRun)), ledger: [entry("done", 1)] };
        await store.send({ id: "c", at: toInstant(1), command: 1 });
        const results = [{ command: "c", result: { tag: "done", value: 1 } }] as const;
        const batch = { ...good, results, runs: [...good.runs, going(firstRun, 3, succeeded(2)), going(firstRun, 9)] };
        await expect(store.commit(batch)).rejects.toMatchObject({ code: "JOURNAL_GAP" });
        expect(await after()).toEqual(was);
        expect(await store.effect(entry("done", 1).effect)).toBeUndefined();
        expect(await store.commandResult("c")).toBeUndefined();
        expect((await store.inbox()).map((command) => command.id)).toEqual(["c"]);
      });

      it("refuses everything after a failed commit, until it is opened again (4)", async () => {
        await before();
        await expect(store.commit({ runs: [going(firstRun, 9)] })).rejects.toMatchObject({ code: "JOURNAL_GAP" });
        const calls = [
          store.commit({ runs: [going(firstRun, 3, succeeded(2))] }),
          store.read(firstRun),
          store.list({}),
          store.inbox(),
          store.send({ id: "c", at: toInstant(1), command: 1 }),
          store.changed(1),
        ];
        const ends = await Promise.allSettled(calls);
        expect(ends.map((end) => end.status === "rejected" && end.reason.code)).toEqual(
          calls.map(() => "STORE_FAILED"),
        );
        expect((await (await reader()).read(firstRun)).length).toBe(2);
        await reopen();
        await store.commit({ runs: [going(firstRun, 3, succeeded(2))] });
        expect((await store.read(firstRun)).length).toBe(3);
      });

      it("refuses a run whose plan nobody stored", async () => {
        await expect(store.commit({ runs: [starting(firstRun)] })).rejects.toMatchObject({ code: "PLAN_MISSING" });
      });

      it.each<[string, string, RunAppend]>([
        ["an empty run id", "BAD_RUN_ID", starting(toRunId(""))],
        ["a run id of 201 characters", "BAD_RUN_ID", starting(toRunId("a".repeat(201)))],
        ["a run id with a line feed", "BAD_RUN_ID", starting(toRunId("a\nb"))],
        ["a run id with half a character", "BAD_RUN_ID", starting(toRunId("a\ud800"))],
        ["an invisible tag", "BAD_RUN_ID", tagged(["\u200b"])],
        ["51 tags", "VALUE_TOO_LARGE", tagged(Array.from({ length: 51 }, (_, at) => `t${at}`))],
        ["too many events", "VALUE_TOO_LARGE", going(firstRun, STORE_LIMITS.eventsPerRun + 1, succeeded(1))],
        ["a value that nests too deep", "VALUE_TOO_LARGE", starting(firstRun, succeeded(nested(80)))],
        ["a value that is too large", "VALUE_TOO_LARGE", starting(firstRun, succeeded(huge()))],
      ])("refuses what the limits forbid, and lives on: %s", async (_, code, append) => {
        await expect(store.commit(starts(append))).rejects.toMatchObject({ code, failure: "input" });
        await store.commit(starts(starting(toRunId("a".repeat(200)), succeeded(nested(64)))));
        expect((await store.list({})).length).toBe(1);
      });
    });

    describe("epoch", () => {
      it("grows with each owner (1)", async () => {
        const first = store.epoch;
        expect((await reopen()).epoch).toBe(first + 1);
        expect((await reopen()).epoch).toBe(first + 2);
      });
    });

    describe("large values", () => {
      it("keeps them whole, whatever they look like", async () => {
        const output: Json = { $blob: large, blobs: { output: "00" }, rest: {}, type: "x" };
        const lookalike: Json = { blobs: { output: sha256("1") }, rest: { type: "node-succeeded", output: null } };
        const events = [succeeded(output), succeeded(lookalike), succeeded({ $blob: sha256("1") }), succeeded(large)];
        const late: RunEvent = { ...succeeded(1), type: "node-late", outcome: { output: [large, large] } };
        await store.commit(starts(starting(firstRun, ...events, late)));
        await store.commit({ runs: [going(firstRun, 7, succeeded(output))] });
        await reopen();
        expect(await eventsOf(store, firstRun)).toEqual([created(firstRun), ...events, late, succeeded(output)]);
        expect(await problemsOf(store)).toEqual([]);
      });

      it("covers them by the chain: the payload names the blob", async () => {
        await store.commit(starts(starting(firstRun, succeeded(large))));
        const [, record] = await store.read(firstRun);
        const text = JSON.stringify({ blobs: { output: sha256(JSON.stringify(large)) }, rest: { ...succeeded(null) } });
        expect(record?.digest).toBe(sha256(text));
      });

      it("keeps large plans, ledger outputs, commands and results", async () => {
        const graph = { ...samplePlan.graph, output: large };
        const hash = toHash("cd".repeat(32));
        await store.send({ id: "c", at: toInstant(1), command: { large } });
        await store.commit({
          runs: [],
          plans: [{ hash, graph }],
          ledger: [{ ...entry("done", 1), output: large }],
          results: [{ command: "d", result: { tag: "done", value: [large] } }],
        });
        await reopen();
        expect(await store.plan(hash)).toEqual(graph);
        expect(await store.effect(entry("done", 1).effect)).toEqual({ ...entry("done", 1), output: large });
        expect(await store.commandResult("d")).toEqual({ tag: "done", value: [large] });
        expect(await store.inbox()).toEqual([{ id: "c", at: 1, command: { large } }]);
      });
    });

    describe("plans and effects", () => {
      it("keeps a plan once, and knows when it has none", async () => {
        await store.commit({ runs: [], plans: [samplePlan] });
        await store.commit(starts(starting(firstRun)));
        expect(await store.plan(samplePlan.hash)).toEqual(samplePlan.graph);
        expect(await store.plan(toHash("ff".repeat(32)))).toBeUndefined();
      });

      it("shows the last state of an effect", async () => {
        for (const item of [entry("started", 1), entry("done", 1), entry("undone", 2)]) {
          await store.commit({ runs: [], ledger: [item] });
          await reopen();
          expect(await (await reader()).effect(item.effect)).toEqual(item);
        }
        expect(await store.effect(toHash("ff".repeat(32)))).toBeUndefined();
      });
    });

    describe("inbox", () => {
      const command = (id: string, value: Json) => ({ id, at: toInstant(7), command: value });

      it("gives commands in order, each id once, until they have a result", async () => {
        const client = await reader();
        await client.send(command("b", { answer: 1 }));
        await client.send(command("a", "second"));
        await client.send(command("b", "again"));
        expect(await store.inbox()).toEqual([command("b", { answer: 1 }), command("a", "second")]);
        await store.commit({ runs: [], results: [{ command: "b", result: { tag: "done", value: 5 } }] });
        expect(await store.inbox()).toEqual([command("a", "second")]);
        await reopen();
        expect(await store.inbox()).toEqual([command("a", "second")]);
      });

      it("shows results to readers; a command with a result never comes back, nor changes", async () => {
        const client = await reader();
        await client.send(command("a", 1));
        expect(await client.commandResult("a")).toBeUndefined();
        const refused = { tag: "refused", code: "NO", message: "no" } as const;
        await store.commit({ ...starts(starting(firstRun)), results: [{ command: "a", result: refused }] });
        await store.commit({ runs: [], results: [{ command: "a", result: { tag: "done", value: 2 } }] });
        await client.send(command("a", 3));
        expect(await client.commandResult("a")).toEqual(refused);
        expect(await store.inbox()).toEqual([]);
        await client.send(command("b", 4));
        expect(await problemsOf(client)).toEqual([]);
      });

      it("refuses a command without a printable id", async () => {
        await expect((await reader()).send(command("", 1))).rejects.toMatchObject({ code: "BAD_RUN_ID" });
      });

      it("wakes the owner for a command, and a reader for a commit; nobody for what they wrote themselves", async () => {
        const client = await reader();
        const owner = store;
        const asleep = async (who: StoreReader, write: () => Promise<void>): Promise<string> => {
          const stop = new AbortController();
          const waiting = who.changed(60_000, stop.signal).then(() => "awake");
          await write();
          const end = await Promise.race([waiting, delay(150, "asleep")]);
          stop.abort();
          await waiting;
          return end;
        };
        await owner.changed(0);
        expect(await asleep(owner, () => owner.commit(starts(starting(firstRun))))).toBe("asleep");
        await client.changed(0);
        expect(await asleep(client, () => client.send(command("a", 1)))).toBe("asleep");
        await owner.changed(0);
        const told = [owner.changed(60_000), (await reader()).changed(60_000)];
        await client.send(command("b", 1));
        await owner.commit({ runs: [going(firstRun, 2, succeeded(1))] });
        expect(await Promise.all(told)).toEqual([undefined, undefined]);
      });

      it("tells a change that came between two calls at once, and else waits no longer than asked", async () => {
        const client = await reader();
        await store.commit(starts(starting(firstRun)));
        expect(await client.changed(60_000)).toBeUndefined();
        expect(await client.changed(20)).toBeUndefined();
        expect(await client.changed(60_000, AbortSignal.abort())).toBeUndefined();
      });
    });

    describe("collections", () => {
      const put = (key: string, value: Json | undefined, collection: Collection = "memory"): RecordWrite => ({
        collection,
        key,
        value,
      });
      const write = (...records: readonly RecordWrite[]): Promise<void> => store.commit({ runs: [], records });
      const keys = async (query?: RecordQuery): Promise<readonly string[]> =>
        (await (await reader()).records("memory", query)).map((record) => record.key);

      it("keeps records, changes them and deletes them, each collection for itself", async () => {
        await write(put("a", { n: 1 }), put("a", "other", "rewards"), put("b", null), put("c", [1]));
        await write(put("a", { n: 2 }), put("b", undefined), put("nobody", undefined));
        await reopen();
        const client = await reader();
        expect(await client.record("memory", "a")).toEqual({ n: 2 });
        expect(await client.record("memory", "b")).toBeUndefined();
        expect(await client.record("rewards", "a")).toBe("other");
        expect(await client.record("decisions", "a")).toBeUndefined();
        expect(await client.records("memory")).toEqual([
          { key: "a", value: { n: 2 } },
          { key: "c", value: [1] },
        ]);
        expect(await problemsOf(client)).toEqual([]);
      });

      it("does writes one after the other", async () => {
        await write(put("a", 1), put("a", undefined), put("a", 2), put("b", 1), put("b", undefined));
        expect(await store.records("memory")).toEqual([{ key: "a", value: 2 }]);
        expect(await problemsOf(store)).toEqual([]);
      });

      it("becomes durable together with journal and ledger, or not at all", async () => {
        const records = [put("a", 1)];
        await store.commit({ ...starts(starting(firstRun)), ledger: [entry("done", 1)], records });
        const bad = { runs: [going(firstRun, 9)], records: [put("a", 2), put("b", 2)] };
        await expect(store.commit(bad)).rejects.toMatchObject({ code: "JOURNAL_GAP" });
        await reopen();
        expect(await store.records("memory")).toEqual([{ key: "a", value: 1 }]);
        expect(await eventsOf(store, firstRun)).toEqual([created(firstRun)]);
      });

      it("lists in the order of code points, by prefix, in pages", async () => {
        const all = ["a", "a/", "a/1", "a/2", "a/\u{1f600}", "a/\uff5e", "a0", "b", "\u{1f600}", "\uff5e"];
        await write(...all.map((key) => put(key, key)));
        expect(await keys()).toEqual([
          "a",
          "a/",
          "a/1",
          "a/2",
          "a/\uff5e",
          "a/\u{1f600}",
          "a0",
          "b",
          "\uff5e",
          "\u{1f600}",
        ]);
        expect(await keys({ prefix: "a/" })).toEqual(["a/", "a/1", "a/2", "a/\uff5e", "a/\u{1f600}"]);
        expect(await keys({ prefix: "a/", after: "a/1", limit: 2 })).toEqual(["a/2", "a/\uff5e"]);
        expect(await keys({ prefix: "a/", after: "Z" })).toEqual(await keys({ prefix: "a/" }));
        expect(await keys({ prefix: "a/", after: "b" })).toEqual([]);
        expect(await keys({ after: "a0" })).toEqual(["b", "\uff5e", "\u{1f600}"]);
        expect(await keys({ prefix: "%" })).toEqual([]);
        expect(await keys({ limit: 0 })).toEqual([]);
      });

      it("shows 100 where nothing is said", async () => {
        await write(...Array.from({ length: 103 }, (_, at) => put(`k${at}`, at)));
        expect((await keys()).length).toBe(100);
      });

      it("reads back any sequence of writes", async () => {
        const collection = fc.constantFrom<Collection>("memory", "registry");
        const key = fc.constantFrom("a", "b", "ä/☂", "c");
        const value = fc.option(fc.jsonValue(), { nil: undefined });
        const batch = fc.record({ erase: fc.boolean(), records: fc.array(fc.record({ collection, key, value })) });
        const check = fc.asyncProperty(fc.array(batch, { maxLength: 5 }), async (batches) => {
          const local = makeDriver();
          const owner = await local.driver.open();
          const expected = new Map<string, unknown>();
          for (const { erase, records } of batches) {
            const plain = records.map((item) => put(item.key, jsonOf(item.value), item.collection));
            await owner.commit({ runs: [], records: plain, erase });
            for (const item of plain) expected.set(`${item.collection} ${item.key}`, item.value);
          }
          for (const [written, wanted] of expected) {
            const at = written.indexOf(" ");
            const from = written.startsWith("memory") ? "memory" : "registry";
            expect(await owner.record(from, written.slice(at + 1))).toEqual(wanted);
          }
          const held = [...(await owner.records("memory")), ...(await owner.records("registry"))];
          expect(held.length).toBe([...expected.values()].filter((item) => item !== undefined).length);
          expect(await problemsOf(owner)).toEqual([]);
          await owner.close();
          local.remove();
        });
        await fc.assert(check, { numRuns: 20 });
      });

      it("keeps large values, and deletes them", async () => {
        await write(put("a", { large }), put("b", [large, large]));
        await reopen();
        expect(await store.record("memory", "b")).toEqual([large, large]);
        await write(put("a", undefined));
        expect(await keys()).toEqual(["b"]);
        expect(await problemsOf(store)).toEqual([]);
      });

      it.each<[string, string, RecordWrite]>([
        ["an empty key", "BAD_RUN_ID", put("", 1)],
        ["a key of 201 characters", "BAD_RUN_ID", put("k".repeat(201), 1)],
        ["a key with half a character", "BAD_RUN_ID", put("a\ud800", 1)],
        ["a value that nests too deep", "VALUE_TOO_LARGE", put("a", nested(80))],
        ["a value that is too large", "VALUE_TOO_LARGE", put("a", huge())],
        ["a collection that is not there", "BAD_INPUT", JSON.parse('{"collection":"x; DROP","key":"a","value":1}')],
      ])("refuses what the limits forbid, and lives on: %s", async (_, code, bad) => {
        await expect(write(put("first", 1), bad)).rejects.toMatchObject({ code, failure: "input" });
        await write(put("k".repeat(200), nested(64)));
        expect(await keys()).toEqual(["k".repeat(200)]);
      });

      it("refuses to read a collection that is not there, and lives on", async () => {
        const { collection }: RecordWrite = JSON.parse('{"collection":"sqlite_schema"}');
        await expect(store.record(collection, "a")).rejects.toMatchObject({ code: "BAD_INPUT" });
        await expect(store.records(collection)).rejects.toMatchObject({ code: "BAD_INPUT" });
        expect(await keys()).toEqual([]);
      });

      it("is written by whoever has the owner's store, between the commits of the engine (5)", async () => {
        await store.commit(starts(starting(firstRun)));
        await Promise.all([
          store.commit({ runs: [going(firstRun, 2, succeeded(1))] }),
          write(put("a", 1)),
          store.commit({ runs: [going(firstRun, 3, succeeded(2))] }),
          store.commit({ runs: [], records: [put("a", undefined), put("b", 2)], erase: true }),
        ]);
        expect((await eventsOf(store, firstRun)).length).toBe(3);
        expect(await keys()).toEqual(["b"]);
      });
    });

    describe("list", () => {
      const make = (id: string, at: number, more: Partial<Parameters<typeof created>[1]> = {}): RunAppend => {
        const run = toRunId(id);
        return { run, from: 1, tag: "running", events: [created(run, { at: toInstant(at), ...more })] };
      };
      const ids = async (query: Parameters<StoreReader["list"]>[0]): Promise<readonly string[]> =>
        (await (await reader()).list(query)).map((item) => item.run);

      it("shows all that a line holds", async () => {
        const parent = { run: firstRun, node: toNodeId("a") };
        const child = make("child", 5, { tags: ["x", "y"], parent });
        await store.commit(starts(starting(firstRun), child));
        await store.commit({ runs: [turning(going(child.run, 2, succeeded(1, 9)), "succeeded")] });
        const expected = {
          run: child.run,
          planName: "sample",
          plan: samplePlan.hash,
          tag: "succeeded",
          tags: ["x", "y"],
          createdAt: 5,
          updatedAt: 9,
          parent: firstRun,
          head: 2,
          headHash: (await store.read(child.run))[1]?.hash,
        };
        expect(await store.summary(child.run)).toEqual(expected);
        expect(await store.list({ parent: firstRun })).toEqual([expected]);
        expect(await store.summary(toRunId("nobody"))).toBeUndefined();
      });

      it("shows the newest first, of one millisecond the last one, and filters", async () => {
        const other = { hash: toHash("ef".repeat(32)), graph: { name: "other", nodes: {} } };
        await store.commit({
          plans: [samplePlan, other],
          runs: [
            make("a", 10, { tags: ["x"] }),
            make("b", 30, { tags: ["x", "y"], plan: other.hash }),
            turning(make("c", 20, { tags: ["y"] }), "failed"),
            turning(make("d", 20), "waiting"),
          ],
        });
        expect(await ids({})).toEqual(["b", "d", "c", "a"]);
        expect(await ids({ tags: ["x"] })).toEqual(["b", "a"]);
        expect(await ids({ tags: ["x", "y"] })).toEqual(["b"]);
        expect(await ids({ tags: ["' OR 1=1 --"] })).toEqual([]);
        expect(await ids({ states: ["running", "waiting"] })).toEqual(["b", "d", "a"]);
        expect(await ids({ states: ["failed", "waiting"] })).toEqual(["d", "c"]);
        expect(await ids({ states: [] })).toEqual([]);
        expect(await ids({ planName: "other" })).toEqual(["b"]);
        expect(await ids({ before: toInstant(20) })).toEqual(["a"]);
        expect(await ids({ limit: 2 })).toEqual(["b", "d"]);
        expect(await ids({ limit: 2, after: toRunId("d") })).toEqual(["c", "a"]);
        expect(await ids({ after: toRunId("nobody") })).toEqual([]);
        await reopen();
        await store.commit({ runs: [turning(going(toRunId("d"), 2, succeeded(1)), "succeeded")] });
        expect(await ids({ states: ["running", "waiting"] })).toEqual(["b", "a"]);
      });

      it("shows 100 where nothing is said, and pages through all without loss", async () => {
        const made = Array.from({ length: 130 }, (_, at) => make(`r${at}`, 1_000));
        await store.commit(starts(...made));
        expect((await ids({})).length).toBe(100);
        const seen: string[] = [];
        for (let page = await ids({ limit: 50 }); page.length > 0;) {
          seen.push(...page);
          page = await ids({ limit: 50, after: toRunId(seen.at(-1) ?? "") });
        }
        expect(seen).toEqual(made.map((item) => item.run).toReversed());
      });
    });

    it("refuses calls after it was closed", async () => {
      await store.close();
      await expect(store.read(firstRun)).rejects.toMatchObject({ code: "STORE_CLOSED" });
      await expect(store.commit({ runs: [] })).rejects.toMatchObject({ code: "STORE_CLOSED" });
      await store.close();
      store = await fixture.driver.open();
    });
  });
}

/** Problems that a check of the whole store gives. */
export async function problemsOf(reader: StoreReader): Promise<readonly unknown[]> {
  const problems: unknown[] = [];
  for await (const problem of checkFolder(reader)) problems.push(problem);
  return problems;
}

function toAppend(
  item: { readonly run: RunId; readonly values: readonly unknown[] },
  expected: Map<RunId, RunEvent[]>,
): RunAppend {
  const known = expected.get(item.run) ?? [];
  const values = item.values.map((value) => succeeded(JSON.parse(JSON.stringify(value))));
  const events = known.length === 0 ? [created(item.run), ...values] : values;
  expected.set(item.run, [...known, ...events]);
  return going(item.run, known.length + 1, ...events);
}

function entry(state: LedgerEntry["state"], generation: number): LedgerEntry {
  const effect = toHash("ee".repeat(32));
  return {
    effect,
    generation,
    state,
    run: firstRun,
    node: toNodeId("a"),
    ...(state === "done" ? { output: { id: 1 } } : {}),
  };
}

function tagged(tags: readonly string[]): RunAppend {
  return { ...starting(firstRun), events: [created(firstRun, { tags })] };
}

/** As it comes back from its text: -0 is 0. */
function jsonOf(value: unknown): Json | undefined {
  if (value === undefined) return undefined;
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}

function nested(depth: number): Json {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

function huge(): Json {
  return Array.from({ length: 9 }, () => "x".repeat(8_000_000));
}
