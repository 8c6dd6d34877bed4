import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findLogDamage } from "./log-check.ts";

const PAGE = 4_096;
const FRAME = 24 + PAGE;
const COMMITS = 12;

let dir: string;
let whole: Buffer;
/** Index of the last frame of each commit. */
let ends: number[];

/** A log as a crash leaves it: written over an older one that was longer, so that old frames stand at its end. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "pawl-log-"));
  const database = new DatabaseSync(join(dir, "x.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x)");
  database.exec(`INSERT INTO t VALUES (randomblob(600000)); PRAGMA wal_checkpoint(RESTART)`);
  for (let commit = 0; commit < COMMITS; commit += 1) database.exec("INSERT INTO t VALUES (randomblob(9000))");
  whole = readFileSync(join(dir, "x.db-wal"));
  database.close();
  const count = Math.floor((whole.length - 32) / FRAME);
  const isCurrent = (frame: number): boolean =>
    whole.subarray(32 + frame * FRAME + 8, 32 + frame * FRAME + 16).equals(whole.subarray(16, 24));
  ends = Array.from({ length: count }, (_, frame) => frame).filter(
    (frame) => isCurrent(frame) && whole.readUInt32BE(32 + frame * FRAME + 4) !== 0,
  );
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const flipped = (at: number): Buffer => {
  const copy = Buffer.from(whole);
  copy[at] = (copy[at] ?? 0) ^ 4;
  return copy;
};
const inFrame = (frame: number, offset: number): number => 32 + frame * FRAME + offset;
const lastOfSecondLast = (): number => ends.at(-2) ?? 0;

describe("a write-ahead log after a crash", () => {
  it("is whole as SQLite wrote it, old frames behind it included", () => {
    expect(ends.length).toBe(COMMITS);
    expect((ends.at(-1) ?? 0) + 1).toBeLessThan((whole.length - 32) / FRAME);
    expect(findLogDamage(whole)).toBeUndefined();
    expect(findLogDamage(new Uint8Array())).toBeUndefined();
  });

  it("may end anywhere within its last commit", () => {
    const from = inFrame(lastOfSecondLast() + 1, 0);
    for (let length = from; length <= inFrame((ends.at(-1) ?? 0) + 1, 0); length += 997) {
      expect(findLogDamage(whole.subarray(0, length))).toBeUndefined();
    }
  });

  it("may have any frame of its last commit missing, as a power cut leaves it", () => {
    for (let frame = lastOfSecondLast() + 1; frame <= (ends.at(-1) ?? 0); frame += 1) {
      expect(findLogDamage(Buffer.from(whole).fill(0, inFrame(frame, 0), inFrame(frame + 1, 0)))).toBeUndefined();
    }
  });

  it("is damaged by one changed bit of the page in any frame before its last commit", () => {
    for (let frame = 0; frame <= lastOfSecondLast(); frame += 1) {
      expect(findLogDamage(flipped(inFrame(frame, 24 + ((frame * 37) % PAGE))))).toContain(`frame ${frame + 1} `);
    }
  });

  it("is damaged by one changed bit in a frame's own numbers", () => {
    for (const offset of [0, 3, 8, 12, 16, 20])
      expect(findLogDamage(flipped(inFrame(2, offset)))).toContain("frame 3 ");
  });

  it("is damaged by one changed bit of its header", () => {
    for (let at = 0; at < 32; at += 1) expect(findLogDamage(flipped(at))).toBe("its header is not as it was written");
  });
});
