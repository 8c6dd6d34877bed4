import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createConnection, type Connection } from "./connection.ts";

let dir: string;
let other: DatabaseSync;
let connection: Connection;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-connection-"));
  other = new DatabaseSync(join(dir, "x.db"));
  other.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (x INTEGER UNIQUE)");
  connection = createConnection(new DatabaseSync(join(dir, "x.db"), { timeout: 1 }));
});
afterEach(() => {
  connection.close();
  other.close();
  rmSync(dir, { recursive: true, force: true });
});

const add = (x: number): void => connection.writing(() => void connection.prepare("INSERT INTO t VALUES (?)").run(x));
const count = (): unknown => other.prepare("SELECT count(*) AS rows FROM t").get();

it("lives on when another process holds the store, since nothing was tried", () => {
  other.exec("BEGIN IMMEDIATE");
  expect(() => add(1)).toThrow(expect.objectContaining({ code: "STORE_BUSY", failure: "transient" }));
  other.exec("COMMIT");
  add(1);
  expect(count()).toEqual({ rows: 1 });
});

it("dies of a failed write, which leaves nothing behind", () => {
  expect(() =>
    connection.writing(() => {
      connection.prepare("INSERT INTO t VALUES (1)").run();
      connection.prepare("INSERT INTO t VALUES (1)").run();
    }),
  ).toThrow(expect.objectContaining({ code: "STORE_FAILED", failure: "defect" }));
  expect(count()).toEqual({ rows: 0 });
  expect(() => add(2)).toThrow(/UNIQUE constraint failed.*open it again/);
  expect(() => connection.reading("it", () => 1)).toThrow(expect.objectContaining({ code: "STORE_FAILED" }));
});

it("dies of a read that the disk refused, not of one that found damage", () => {
  const fault = (errcode: number) => () => {
    throw Object.assign(new Error("from SQLite"), { errcode });
  };
  expect(() => connection.reading("A line", fault(11))).toThrow(expect.objectContaining({ code: "JOURNAL_DAMAGED" }));
  expect(connection.reading("it", () => 1)).toBe(1);
  expect(() => connection.reading("A line", fault(10 + 256))).toThrow(
    expect.objectContaining({ code: "STORE_FAILED" }),
  );
  expect(() => add(1)).toThrow(expect.objectContaining({ code: "STORE_FAILED" }));
});

it("leaves no transaction open after a snapshot, also when the read throws", () => {
  expect(() => connection.snapshot("A line", () => JSON.parse("{"))).toThrow(
    expect.objectContaining({ code: "JOURNAL_DAMAGED" }),
  );
  add(1);
  expect(connection.snapshot("A line", () => connection.prepare("SELECT x FROM t").all())).toEqual([{ x: 1 }]);
  add(2);
  expect(count()).toEqual({ rows: 2 });
});

it("refuses calls once it is closed, and may be closed twice", () => {
  connection.close();
  connection.close();
  expect(() => add(1)).toThrow(expect.objectContaining({ code: "STORE_CLOSED" }));
});
