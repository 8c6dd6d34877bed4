import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RuntimeFailure, sha256, toHash, toInstant, toNodeId, toRunId } from "../../src/base/index.ts";
import { createSqliteDriver } from "../../src/drivers/sqlite/index.ts";
import { checkFolder, type StoreReader } from "../../src/store/index.ts";
import { created, going, samplePlan, starts, succeeded, turning } from "./samples.ts";

/*
 * Damages a state folder in many ways, each time from the same whole one. Whatever is read then must be what was
 * written, or an error must say that it isn't. A different answer without a word is the one thing that may not happen.
 */

const MUTATIONS = Number(process.env["PAWL_DAMAGE"] ?? 200);
const timeout = 60_000 + MUTATIONS * 500;
const SEED = Number(process.env["PAWL_SEED"] ?? 1);

const runs = ["r1", "r2", "r3"].map(toRunId);
const effect = toHash("ee".repeat(32));
const large = "large ".repeat(60_000);

let base: string;
let closed: string;
let crashed: string;
let expected: Seen;
let withoutLast: Seen;

/** What came of each read: a value, or the code of an error. */
type Seen = Readonly<Record<string, { readonly value: unknown } | { readonly code: string }>>;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "pawl-damage-"));
  closed = join(base, "closed");
  crashed = join(base, "crashed");
  const store = await createSqliteDriver({ dir: closed }).open();
  const events = Array.from({ length: 15 }, (_, at) =>
    succeeded({ at, text: "some text ".repeat(at * 9) }, 2_000 + at),
  );
  const startAll = runs.map((run, at) => ({
    run,
    from: 1,
    tag: "running" as const,
    events: [created(run, { tags: ["shop", `t${at}`] }), ...events],
  }));
  await store.commit(starts(...startAll));
  await store.commit({
    runs: runs.map((run) => going(run, 17, succeeded(large), ...events)),
    ledger: [{ effect, generation: 1, state: "done", run: toRunId("r1"), node: toNodeId("a"), output: { paid: 5 } }],
  });
  await store.send({ id: "old", at: toInstant(5), command: { go: 1 } });
  await store.send({ id: "new", at: toInstant(6), command: { go: 2 } });
  await store.commit({ runs: [], results: [{ command: "old", result: { tag: "done", value: "went" } }] });
  const records = ["a", "b", "c"].map(
    (key) => ({ collection: "memory", key, value: { text: key.repeat(99) } }) as const,
  );
  await store.commit({ runs: [], records });
  withoutLast = await observe(store);
  await store.commit({ runs: [turning(going(toRunId("r2"), 33, succeeded("the end", 9_000)), "succeeded")] });
  expected = await observe(store);
  cpSync(closed, crashed, { recursive: true });
  await store.close();
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

async function observe(reader: StoreReader): Promise<Seen> {
  const reads: Record<string, () => Promise<unknown>> = {
    list: () => reader.list({}),
    plan: () => reader.plan(samplePlan.hash),
    effect: () => reader.effect(effect),
    result: () => reader.commandResult("old"),
    record: () => reader.record("memory", "b"),
    records: () => reader.records("memory"),
  };
  for (const run of runs) {
    reads[`summary ${run}`] = () => reader.summary(run);
    reads[`journal ${run}`] = () => reader.read(run);
    reads[`tail ${run}`] = () => reader.read(run, { from: 20 });
  }
  const seen: Record<string, { value: unknown } | { code: string }> = {};
  for (const [name, read] of Object.entries(reads)) seen[name] = await settle(read);
  return seen;
}

async function settle(read: () => Promise<unknown>): Promise<{ value: unknown } | { code: string }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!RuntimeFailure.is(error)) throw error;
    return { code: error.code };
  }
}

interface Verdict {
  readonly opens: boolean;
  /** Reads that answered something else. */
  readonly wrong: readonly string[];
  readonly errors: readonly string[];
  readonly problems: number;
}

/** Opens a folder as a client does and looks at everything in it. */
async function examine(dir: string): Promise<Verdict & { readonly seen: Seen | undefined }> {
  let reader: StoreReader;
  try {
    reader = await createSqliteDriver({ dir }).read();
  } catch (error) {
    if (!RuntimeFailure.is(error)) throw error;
    return { opens: false, wrong: [], errors: [error.code], problems: 1, seen: undefined };
  }
  const seen = await observe(reader);
  const names = Object.keys(expected);
  const wrong = names.filter((name) => {
    const now = seen[name];
    return now !== undefined && "value" in now && !isDeepStrictEqual(now, expected[name]);
  });
  const errors = Object.values(seen).flatMap((item) => ("code" in item ? [item.code] : []));
  const problems = await countProblems(reader);
  await reader.close();
  return { opens: true, wrong, errors, problems, seen };
}

async function countProblems(reader: StoreReader): Promise<number> {
  const counted = await settle(async () => {
    let count = 0;
    for await (const _problem of checkFolder(reader)) count += 1;
    return count;
  });
  return "code" in counted ? 1 : Number(counted.value);
}

/** Numbers that only depend on the seed, so that a failing case can be had again. */
function numbersFrom(text: string): (below: number) => number {
  let state = sha256(text);
  return (below) => {
    state = sha256(state);
    return Number.parseInt(state.slice(0, 12), 16) % below;
  };
}

