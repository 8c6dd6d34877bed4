/** What a reply may take before it is given up. */
export interface ReplyLimits {
  /** Bytes of the answer, after decompression. */
  readonly maxBytes: number;
  /** Characters of text, reasoning and arguments together. */
  readonly maxCharacters: number;
  readonly maxCalls: number;
  /** Until the first piece: a large prompt on a slow machine is read for minutes. Node's fetch waits 300 s at most. */
  readonly firstMs: number;
  /** Between two pieces. */
  readonly idleMs: number;
  readonly totalMs: number;
}

export const REPLY_LIMITS: ReplyLimits = {
  maxBytes: 16 * 1024 * 1024,
  maxCharacters: 2_000_000,
  maxCalls: 128,
  firstMs: 300_000,
  idleMs: 120_000,
  totalMs: 900_000,
};
