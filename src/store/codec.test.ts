import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256, toInstant, toNodeId, type Hash, type Json } from "../base/index.ts";
import type { RunEvent } from "../plan/index.ts";
import { CHAIN_START } from "./chain.ts";
import { decodeEvent, encodeEvent, pack, unpack, type BlobSource } from "./codec.ts";
import { STORE_LIMITS } from "./limits.ts";

const event = (output: Json): RunEvent => ({
  type: "node-succeeded",
  at: toInstant(5),
  node: toNodeId("a"),
  attempt: 1,
  output,
});

/** Blobs of an encoded event, and nothing else. */
function sourceOf(blobs: readonly { readonly hash: Hash; readonly text: string }[]): BlobSource {
  return (hash) => {
    const blob = blobs.find((item) => item.hash === hash);
    if (blob === undefined) throw new Error(`no blob ${hash}`);
    return blob.text;
  };
}

const filler = "x".repeat(STORE_LIMITS.inlineSize);

/** Values that look like our own references, small and large. */
const tricky: fc.Arbitrary<Json> = fc.oneof(
  fc.constant({ blobs: { output: sha256("1") }, rest: { output: null } }),
  fc.constant({ $blob: sha256("1") }),
  fc.constant({ blobs: { output: sha256("1") }, rest: {}, filler }),
  fc.constant('{"blobs":{'),
  fc.jsonValue().map((value): Json => JSON.parse(JSON.stringify(value))),
);

describe("the event codec", () => {
  it("gives back every event, and leaves large values out of the payload", () => {
    const check = fc.property(tricky, fc.boolean(), (value, isLarge) => {
      const original = event(isLarge ? [filler, value] : value);
      const { payload, digest, blobs } = encodeEvent(original, CHAIN_START, 1);
      expect(decodeEvent(payload, sourceOf(blobs))).toEqual(original);
      expect(digest).toBe(sha256(payload));
      expect(payload.length).toBeLessThanOrEqual(STORE_LIMITS.inlineSize + 200);
    });
    fc.assert(check, { numRuns: 60 });
  });

  it("writes small events as plain JSON", () => {
    expect(encodeEvent(event({ a: 1 }), CHAIN_START, 1)).toMatchObject({
      payload: JSON.stringify(event({ a: 1 })),
      blobs: [],
    });
  });

  it("takes out a field from one character above the limit on, not below", () => {
    const json = (length: number): Json => "y".repeat(length - 2);
    expect(encodeEvent(event(json(STORE_LIMITS.inlineSize)), CHAIN_START, 1).blobs).toEqual([]);
    const { payload, blobs } = encodeEvent(event(json(STORE_LIMITS.inlineSize + 1)), CHAIN_START, 1);
    expect(blobs).toEqual([
      { hash: sha256(blobs[0]?.text ?? ""), text: JSON.stringify(json(STORE_LIMITS.inlineSize + 1)) },
    ]);
    expect(JSON.parse(payload)).toEqual({ blobs: { output: blobs[0]?.hash }, rest: event(null) });
  });

  it("keeps the order of fields, and fields without a value away", () => {
    const { text, blobs } = pack({ b: 1, a: filler, c: undefined });
    expect(unpack(text, sourceOf(blobs))).toBe(`{"b":1,"a":"${filler}"}`);
  });
});
