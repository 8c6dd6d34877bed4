import type { ChildProcessWithoutNullStreams } from "node:child_process";

/** What a process has written so far. */
export interface Collected {
  readonly stdout: () => Buffer;
  readonly stderr: () => string;
  /** How many pieces have come, from both streams. */
  readonly pieces: () => number;
}

/** How much of standard error is kept, in bytes: its end, where the reason of a failure usually stands. */
const TAIL_BYTES = 2_048;

/** Collects both streams: standard output up to its limit, then calls `onTooLarge` and keeps no more. */
export function collectOutput(
  child: ChildProcessWithoutNullStreams,
  limits: { readonly maxOutputBytes: number; readonly onOutput: () => void },
  onTooLarge: () => void,
): Collected {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let pieces = 0;
  let tail = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    pieces += 1;
    limits.onOutput();
    bytes += chunk.length;
    if (bytes <= limits.maxOutputBytes) chunks.push(chunk);
    else onTooLarge();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    pieces += 1;
    limits.onOutput();
    tail = Buffer.concat([tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
  });
  for (const stream of [child.stdout, child.stderr]) stream.on("error", () => undefined);
  return { stdout: () => Buffer.concat(chunks), stderr: () => tail.toString("utf8"), pieces: () => pieces };
}
