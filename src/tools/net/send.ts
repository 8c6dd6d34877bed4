import { Agent, request as requestHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as SecureAgent, request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { CheckedAddress } from "./check-address.ts";
import { toHost } from "./host.ts";
import { mayAct, type Method } from "./method.ts";
import type { Trip } from "./trip.ts";

/** One request to one server. */
export interface Hop {
  readonly method: Method;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

/** A connection is used once: one that is kept would outlive the check of its address. These agents know no proxy. */
const plain = new Agent({ keepAlive: false });
const secure = new SecureAgent({ keepAlive: false });

/**
 * Sends one request over a connection to one of the checked addresses, and gives the head of its answer. The name
 * stays in `Host` and in TLS, but nobody looks it up again.
 */
export async function send(
  hop: Hop,
  addresses: readonly CheckedAddress[],
  { trip, maxHeaderBytes }: { readonly trip: Trip; readonly maxHeaderBytes: number },
): Promise<IncomingMessage> {
  const isSecure = hop.url.protocol === "https:";
  const host = toHost(hop.url);
  const options: RequestOptions & { servername: string } = {
    method: hop.method,
    hostname: host,
    port: hop.url.port === "" ? (isSecure ? 443 : 80) : hop.url.port,
    path: hop.url.pathname + hop.url.search,
    headers: { ...hop.headers, host: hop.url.host, ...toLength(hop) },
    servername: isIP(host) === 0 ? host : "",
    lookup: toPinned(addresses),
    agent: isSecure ? secure : plain,
    maxHeaderSize: maxHeaderBytes,
    insecureHTTPParser: false,
    signal: trip.signal,
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = isSecure ? requestHttps(options) : requestHttp(options);
  request.on("socket", (socket) =>
    socket.once(isSecure ? "secureConnect" : "connect", () => {
      trip.noteSent();
      trip.begin("firstByteMs");
    }),
  );
  request.on("response", resolve);
  request.on("error", reject);
  request.end(hop.body);
  const message = await promise;
  // An answer that nobody reads any more may still break.
  message.on("error", () => undefined);
  return message;
}

/** Node writes no length for a DELETE with a body, so that the server would take the body for a second request. */
function toLength({ method, body }: Hop): Readonly<Record<string, string>> {
  if (body === undefined && (!mayAct(method) || method === "DELETE")) return {};
  return { "content-length": String(body === undefined ? 0 : Buffer.byteLength(body)) };
}

function toPinned(addresses: readonly CheckedAddress[]): LookupFunction {
  return (_host, options, done) => {
    const [first] = addresses;
    if (options.all === true) done(null, [...addresses]);
    else done(null, first?.address ?? "", first?.family);
  };
}
