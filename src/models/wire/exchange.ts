import { RuntimeFailure } from "../../base/index.ts";
import type { Endpoint } from "./endpoint.ts";
import { toCut, toInvalid, toStatusFailure, toTimedOut, toUnreachable } from "./failures.ts";
import { toStopped } from "./stopped.ts";
import type { ReplyLimits } from "./limits.ts";
import { readText } from "./read-body.ts";

/** One request to a model's server. */
export interface WireCall {
  readonly endpoint: Endpoint;
  readonly path: string;
  /** JSON text; without one it is a GET. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly limits: ReplyLimits;
}

/** An answer that is no complaint, whose body is still to be read. */
export interface WireAnswer {
  readonly isStream: boolean;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Sends a request and reads its answer.
 *
 * 1. When it is over, however it is over, the connection is free: what is not read is not waited for.
 * 2. Time is limited to the first piece, between pieces, and as a whole.
 * 3. Redirects are not followed: the key and the conversation go only to the address that was given.
 * 4. Every way to fail is one of the five classes, and a stop by the caller is always told as a stop.
 */
export async function exchange<T>(call: WireCall, read: (answer: WireAnswer) => Promise<T>): Promise<T> {
  const { endpoint, signal, limits } = call;
  if (signal.aborted) throw toStopped(endpoint, signal.reason);
  const watch = startWatch(limits);
  const place = { isAnswered: false };
  try {
    const response = await send(call, AbortSignal.any([signal, watch.signal]));
    place.isAnswered = true;
    const body = watch.pieces(response.body);
    if (!response.ok) throw await toRefusal(call, response, body);
    return await read({ isStream: isStream(response, endpoint), body });
  } catch (error) {
    throw toFailure(error, { call, expired: watch.expired(), isAnswered: place.isAnswered });
  } finally {
    watch.end();
  }
}

function send({ endpoint, path, body, headers }: WireCall, signal: AbortSignal): Promise<Response> {
  // Read when it is needed: touching the global loads Node's HTTP client.
  const { fetch = globalThis.fetch } = endpoint;
  return fetch(endpoint.baseUrl + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "user-agent": "pawl", "content-type": "application/json", ...endpoint.headers, ...headers },
    redirect: "manual",
    signal,
    ...(body !== undefined && { body }),
  });
}

function isStream(response: Response, endpoint: Endpoint): boolean {
  const type = response.headers.get("content-type")?.toLowerCase() ?? "";
  if (type.includes("text/html")) throw toInvalid(endpoint, "a web page", true);
  return type.includes("text/event-stream");
}

async function toRefusal(
  { endpoint }: WireCall,
  response: Response,
  body: AsyncIterable<Uint8Array>,
): Promise<RuntimeFailure> {
  if (response.status < 400) {
    return toInvalid(endpoint, `status ${response.status}, a redirect that is not followed`, true);
  }
  // The status says enough, should the words be lost or endless.
  const words = await readText(body, 64 * 1024, endpoint).catch(() => "");
  return toStatusFailure({ status: response.status, headers: response.headers, body: words }, endpoint);
}

interface Ending {
  readonly call: WireCall;
  readonly expired: string | undefined;
  readonly isAnswered: boolean;
}

function toFailure(error: unknown, { call, expired, isAnswered }: Ending): RuntimeFailure {
  const { endpoint, signal } = call;
  if (signal.aborted) return toStopped(endpoint, error);
  if (expired !== undefined) return toTimedOut(endpoint, expired);
  if (RuntimeFailure.is(error)) return error;
  return isAnswered ? toCut(endpoint, error) : toUnreachable(endpoint, error);
}

interface Watch {
  readonly signal: AbortSignal;
  readonly pieces: (body: ReadableStream<Uint8Array> | null) => AsyncIterable<Uint8Array>;
  /** What took too long. */
  readonly expired: () => string | undefined;
  readonly end: () => void;
}

function startWatch(limits: ReplyLimits): Watch {
  const controller = new AbortController();
  let expired: string | undefined;
  const start = (ms: number, what: string): NodeJS.Timeout =>
    setTimeout(() => {
      expired ??= what;
      controller.abort();
    }, ms);
  const total = start(limits.totalMs, `the reply was not whole after ${limits.totalMs} ms`);
  let piece = start(limits.firstMs, `nothing came for ${limits.firstMs} ms`);
  async function* pieces(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
    if (body === null) return;
    for await (const chunk of body) {
      clearTimeout(piece);
      yield chunk;
      piece = start(limits.idleMs, `nothing more came for ${limits.idleMs} ms`);
    }
  }
  const end = (): void => {
    clearTimeout(total);
    clearTimeout(piece);
    controller.abort();
  };
  return { signal: controller.signal, pieces, expired: () => expired, end };
}
