import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256, toHash } from "../base/index.ts";
import { CHAIN_START, linkHash, verifyChain, type ChainRecord } from "./chain.ts";

const payloads = fc.array(fc.string(), { minLength: 1, maxLength: 8 });

function chainOf(contents: readonly string[]): ChainRecord[] {
  const records: ChainRecord[] = [];
  let previous = CHAIN_START.hash;
  for (const [at, content] of contents.entries()) {
    const position = { seq: at + 1, epoch: 1 + Math.floor(at / 3) };
    const digest = sha256(content);
    previous = linkHash(previous, position, digest);
    records.push({ ...position, digest, hash: previous });
  }
  return records;
}

describe("the hash chain", () => {
  it("has the byte layout that chain.ts states", () => {
    // printf '%064d\n%d\n%d\n%s' 0 1 7 "$(printf '{"a":1}' | sha256sum | cut -c 1-64)" | sha256sum
    const digest = toHash("015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
    expect(sha256('{"a":1}')).toBe(digest);
    expect(linkHash(CHAIN_START.hash, { seq: 1, epoch: 7 }, digest)).toBe(
      "8e60c26be2d4bcbc6dbaafde73bc1c4dfb1c727bc21b0b292bb663cbbd23c2ea",
    );
  });

  it("is whole as it was made, from any point on", () => {
    const check = fc.property(payloads, fc.nat(), (contents, cut) => {
      const records = chainOf(contents);
      const at = cut % records.length;
      const end = records.at(-1);
      expect(verifyChain(records)).toMatchObject({ tag: "whole", last: { seq: end?.seq, hash: end?.hash } });
      expect(verifyChain(records.slice(at), records[at - 1] ?? CHAIN_START)).toMatchObject({ tag: "whole" });
    });
    fc.assert(check);
  });

  const changes: Readonly<Record<string, (records: ChainRecord[], at: number) => ChainRecord[]>> = {
    "a lost record": (records, at) => records.toSpliced(at, 1),
    "a record twice": (records, at) => records.toSpliced(at, 0, ...records.slice(at, at + 1)),
    "another digest": (records, at) =>
      records.map((item, i) => (i === at ? { ...item, digest: sha256("other") } : item)),
    "another epoch": (records, at) => records.map((item, i) => (i === at ? { ...item, epoch: item.epoch + 1 } : item)),
    "another hash": (records, at) => records.map((item, i) => (i === at ? { ...item, hash: sha256("other") } : item)),
    "another number": (records, at) => records.map((item, i) => (i === at ? { ...item, seq: item.seq + 1 } : item)),
  };

  it.each(Object.entries(changes))("breaks at the first place with %s", (name, change) => {
    const check = fc.property(payloads, fc.nat(), (contents, where) => {
      const records = chainOf([...contents, "last"]);
      const at = where % contents.length;
      const expected = name === "a record twice" ? at + 2 : at + 1;
      expect(verifyChain(change(records, at))).toMatchObject({ tag: "broken", seq: expected });
    });
    fc.assert(check);
  });

  it("breaks where a number is left out, even if all hashes follow", () => {
    const digest = sha256("x");
    const first = linkHash(CHAIN_START.hash, { seq: 1, epoch: 1 }, digest);
    const third = linkHash(first, { seq: 3, epoch: 1 }, digest);
    const records = [
      { seq: 1, epoch: 1, digest, hash: first },
      { seq: 3, epoch: 1, digest, hash: third },
    ];
    expect(verifyChain(records)).toEqual({ tag: "broken", seq: 2, why: "expected record 2, found record 3" });
  });

  it("breaks where the epoch falls, even if all hashes follow", () => {
    const digest = sha256("x");
    const first = linkHash(CHAIN_START.hash, { seq: 1, epoch: 2 }, digest);
    const second = linkHash(first, { seq: 2, epoch: 1 }, digest);
    const records = [
      { seq: 1, epoch: 2, digest, hash: first },
      { seq: 2, epoch: 1, digest, hash: second },
    ];
    expect(verifyChain(records)).toEqual({ tag: "broken", seq: 2, why: "epoch falls from 2 to 1" });
  });
});
