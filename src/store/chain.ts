import { sha256, toHash, type Hash } from "../base/index.ts";

/*
 * The hash chain of a journal.
 *
 * 1. digest = SHA-256 of the payload as UTF-8.
 * 2. hash = SHA-256 of this ASCII text: the previous record's hash (64 hexadecimal digits), a line feed, seq in
 *    decimal, a line feed, epoch in decimal, a line feed, digest (64 hexadecimal digits). No line feed at the end.
 * 3. The record before the first has a hash of 64 zeros.
 *
 * So `printf '%s\n%d\n%d\n%s' "$previous" "$seq" "$epoch" "$digest" | sha256sum` proves a link without this code, and
 * a payload that was erased leaves a chain that still proves the rest.
 */

/** Where a chain stands: the last record that is known to be good. */
export interface ChainPoint {
  readonly seq: number;
  readonly epoch: number;
  readonly hash: Hash;
}

/** What a record adds to the chain. */
export interface ChainRecord extends ChainPoint {
  readonly digest: Hash;
}

/** Before the first record. */
export const CHAIN_START: ChainPoint = { seq: 0, epoch: 0, hash: toHash("0".repeat(64)) };

/** What `verifyChain` answers: the last record, or the first one that does not fit and why. */
export type ChainCheck =
  | { readonly tag: "whole"; readonly last: ChainPoint }
  | { readonly tag: "broken"; readonly seq: number; readonly why: string };

/** Hash of a record, from its predecessor's. */
export function linkHash(
  previous: Hash,
  position: { readonly seq: number; readonly epoch: number },
  digest: Hash,
): Hash {
  return sha256(`${previous}\n${position.seq}\n${position.epoch}\n${digest}`);
}

/** Follows a chain (J1, J3): no gap in seq, no falling epoch, each hash made from the one before. */
export function verifyChain(records: Iterable<ChainRecord>, start: ChainPoint = CHAIN_START): ChainCheck {
  let last = start;
  for (const record of records) {
    const why = faultOf(record, last);
    if (why !== undefined) return { tag: "broken", seq: last.seq + 1, why };
    last = record;
  }
  return { tag: "whole", last };
}

function faultOf(record: ChainRecord, last: ChainPoint): string | undefined {
  if (record.seq !== last.seq + 1) return `expected record ${last.seq + 1}, found record ${record.seq}`;
  if (record.epoch < last.epoch) return `epoch falls from ${last.epoch} to ${record.epoch}`;
  if (record.hash !== linkHash(last.hash, record, record.digest)) return "hash does not follow from the record";
  return undefined;
}
