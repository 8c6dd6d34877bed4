import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256, toHash, toInstant, toNodeId, toRunId, type Json, type RunId } from "../../base/index.ts";
import type { RunEvent } from "../../plan/index.ts";
import { linkHash, type Batch, type RecordWrite, type Store } from "../../store/index.ts";
import { mustSyncFully, openDatabase, refuseOldSqlite } from "./database.ts";
import { createSqliteDriver } from "./driver.ts";
import { SCHEMA_VERSION } from "./schema.ts";

const run: RunId = toRunId("one");
const plan = { hash: toHash("ab".repeat(32)), graph: { name: "sample", nodes: {} } };
const note = (input: Json): RunEvent => ({ type: "run-suspended", at: toInstant(2), reason: "test", details: input });
const first: Batch = {
  plans: [plan],
  runs: [
    {
      run,
      from: 1,
      tag: "running",
      events: [
        { type: "run-created", at: toInstant(1), run, plan: plan.hash, input: 1, tags: ["t"], seed: "s", pins: {} },
        note("two"),
      ],
    },
  ],
};
const next = (from: number, input: Json): Batch => ({ runs: [{ run, from, tag: "running", events: [note(input)] }] });

let base: string;
let dir: string;
let stores: Store[];
const open = async (): Promise<Store> => {
  const store = await createSqliteDriver({ dir }).open();
  stores.push(store);
  return store;
};
/** Another connection, as a tool or a bug would have it. */
const raw = (sql: string): unknown => {
  const database = new DatabaseSync(join(dir, "pawl.db"));
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
};

const pages = (sql: string): readonly unknown[] => {
  const database = new DatabaseSync(join(dir, "pawl.db"));
  const found = database.prepare(sql).all();
  database.close();
  return found.map((row) => row["pageno"]);
};

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "pawl-driver-"));
  dir = join(base, "deep", "state");
  stores = [];
});
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()));
  rmSync(base, { recursive: true, force: true });
});

describe("the folder", () => {
  it("is made for its user alone, files too", async () => {
    const store = await open();
    await store.commit(first);
    const modes = ["", "pawl.db", "pawl.db-wal", "pawl.db-shm", "owner.db", "owner.json"].map((name) =>
      (statSync(join(dir, name)).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(["700", "600", "600", "600", "600", "600"]);
  });

  it("holds one database file after a clean end", async () => {
    const store = await open();
    await store.commit(first);
    await store.close();
    expect([existsSync(join(dir, "pawl.db-wal")), existsSync(join(dir, "owner.json"))]).toEqual([false, false]);
  });

  it("tells where there is nothing to read, and makes nothing", async () => {
    await expect(createSqliteDriver({ dir }).read()).rejects.toMatchObject({
      code: "FOLDER_MISSING",
      failure: "input",
    });
    expect(existsSync(dir)).toBe(false);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "pawl.db"), "");
    await expect(createSqliteDriver({ dir }).read()).rejects.toMatchObject({ code: "FOLDER_MISSING" });
  });

  it("is refused where it can't be made", async () => {
    writeFileSync(join(base, "deep"), "a file");
    await expect(open()).rejects.toMatchObject({ code: "FOLDER_UNUSABLE", failure: "input" });
  });

  it("begins with a new log after a crash, with all that the old one held", async () => {
    const store = await open();
    await store.commit(first);
    for (let seq = 3; seq < 40; seq += 1) await store.commit(next(seq, "x".repeat(3_000)));
    const crashed = join(base, "crashed");
    cpSync(dir, crashed, { recursive: true });
    dir = crashed;
    const old = statSync(join(dir, "pawl.db-wal")).size;
    const again = await open();
    expect(statSync(join(dir, "pawl.db-wal")).size).toBeLessThan(old / 4);
    expect((await again.read(run)).length).toBe(39);
  });

  it("goes on after a crash between making the file and filling it", async () => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "pawl.db"), "");
    const store = await open();
    await store.commit(first);
    expect(await store.summary(run)).toMatchObject({ head: 2 });
  });
});