async function onCopy<T>(of: string, damage: (dir: string) => void, look: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(base, "case-"));
  cpSync(of, dir, { recursive: true });
  damage(dir);
  const found = await look(dir);
  rmSync(dir, { recursive: true, force: true });
  return found;
}

function flipBit(path: string, pick: (below: number) => number): string {
  const bytes = readFileSync(path);
  const at = pick(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
  writeFileSync(path, bytes);
  return `byte ${at}`;
}

const tables = [
  "runs",
  "runs",
  "runs",
  "events",
  "events",
  "events",
  "blobs",
  "plans",
  "ledger",
  "results",
  "inbox",
  "records_memory",
  "collections",
];

/** Changes one value of one row, deletes a row, or exchanges a value between two rows. */
function changeRow(path: string, pick: (below: number) => number): string {
  const database = new DatabaseSync(path);
  const choose = <T>(items: readonly T[], otherwise: T): T => items[pick(items.length)] ?? otherwise;
  const table = choose(tables, "runs");
  const rows = database.prepare(`SELECT rowid AS row, * FROM ${table}`).all();
  const { row = null, ...values } = choose(rows, {});
  const column = choose(Object.keys(values), "");
  const kind = choose(["delete", "exchange", "alter", "alter"], "alter");
  const value = kind === "exchange" ? (choose(rows, {})[column] ?? null) : altered(values[column] ?? null, pick);
  try {
    if (kind === "delete") database.prepare(`DELETE FROM ${table} WHERE rowid = ?`).run(row);
    else database.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = ?`).run(value, row);
  } catch {
    // A constraint refused it: then nothing is damaged, which is fine as well.
  }
  database.close();
  return `${kind} ${table}.${column}`;
}

function altered(value: SQLOutputValue, pick: (below: number) => number): SQLOutputValue {
  if (typeof value === "number") return value + 1 - 2 * pick(2);
  if (typeof value !== "string" || value === "") return "x";
  const at = pick(value.length);
  const code = value.charCodeAt(at) ^ (1 << pick(5));
  return value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1);
}

describe(`damage, seed ${SEED}`, () => {
  it("reads the whole folder as it was written, without a problem", async () => {
    for (const dir of [closed, crashed]) {
      const verdict = await onCopy(dir, () => {}, examine);
      expect(verdict).toMatchObject({ opens: true, wrong: [], errors: [], problems: 0 });
    }
  });

  it(`is never read wrong without a word: ${MUTATIONS} changed rows`, { timeout }, async () => {
    const tried = await tryAll("row", closed, (dir, pick) => changeRow(join(dir, "pawl.db"), pick));
    expect(tried.silent).toEqual([]);
    expect(tried.found).toBeGreaterThan(MUTATIONS / 2);
  });

  it(`is never read wrong without a word: ${MUTATIONS} changed bits of the file`, { timeout }, async () => {
    const tried = await tryAll("bit", closed, (dir, pick) => flipBit(join(dir, "pawl.db"), pick));
    expect(tried.silent).toEqual([]);
    expect(tried.found).toBeGreaterThan(MUTATIONS / 4);
  });

  it(`loses at most the last commit to a changed bit of the log: ${MUTATIONS}`, { timeout }, async () => {
    const tried = await tryAll("log", crashed, (dir, pick) => flipBit(join(dir, "pawl.db-wal"), pick));
    const other = tried.seen.filter(
      (seen) => !isDeepStrictEqual(seen, expected) && !isDeepStrictEqual(seen, withoutLast),
    );
    expect(other).toEqual([]);
    expect(tried.found).toBeGreaterThan(MUTATIONS / 2);
  });
});

interface Tried {
  /** Damage that changed what is read, without a word. */
  readonly silent: string[];
  readonly seen: Seen[];
  found: number;
}

/** Damages copies of a folder, one after the other. */
async function tryAll(
  kind: string,
  of: string,
  damage: (dir: string, pick: (below: number) => number) => string,
): Promise<Tried> {
  const tried: Tried = { silent: [], seen: [], found: 0 };
  for (let at = 0; at < MUTATIONS; at += 1) {
    const pick = numbersFrom(`${kind} ${SEED} ${at}`);
    let what = "";
    const verdict = await onCopy(of, (dir) => (what = damage(dir, pick)), examine);
    const isFound = verdict.errors.length > 0 || verdict.problems > 0;
    const wrong = isFound ? wrongJournals(verdict.seen) : verdict.wrong;
    if (kind !== "log") tried.silent.push(...wrong.map((name) => `${at}: ${what}: ${name}`));
    if (verdict.seen !== undefined) tried.seen.push(verdict.seen);
    if (isFound) tried.found += 1;
  }
  return tried;
}

/** Even without a check of the whole folder, a run that is there is never read wrong. */
function wrongJournals(seen: Seen | undefined): readonly string[] {
  return runs
    .flatMap((run) => [`summary ${run}`, `journal ${run}`])
    .filter((name) => {
      const now = seen?.[name];
      if (now === undefined || "code" in now || isDeepStrictEqual(now, expected[name])) return false;
      const isGone = now.value === undefined || (Array.isArray(now.value) && now.value.length === 0);
      return !isGone;
    });
}
