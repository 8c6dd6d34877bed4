import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import type { ClientPackage } from "./load.ts";
import type { McpAddress } from "./options.ts";

/** A server at a URL. */
export interface HttpTransport {
  readonly transport: Transport;
  /** The stream on which the server tells what changes is lost for good. */
  readonly isDeaf: () => boolean;
  /** Nothing was heard for a while, or what was heard last was trouble. */
  readonly isDoubtful: () => boolean;
  /** Tells the server that the session is over. */
  readonly endSession: () => Promise<void>;
  readonly hasSession: () => boolean;
}

/** The code of the answer that stands for an answer which never came. JSON-RPC leaves it to the implementation. */
export const STREAM_LOST = -32_099;

const MOST_MESSAGE_BYTES = 33_554_432;
/** A connection that was used so lately is taken to be there still. */
const FRESH_MS = 250;
const RECONNECTION = {
  initialReconnectionDelay: 250,
  reconnectionDelayGrowFactor: 2,
  maxReconnectionDelay: 2_000,
  maxRetries: 3,
};

/**
 * Speaks streamable HTTP.
 *
 * 1. A stream that ends before its answer, and can't be resumed, ends its request: the library alone would wait on.
 * 2. A cancelled request gives its connection back.
 * 3. No message is larger than 32 MiB; redirects stay on their origin.
 */
export function createHttpTransport(address: McpAddress, sdk: ClientPackage): HttpTransport {
  const open = new Map<string | number, AbortController>();
  let isDeaf = false;
  let heardAt = Number.NEGATIVE_INFINITY;
  const http = new sdk.StreamableHTTPClientTransport(new URL(address.url), {
    fetch: limitFetch(address.fetch ?? fetch),
    requestInit: { headers: { ...address.headers } },
    reconnectionOptions: RECONNECTION,
  });
  const inner: Transport = http;
  const receive = (message: JSONRPCMessage): void => {
    heardAt = performance.now();
    if (!("method" in message) && message.id !== undefined) open.delete(message.id);
    transport.onmessage?.(message);
  };
  const notice = (error: Error): void => {
    heardAt = Number.NEGATIVE_INFINITY;
    isDeaf ||= error.message.startsWith("Maximum reconnection attempts");
    transport.onerror?.(error);
  };
  const transport: Transport = {
    start: async () => {
      const onclose = (): void => transport.onclose?.();
      Object.assign(inner, { onmessage: receive, onclose, onerror: notice });
      await inner.start();
    },
    send: async (message, options) => {
      if (!("method" in message) || !("id" in message)) {
        await inner.send(message, options);
        release(open, message);
        return;
      }
      const controller = new AbortController();
      open.set(message.id, controller);
      const onRequestStreamEnd = (): void => {
        if (!open.has(message.id)) return;
        receive(toLost(message.id));
        heardAt = Number.NEGATIVE_INFINITY;
      };
      await inner.send(message, { ...options, requestSignal: controller.signal, onRequestStreamEnd });
    },
    close: async () => await inner.close(),
    setProtocolVersion: (version) => http.setProtocolVersion(version),
  };
  return {
    transport,
    isDeaf: () => isDeaf,
    isDoubtful: () => performance.now() - heardAt > FRESH_MS,
    endSession: async () => await http.terminateSession(),
    hasSession: () => http.sessionId !== undefined,
  };
}

function toLost(id: string | number): JSONRPCMessage {
  return { jsonrpc: "2.0", id, error: { code: STREAM_LOST, message: "The stream ended before its answer." } };
}

function release(open: Map<string | number, AbortController>, message: JSONRPCMessage): void {
  if (!("method" in message) || message.method !== "notifications/cancelled") return;
  const id = message.params?.["requestId"];
  if (typeof id !== "string" && typeof id !== "number") return;
  open.get(id)?.abort();
  open.delete(id);
}

type Fetch = NonNullable<McpAddress["fetch"]>;

function limitFetch(fetch: Fetch): Fetch {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!response.ok || response.body === null) return response;
    const isStream = response.headers.get("content-type")?.includes("text/event-stream") === true;
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(limitLines(isStream)), { status, statusText, headers });
  };
}

/** Of a stream, each line is one message; of anything else, the whole. */
function limitLines(isStream: boolean): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      const lineEnd = isStream ? chunk.lastIndexOf(10) : -1;
      bytes = lineEnd < 0 ? bytes + chunk.length : chunk.length - lineEnd - 1;
      if (bytes > MOST_MESSAGE_BYTES)
        controller.error(new Error(`A message is larger than ${MOST_MESSAGE_BYTES} bytes.`));
      else controller.enqueue(chunk);
    },
  });
}