describe("files of others", () => {
  const foreign = {
    text: (path: string) => writeFileSync(path, "Not a database. ".repeat(100)),
    database: (path: string) => fill(path, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)"),
    "database in WAL mode": (path: string) => fill(path, "PRAGMA journal_mode = WAL; CREATE TABLE theirs (x)"),
    "database of another application": (path: string) =>
      fill(path, "PRAGMA application_id = 7; PRAGMA user_version = 1"),
  };
  const fill = (path: string, sql: string): void => {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
  };

  it.each(Object.entries(foreign))("are refused and left as they are: %s", async (_, make) => {
    mkdirSync(dir, { recursive: true });
    const path = join(dir, "pawl.db");
    make(path);
    const before = readFileSync(path);
    await expect(open()).rejects.toMatchObject({ code: "STORE_FOREIGN", failure: "input" });
    await expect(createSqliteDriver({ dir }).read()).rejects.toMatchObject({ code: "STORE_FOREIGN" });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("a lock file that is no database is refused", async () => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "owner.db"), "Not a database. ".repeat(100));
    await expect(open()).rejects.toMatchObject({ code: "STORE_FOREIGN" });
  });

  it("a folder of a newer Pawl is refused and left as it is, and can be opened again by that one", async () => {
    await (await open()).close();
    raw("PRAGMA user_version = 99");
    const before = readFileSync(join(dir, "pawl.db"));
    await expect(open()).rejects.toMatchObject({ code: "STORE_NEWER", failure: "input" });
    await expect(createSqliteDriver({ dir }).read()).rejects.toMatchObject({ code: "STORE_NEWER" });
    expect(readFileSync(join(dir, "pawl.db")).equals(before)).toBe(true);
    raw(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    expect((await open()).epoch).toBe(2);
  });
});

describe("a folder of the version before", () => {
  const makeOld = async (): Promise<void> => {
    const store = await open();
    await store.commit(first);
    await store.send({ id: "old", at: toInstant(1), command: 5 });
    await store.close();
    const tables = ["memory", "decisions", "rewards", "experiments", "registry"].map((name) => `records_${name}`);
    for (const table of [...tables, "collections"]) raw(`DROP TABLE ${table}`);
    raw("PRAGMA user_version = 1");
  };

  it("is read as it is, before an owner brings it up to date and after", async () => {
    await makeOld();
    const reader = await createSqliteDriver({ dir }).read();
    expect((await reader.read(run)).length).toBe(2);
    expect([await reader.record("memory", "a"), await reader.records("memory")]).toEqual([undefined, []]);
    expect(await reader.audit?.()).toEqual([]);
    await reader.send({ id: "new", at: toInstant(2), command: 6 });
    const store = await open();
    await store.commit({ runs: [], records: [{ collection: "memory", key: "a", value: 1 }] });
    expect(await reader.record("memory", "a")).toBe(1);
    await reader.close();
  });

  it("is brought up to date by its owner, with all that it holds", async () => {
    await makeOld();
    const store = await open();
    expect(raw("PRAGMA user_version")).toEqual([{ user_version: SCHEMA_VERSION }]);
    expect((await store.read(run)).length).toBe(2);
    expect((await store.inbox()).map((command) => command.id)).toEqual(["old"]);
    await store.commit({ ...next(3, "on"), records: [{ collection: "registry", key: "m", value: { v: 1 } }] });
    expect(await store.records("registry")).toEqual([{ key: "m", value: { v: 1 } }]);
    expect(await store.audit?.()).toEqual([]);
  });
});

