import { isJsonObject, sha256, toHash, type Hash, type Json } from "../base/index.ts";
import type { RunEvent } from "../plan/index.ts";
import { linkHash, type ChainPoint } from "./chain.ts";
import { STORE_LIMITS } from "./limits.ts";

/*
 * How values become text.
 *
 * 1. A payload is the JSON of an event, as `JSON.stringify` writes it (so lone surrogates are escaped, and -0 is 0).
 * 2. If that is longer than STORE_LIMITS.inlineSize, each field whose JSON is longer is taken out as a blob, named by
 *    the SHA-256 of its JSON, and the payload is `{"blobs":{field: hash, ...},"rest":{...}}`, where null keeps the
 *    field's place in `rest`.
 * 3. The two forms can't be confused, whatever users put into values: references stand beside the event, never inside
 *    a value, and no event has a field `blobs`.
 */

/** A large value, kept once under the hash of its JSON. */
export interface Blob {
  readonly hash: Hash;
  readonly text: string;
}

/** Text of a value, and the blobs that it refers to. */
export interface Packed {
  readonly text: string;
  readonly blobs: readonly Blob[];
}

/** A record, ready to be kept. */
export interface EncodedEvent {
  readonly payload: string;
  readonly digest: Hash;
  readonly hash: Hash;
  readonly blobs: readonly Blob[];
}

/** Gives the text of the blob with this hash. @throws {DefectError} JOURNAL_DAMAGED if it is missing or altered. */
export type BlobSource = (hash: Hash) => string;

const LARGE_MARK = '{"blobs":{';
const none: readonly Blob[] = [];

/** Writes an event and chains it to the record `previous`. `epoch` is that of the owner who writes. */
export function encodeEvent(event: RunEvent, previous: ChainPoint, epoch: number): EncodedEvent {
  const { text, blobs } = pack(event);
  const digest = sha256(text);
  const hash = linkHash(previous.hash, { seq: previous.seq + 1, epoch }, digest);
  return { payload: text, digest, hash, blobs };
}

/** Reads a payload whose digest was checked. */
export function decodeEvent(payload: string, blobs: BlobSource): RunEvent {
  const event: RunEvent = JSON.parse(unpack(payload, blobs));
  return event;
}

/** Writes an object of ours, which has no fields `blobs` and `rest` itself, and takes its large fields out. */
export function pack(value: object): Packed {
  const text = JSON.stringify(value);
  return text.length <= STORE_LIMITS.inlineSize ? { text, blobs: none } : packLarge(value);
}

function packLarge(value: object): Packed {
  const rest: Record<string, unknown> = {};
  const references: Record<string, Hash> = {};
  const blobs: Blob[] = [];
  for (const [name, field] of Object.entries(value)) {
    const text = JSON.stringify(field);
    rest[name] = field;
    if (text === undefined || text.length <= STORE_LIMITS.inlineSize) continue;
    const blob = { hash: sha256(text), text };
    blobs.push(blob);
    references[name] = blob.hash;
    rest[name] = null;
  }
  if (blobs.length === 0) return { text: JSON.stringify(value), blobs: none };
  return { text: JSON.stringify({ blobs: references, rest }), blobs };
}

/** Gives the JSON of a packed object with its blobs put back. */
export function unpack(text: string, source: BlobSource): string {
  if (!text.startsWith(LARGE_MARK)) return text;
  const packed: Json = JSON.parse(text);
  if (!isJsonObject(packed) || !isJsonObject(packed["blobs"]) || !isJsonObject(packed["rest"])) return text;
  const references = packed["blobs"];
  const fields = Object.entries(packed["rest"]).map(([name, field]) => {
    const reference = references[name];
    const json = typeof reference === "string" ? source(toHash(reference)) : JSON.stringify(field);
    return `${JSON.stringify(name)}:${json}`;
  });
  return `{${fields.join(",")}}`;
}
