import { PermanentError, toExcerpt } from "../../base/index.ts";
import { findAddresses } from "./check-address.ts";
import { findPolicyFault } from "./check-target.ts";
import { findFieldFault, toFollowingFields, toSentFields } from "./header-fields.ts";
import type { Method } from "./method.ts";
import { readPolicy, type NetPolicy, type NetRules } from "./policy.ts";
import { send, type Hop } from "./send.ts";
import { findTargetFault } from "./target.ts";
import { toResponse } from "./to-response.ts";
import { beginTrip, type Trip } from "./trip.ts";

/** One request through the gateway. */
export interface NetRequest {
  /** Default: GET. */
  readonly method?: Method;
  readonly url: string | URL;
  /** Fields of the connection itself (`host`, `content-length`, `connection` …) are left out. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** A redirect with one of these statuses is an answer and not followed. */
  readonly unfollowed?: readonly number[];
}

/** The one way out to the network, under one policy. It keeps nothing open between two requests. */
export interface NetGateway {
  /**
   * Sends a request and gives the answer with its final `url`; the body comes as it is read and must be read to its end
   * or cancelled. What goes wrong in the body is thrown to its reader, with the same codes.
   *
   * @throws {PermanentError} NET_URL_REFUSED, NET_REQUEST_REFUSED, NET_ADDRESS_REFUSED, NET_REDIRECT_REFUSED, NET_TOO_LARGE
   * @throws {TransientError} NET_TIMEOUT, NET_FAILED
   * @throws {CancelledError} NET_NOT_STARTED, NET_STOPPED
   */
  readonly open: (request: NetRequest) => Promise<Response>;
}

const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Makes a gateway.
 *
 * 1. Only http and https, without credentials in the URL, on the ports and hosts of the policy.
 * 2. A name is looked up once; every address that it has is checked, and the connection goes to a checked one.
 * 3. A redirect is a new request: checked from scratch, at most 5, never from https down to http, and to another
 *    origin go no header fields but harmless ones.
 * 4. Time and size are limited at every step, the size of a body also after decompression.
 * 5. Proxies of the environment are not used: they would look names up again.
 *
 * @throws {InputError} TOOL_OPTIONS when the policy makes no sense.
 */
export function createNetGateway(policy: NetPolicy = {}): NetGateway {
  const rules = readPolicy(policy);
  return { open: async (request) => await open(request, rules) };
}

async function open(request: NetRequest, rules: NetRules): Promise<Response> {
  const first = toFirstHop(request, rules);
  const trip = beginTrip({ method: first.method, url: first.url, signal: request.signal }, rules.limits);
  try {
    return await goOut(first, { unfollowed: request.unfollowed ?? [], rules, trip });
  } catch (error) {
    trip.end();
    throw trip.toFailure(error);
  }
}

interface Way {
  readonly unfollowed: readonly number[];
  readonly rules: NetRules;
  readonly trip: Trip;
}

async function goOut(first: Hop, { unfollowed, rules, trip }: Way): Promise<Response> {
  const { maxHeaderBytes, maxBodyBytes } = rules.limits;
  let hop = first;
  for (let redirects = 0; ; redirects += 1) {
    trip.signal.throwIfAborted();
    trip.begin("connectMs");
    const addresses = await findAddresses(hop.url, rules, trip);
    const message = await send(hop, addresses, { trip, maxHeaderBytes });
    trip.pause();
    const { statusCode: status = 0, headers } = message;
    const isRedirect = REDIRECTS.includes(status) && !unfollowed.includes(status);
    if (!isRedirect || headers.location === undefined) return toResponse(message, hop, { trip, maxBodyBytes });
    message.destroy();
    if (redirects === MOST_REDIRECTS) throw refuseRedirect(trip, `it redirects more than ${MOST_REDIRECTS} times`);
    hop = follow(hop, status, toTarget(hop, headers.location, { rules, trip }));
  }
}

function toFirstHop(request: NetRequest, rules: NetRules): Hop {
  const { method = "GET", headers = {}, body } = request;
  const url = URL.parse(String(request.url));
  const fault = url === null ? "no absolute URL" : findPolicyFault(url, rules);
  if (url === null || fault !== undefined) {
    const shown = url === null || findTargetFault(url) !== undefined ? "The URL" : `${method} ${url.origin}`;
    const message = `${shown} was not asked: it is ${fault ?? "nothing"}. Give an absolute http or https URL of a host and port that the policy allows, without user and password.`;
    throw new PermanentError("NET_URL_REFUSED", message);
  }
  const badField = findFieldFault(headers);
  if (badField !== undefined) {
    const message = `${method} ${url.origin} was not asked: the header field ${JSON.stringify(toExcerpt(badField, 50))} cannot be sent. Names are tokens, values are Latin-1 without line breaks.`;
    throw new PermanentError("NET_REQUEST_REFUSED", message);
  }
  return { method, url, headers: toSentFields(headers), body };
}

function toTarget(hop: Hop, location: string, { rules, trip }: Pick<Way, "rules" | "trip">): URL {
  const url = URL.parse(location, hop.url.href);
  if (url === null)
    throw refuseRedirect(trip, `it redirects to ${JSON.stringify(toExcerpt(location, 100))}, which is no URL`);
  const fault = findPolicyFault(url, rules);
  if (fault !== undefined) throw refuseRedirect(trip, `it redirects to ${fault}`);
  if (hop.url.protocol === "https:" && url.protocol === "http:")
    throw refuseRedirect(trip, "it redirects from https down to http");
  return url;
}

/** Fetch standard, HTTP-redirect fetch: 303 becomes GET, and 301 and 302 after a POST. */
function follow(hop: Hop, status: number, url: URL): Hop {
  const becomesGet =
    status === 303 ? hop.method !== "HEAD" : (status === 301 || status === 302) && hop.method === "POST";
  const isSameOrigin = url.origin === hop.url.origin;
  const kept = { ...hop, url, headers: toFollowingFields(hop.headers, { isSameOrigin, becomesGet }) };
  return becomesGet ? { ...kept, method: "GET", body: undefined } : kept;
}

function refuseRedirect(trip: Trip, why: string): PermanentError {
  const message = `${trip.target} was not followed: ${why}.`;
  return new PermanentError("NET_REDIRECT_REFUSED", message, { mayHaveActed: trip.mayHaveActed() });
}