describe("records", () => {
  const put = (key: string, value: Json | undefined): RecordWrite => ({ collection: "memory", key, value });
  const write = (store: Store, ...records: readonly RecordWrite[]): Promise<void> =>
    store.commit({ runs: [], records });

  it.each([
    ["UPDATE records_memory SET content = '2' WHERE key = 'a'", 1],
    ["UPDATE records_memory SET key = 'c' WHERE key = 'a'", 1],
    ["DELETE FROM records_memory WHERE key = 'a'", 1],
    ["INSERT INTO records_memory (key, content, seal) SELECT 'x', content, seal FROM records_memory LIMIT 1", 2],
    ["DELETE FROM collections WHERE name = 'memory'", 1],
    ["UPDATE collections SET lines = 3 WHERE name = 'memory'", 1],
    ["UPDATE records_memory SET seal = (SELECT seal FROM records_memory WHERE key = 'b') WHERE key = 'a'", 1],
  ])("are seen to be damaged: %s", async (sql, problems) => {
    const store = await open();
    await write(store, put("a", 1), put("b", 2));
    raw(sql);
    const found = (await store.audit?.()) ?? [];
    expect(found.map((problem) => problem.code)).toEqual(Array.from({ length: problems }, () => "JOURNAL_DAMAGED"));
  });

  it("are refused when they are not as they were written", async () => {
    const store = await open();
    await write(store, put("a", 1), put("b", 2));
    raw("UPDATE records_memory SET content = '2' WHERE key = 'a'");
    const damaged = { code: "JOURNAL_DAMAGED", failure: "defect", message: expect.stringContaining('Record "a"') };
    await expect(store.record("memory", "a")).rejects.toMatchObject(damaged);
    await expect(store.records("memory")).rejects.toMatchObject(damaged);
    expect(await store.record("memory", "b")).toBe(2);
  });

  /** Marks that stand in any file of the folder. */
  const found = (marks: readonly string[]): readonly string[] => {
    const files = ["pawl.db", "pawl.db-wal", "pawl.db-shm"].map((name) => join(dir, name));
    const bytes = files.filter(existsSync).map((path) => readFileSync(path, "latin1"));
    return marks.filter((mark) => bytes.some((content) => content.includes(mark)));
  };

  it("leave no trace in any file once they are erased (6)", async () => {
    let store = await open();
    await store.commit(first);
    const live = new Map<string, string>();
    const dead: string[] = [];
    let seed = 7;
    const pick = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const step = (at: number): RecordWrite => {
      const isNew = pick(10) < 5 || live.size < 5;
      const key = isNew ? `<K${pick(1e9)}-${at}>` : ([...live.keys()][pick(live.size)] ?? "");
      const isGone = !isNew && pick(10) < 7;
      const mark = `<V${at}>`;
      dead.push(...(isNew ? [] : [live.get(key) ?? ""]), ...(isGone ? [key] : []));
      if (isGone) live.delete(key);
      else live.set(key, mark);
      return put(key, isGone ? undefined : mark + "x".repeat(pick(300)));
    };
    for (let at = 0; at < 4_000; at += 20) {
      await write(store, ...Array.from({ length: 20 }, (_, more) => step(at + more)));
    }
    expect(found([...live.values()]).length).toBe(live.size);
    await store.close();
    store = await open();
    expect(found(dead).length).toBeGreaterThan(0); // what SQLite itself leaves: the reason why `erase` is there
    const [key = "", mark = ""] = [...live].at(-1) ?? [];
    await store.commit({ runs: [], records: [put(key, undefined)], erase: true });
    live.delete(key);
    dead.push(mark);
    expect(found(dead)).toEqual([]);
    expect(found([...live.values()]).length).toBe(live.size);
    expect((await store.records("memory", { limit: 9_999 })).length).toBe(live.size);
    expect(await store.audit?.()).toEqual([]);
  });

  it("leave the log as soon as no other process reads (6)", async () => {
    const store = await open();
    await write(store, put("a", "<SECRET>"));
    const other = new DatabaseSync(join(dir, "pawl.db"));
    other.exec("BEGIN; SELECT * FROM records_memory");
    other.prepare("SELECT * FROM records_memory").all();
    await store.commit({ runs: [], records: [put("a", undefined)], erase: true });
    expect(found(["<SECRET>"])).toEqual(["<SECRET>"]);
    other.close();
    await write(store, put("b", 1));
    expect(found(["<SECRET>"])).toEqual([]);
  });
});

