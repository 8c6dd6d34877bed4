import { CancelledError, PermanentError, TransientError, toExcerpt, type RuntimeFailure } from "../../base/index.ts";
import type { Method } from "./options.ts";
import { describeTarget, findTargetFault } from "./target.ts";

/** One request through the gateway. */
export interface UrlRequest {
  readonly method: Method;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** A redirect with one of these statuses is an answer and not followed. */
  readonly okStatus: readonly number[];
  readonly signal: AbortSignal;
}

const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Fields that may follow a redirect to another origin: none that could be a credential. */
const HARMLESS = ["accept", "accept-language", "content-type", "user-agent"];
/** The connection was never made, so nothing was asked. */
const NEVER_SENT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_.*|ERR_TLS_.*|ERR_SSL_.*|.*_CERT.*)$/u;

/**
 * The one way out to the network: sends a request and follows redirects, each checked like the first.
 *
 * 1. http and https only, no credentials in a URL, never from https down to http, at most 5 redirects.
 * 2. To another origin go no header fields but harmless ones.
 * 3. It guards against no address: private ones are allowed, since the plan's author may use the own network.
 *
 * @throws {CancelledError} HTTP_NOT_STARTED, HTTP_STOPPED
 * @throws {TransientError} HTTP_FAILED when the network fails.
 * @throws {PermanentError} HTTP_REDIRECT_REFUSED
 */
export async function openUrl(request: UrlRequest): Promise<Response> {
  if (request.signal.aborted) {
    throw new CancelledError("HTTP_NOT_STARTED", "Asked to stop before the request was sent; nothing was done.");
  }
  let hop = request;
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(hop, { isFirst: redirects === 0, original: request });
    const isRedirect = REDIRECTS.includes(response.status) && !request.okStatus.includes(response.status);
    const location = response.headers.get("location");
    if (!isRedirect || location === null) return response;
    await response.body?.cancel();
    if (redirects === MOST_REDIRECTS) throw refuse(request, `it redirects more than ${MOST_REDIRECTS} times`);
    hop = follow(hop, response.status, toTarget(hop, location, request));
  }
}

async function send(
  hop: UrlRequest,
  { isFirst, original }: { isFirst: boolean; original: UrlRequest },
): Promise<Response> {
  const { method, headers, body, signal } = hop;
  try {
    return await fetch(hop.url, {
      method,
      headers: { ...headers },
      redirect: "manual",
      signal,
      ...(body !== undefined && { body }),
    });
  } catch (error) {
    throw toNetworkError(error, { ...original, isSent: !isFirst || !NEVER_SENT.test(findCode(error)) });
  }
}

/** Makes the error of a request, or of reading its answer, that the network or a stop cut short. */
export function toNetworkError(
  cause: unknown,
  request: Pick<UrlRequest, "method" | "url" | "signal"> & { readonly isSent: boolean },
): RuntimeFailure {
  const target = describeTarget(request.method, request.url);
  if (request.signal.aborted) {
    return new CancelledError("HTTP_STOPPED", `${target} was told to stop. The server may have acted all the same.`, {
      cause,
    });
  }
  const mayHaveActed = request.isSent && mayAct(request.method);
  const doubt = mayHaveActed ? " It is not known whether the server acted." : "";
  const message = `${target} failed on the network (${describeCause(cause)}).${doubt} Check that the server is up and can be reached from here.`;
  return new TransientError("HTTP_FAILED", message, { cause, mayHaveActed });
}

/** Tells whether a method may change something on the server. */
export function mayAct(method: Method): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
}

function toTarget(hop: UrlRequest, location: string, request: UrlRequest): URL {
  const url = URL.parse(location, hop.url.href);
  if (url === null)
    throw refuse(request, `it redirects to ${JSON.stringify(toExcerpt(location, 100))}, which is no URL`);
  const fault = findTargetFault(url);
  if (fault !== undefined) throw refuse(request, `it redirects to ${fault}`);
  if (hop.url.protocol === "https:" && url.protocol === "http:")
    throw refuse(request, "it redirects from https down to http");
  return url;
}

/** Fetch standard, HTTP-redirect fetch: 303 becomes GET, and 301 and 302 after a POST. */
function follow(hop: UrlRequest, status: number, url: URL): UrlRequest {
  const becomesGet =
    status === 303 ? hop.method !== "HEAD" : (status === 301 || status === 302) && hop.method === "POST";
  const isSameOrigin = url.origin === hop.url.origin;
  const headers = Object.entries(hop.headers).filter(
    ([name]) => (isSameOrigin || HARMLESS.includes(name)) && !(becomesGet && name.startsWith("content-")),
  );
  const kept = { ...hop, url, headers: Object.fromEntries(headers) };
  return becomesGet ? { ...kept, method: "GET", body: undefined } : kept;
}

function refuse(request: UrlRequest, why: string): PermanentError {
  const advice = "Write the final URL into the node, or list the status in `okStatus` to get the redirect itself.";
  const message = `${describeTarget(request.method, request.url)} was not followed: ${why}. ${advice}`;
  return new PermanentError("HTTP_REDIRECT_REFUSED", message, { mayHaveActed: mayAct(request.method) });
}

/** The reason that fetch hides behind "fetch failed". */
function findReason(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

function findCode(error: unknown): string {
  const reason = findReason(error);
  return reason instanceof Error && "code" in reason ? String(reason.code) : "";
}

function describeCause(error: unknown): string {
  const reason = findReason(error);
  const code = findCode(error);
  return code === "" ? toExcerpt(reason instanceof Error ? reason.message : "unknown", 200) : code;
}
