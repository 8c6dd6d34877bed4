import { PermanentError } from "../../base/index.ts";
import type { NetGateway } from "./gateway.ts";
import { METHODS } from "./method.ts";

/** What most libraries take where they let the caller bring a `fetch`. */
export type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Gives a gateway the shape of `fetch`, for libraries that speak HTTP themselves. Unlike fetch it throws the gateway's
 * typed errors; a stop throws the signal's own reason, as fetch does. A body that is sent is read into memory first.
 *
 * `redirect: "manual"` gives the redirect itself; `redirect: "error"` refuses it.
 */
export function toFetch(gateway: NetGateway): FetchFunction {
  return async (input, init) => {
    const request = new Request(input, init);
    const { url, signal } = request;
    const method = METHODS.find((known) => known === request.method);
    if (method === undefined)
      throw new PermanentError(
        "NET_REQUEST_REFUSED",
        `The gateway sends no ${request.method}, only ${METHODS.join(", ")}.`,
      );
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const headers = Object.fromEntries(request.headers);
    const unfollowed = request.redirect === "follow" ? [] : REDIRECTS;
    try {
      const answer = await gateway.open({
        method,
        url,
        headers,
        signal,
        unfollowed,
        ...(body !== undefined && { body }),
      });
      if (request.redirect === "error" && REDIRECTS.includes(answer.status)) throw await refuse(answer);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  };
}

async function refuse(answer: Response): Promise<PermanentError> {
  await answer.body?.cancel();
  return new PermanentError("NET_REDIRECT_REFUSED", `${new URL(answer.url).origin} redirects, which was not wanted.`);
}