describe("safety of the settings", () => {
  it.each(["3.51.2", "3.40.1", "2.99.99", "none"])("refuses SQLite %s", (version) => {
    expect(() => refuseOldSqlite(version)).toThrow(expect.objectContaining({ code: "SQLITE_TOO_OLD" }));
  });
  it.each(["3.51.3", "3.53.0", "3.100.0", "4.0.0"])("accepts SQLite %s", (version) => {
    expect(() => refuseOldSqlite(version)).not.toThrow();
  });

  it("reads back that each commit is synchronised, and refuses less", async () => {
    await (await open()).close();
    const database = openDatabase(join(dir, "pawl.db"));
    database.exec("UPDATE owner SET epoch = epoch");
    expect(() => mustSyncFully(database)).not.toThrow();
    for (const weaker of ["NORMAL", "OFF"]) {
      database.exec(`PRAGMA synchronous = ${weaker}`);
      expect(() => mustSyncFully(database)).toThrow(expect.objectContaining({ code: "STORE_UNSAFE" }));
    }
    expect(database.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    expect(database.prepare("PRAGMA trusted_schema").get()).toEqual({ trusted_schema: 0 });
    database.close();
  });
});

describe("commit", () => {
  it("refuses an owner of the past, without a change (1)", async () => {
    const store = await open();
    await store.commit(first);
    raw("UPDATE owner SET epoch = epoch + 1");
    await expect(store.commit(next(3, "late"))).rejects.toMatchObject({ code: "STALE_EPOCH", failure: "defect" });
    await expect(store.read(run)).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(raw("SELECT count(*) AS events FROM events")).toEqual([{ events: 2 }]);
  });

  it("fails for good when SQLite fails, names the cause, and goes on from disk when opened again (4)", async () => {
    const store = await open();
    await store.commit(first);
    raw("CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no more room'); END");
    await expect(store.commit(next(3, "lost"))).rejects.toMatchObject({
      code: "STORE_FAILED",
      message: expect.stringContaining("no more room"),
    });
    raw("DROP TRIGGER refuse");
    await expect(store.commit(next(3, "lost"))).rejects.toMatchObject({ code: "STORE_FAILED" });
    await store.close();
    const again = await open();
    await again.commit(next(3, "kept"));
    expect((await again.read(run)).map((record) => record.seq)).toEqual([1, 2, 3]);
  });

  it.each(["head = 1", "head_hash = plan", "tag = 'failed'", "tags = '[]'", "created_at = 7", "seal = ''"])(
    "does not go on with a run whose line was changed: %s",
    async (change) => {
      await (await open()).commit(first);
      await stores[0]?.close();
      raw(`UPDATE runs SET ${change}`);
      const store = await open();
      const from = change === "head = 1" ? 2 : 3;
      await expect(store.commit(next(from, "on"))).rejects.toMatchObject({ code: "JOURNAL_DAMAGED" });
      expect(raw("SELECT count(*) AS events FROM events")).toEqual([{ events: 2 }]);
    },
  );

  it("names the first record that is not as it was written, and the next run can still be read", async () => {
    const store = await open();
    await store.commit(first);
    await store.commit(next(3, "three"));
    raw("UPDATE events SET payload = replace(payload, 'two', 'too') WHERE seq = 2");
    await expect(store.read(run)).rejects.toThrow(
      /Record 2 of run "one" is damaged: hash does not follow.*pawl verify/,
    );
    await expect(store.read(run)).rejects.toMatchObject({ code: "JOURNAL_DAMAGED", failure: "defect" });
    expect((await store.read(run, { from: 3 })).map((record) => record.seq)).toEqual([3]);
    expect(await store.summary(run)).toMatchObject({ head: 3 });
  });

  it.each([
    ["DELETE FROM events WHERE seq = 2", "Record 2"],
    ["DELETE FROM events WHERE seq = 3", "Record 3"],
    ["UPDATE events SET epoch = 0 WHERE seq = 3", "Record 3"],
    [
      "INSERT INTO events (run, seq, epoch, hash, payload) SELECT 1, 4, 1, hash, payload FROM events LIMIT 1",
      "Record 4",
    ],
  ])("finds what is wrong with the rows: %s", async (sql, where) => {
    const store = await open();
    await store.commit(first);
    await store.commit(next(3, "three"));
    raw(sql);
    await expect(store.read(run)).rejects.toThrow(where);
    await expect(store.read(run)).rejects.toMatchObject({ code: "JOURNAL_DAMAGED" });
  });

  it("finds a last record that was replaced, hash and all, by the head of the run's line", async () => {
    const store = await open();
    await store.commit(first);
    const [before, last] = await store.read(run);
    if (before === undefined || last === undefined) throw new Error("expected two records");
    const payload = JSON.stringify(note("forged"));
    raw(
      `UPDATE events SET payload = '${payload}', hash = '${linkHash(before.hash, last, sha256(payload))}' WHERE seq = 2`,
    );
    await expect(store.read(run)).rejects.toThrow('Record 2 of run "one" is damaged: the hash is not the head');
    expect((await store.read(run, { limit: 1 })).length).toBe(1);
  });

  it("refuses lines beside the journals that don't match their seal, one by one", async () => {
    const store = await open();
    const effect = toHash("ee".repeat(32));
    const entry = { effect, generation: 1, state: "done", run, node: toNodeId("a"), output: 5 } as const;
    await store.send({ id: "open", at: toInstant(1), command: 5 });
    await store.commit({
      ...first,
      ledger: [entry],
      results: [{ command: "done", result: { tag: "done", value: 5 } }],
    });
    const change = (table: string, column: string): unknown =>
      raw(`UPDATE ${table} SET ${column} = replace(${column}, '5', '6')`);
    const damaged = { code: "JOURNAL_DAMAGED", failure: "defect" };
    change("ledger", "entry");
    await expect(store.effect(effect)).rejects.toMatchObject(damaged);
    change("results", "result");
    await expect(store.commandResult("done")).rejects.toMatchObject(damaged);
    change("inbox", "command");
    await expect(store.inbox()).rejects.toMatchObject(damaged);
    raw("UPDATE plans SET graph = replace(graph, 'sample', 'simple')");
    await expect(store.plan(plan.hash)).rejects.toMatchObject(damaged);
    expect((await store.audit?.())?.length).toBe(4);
    expect((await store.read(run)).length).toBe(2);
  });

  it("finds a run that an index lost, by an audit", async () => {
    const store = await open();
    await store.commit(first);
    await store.close();
    const path = join(dir, "pawl.db");
    const [page] = pages("SELECT pageno FROM dbstat WHERE name = 'sqlite_autoindex_runs_1'");
    const bytes = readFileSync(path);
    const from = (Number(page) - 1) * 4_096;
    bytes.write("onf", bytes.indexOf("one", from));
    writeFileSync(path, bytes);
    const reader = await createSqliteDriver({ dir }).read();
    expect(await reader.summary(run)).toBeUndefined();
    expect((await reader.audit?.())?.map((problem) => problem.code)).toContain("JOURNAL_DAMAGED");
    await reader.close();
  });

  it("keeps the same large value once", async () => {
    const store = await open();
    const large = "x".repeat(300_000);
    await store.commit(first);
    for (const seq of [3, 4, 5]) await store.commit(next(seq, large));
    expect(raw("SELECT count(*) AS blobs FROM blobs")).toEqual([{ blobs: 1 }]);
  });

  it("uses the index of open runs, so that ended ones cost nothing", async () => {
    await (await open()).commit(first);
    const sql = "SELECT * FROM runs WHERE tag IN ('running') AND tag IN ('running', 'waiting', 'rolling-back', ";
    const rows = raw(`EXPLAIN QUERY PLAN ${sql}'cancelling', 'suspended') ORDER BY created_at DESC, no DESC LIMIT 100`);
    expect(rows).toEqual([expect.objectContaining({ detail: "SCAN runs USING INDEX runs_open" })]);
  });
});
