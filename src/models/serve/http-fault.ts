import type { ServerResponse } from "node:http";
import { pause } from "../wire/pause.ts";

/** What a server sends instead of a reply, byte for byte. */
export interface HttpFault {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent one after the other; may be endless. */
  readonly pieces?: Iterable<string | Uint8Array>;
  /** Before the status, and between the pieces. */
  readonly delayMs?: number;
  readonly pieceMs?: number;
  /** `cut`: the connection is destroyed. `hang`: nothing more comes. Default `close`: the answer ends as it should. */
  readonly end?: "close" | "cut" | "hang";
}

/** Sends a fault, until the client goes away. */
export async function sendFault(fault: HttpFault, response: ServerResponse, gone: AbortSignal): Promise<void> {
  if (fault.delayMs !== undefined) await pause(fault.delayMs, gone);
  if (gone.aborted) return;
  response.writeHead(fault.status ?? 200, { "content-type": "text/event-stream", ...fault.headers });
  response.flushHeaders();
  for (const piece of fault.pieces ?? []) {
    if (gone.aborted) return;
    if (!response.write(piece)) await drained(response, gone);
    if (fault.pieceMs !== undefined) await pause(fault.pieceMs, gone);
  }
  if (fault.end === "hang") return;
  if (fault.end !== "cut") return void response.end();
  // What was written has to leave first.
  response.write("\n", () => response.destroy());
}

async function drained(response: ServerResponse, gone: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    response.once("drain", resolve);
    gone.addEventListener("abort", () => resolve(), { once: true });
  });
}
