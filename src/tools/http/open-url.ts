import { CancelledError, PermanentError, RuntimeFailure, TransientError } from "../../base/index.ts";
import { createNetGateway } from "../net/gateway.ts";
import type { Method } from "../net/method.ts";

/** One request of a plan's author. */
export interface UrlRequest {
  readonly method: Method;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** A redirect with one of these statuses is an answer and not followed. */
  readonly okStatus: readonly number[];
  readonly signal: AbortSignal;
}

/**
 * The gateway of whoever writes plans: they may use the own network, on any port. How long it may take is the node's to
 * say; how much is read is the request's own limit, which lies below this one.
 */
const ownNetwork = createNetGateway({
  network: "own",
  limits: { firstByteMs: 300_000, idleMs: 300_000, maxBodyBytes: 2_147_483_648 },
});

/**
 * Sends a request through the network gateway, which follows redirects, each checked like the first.
 *
 * @throws {CancelledError} HTTP_NOT_STARTED, HTTP_STOPPED
 * @throws {TransientError} HTTP_FAILED when the network fails.
 * @throws {PermanentError} HTTP_REDIRECT_REFUSED
 */
export async function openUrl(request: UrlRequest): Promise<Response> {
  const { method, url, headers, body, okStatus, signal } = request;
  try {
    const asked = { method, url, headers, signal, unfollowed: okStatus, ...(body !== undefined && { body }) };
    return await ownNetwork.open(asked);
  } catch (error) {
    throw toHttpFailure(error);
  }
}

/** Gives a failure of the gateway the code that plan files know. */
export function toHttpFailure(error: unknown): unknown {
  if (!RuntimeFailure.is(error)) return error;
  const { code, message, mayHaveActed, cause } = error;
  const options = { mayHaveActed, ...(cause !== undefined && { cause }) };
  switch (code) {
    case "NET_FAILED":
    case "NET_TIMEOUT":
      return new TransientError("HTTP_FAILED", message, options);
    case "NET_NOT_STARTED":
      return new CancelledError("HTTP_NOT_STARTED", message, options);
    case "NET_STOPPED":
      return new CancelledError("HTTP_STOPPED", message, options);
    case "NET_REDIRECT_REFUSED": {
      const advice = "Write the final URL into the node, or list the status in `okStatus` to get the redirect itself.";
      return new PermanentError("HTTP_REDIRECT_REFUSED", `${message} ${advice}`, options);
    }
    default:
      return error;
  }
}
