/** The network gateway over real TLS, with a certificate that this process trusts for the time of the test. */
import { createServer as createPlain, type RequestListener, type Server } from "node:http";
import { createServer as createSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openUrl } from "../../src/tools/http/open-url.ts";
import { createNetGateway } from "../../src/tools/net/gateway.ts";
import { makeSelfSigned } from "./self-signed.ts";

const own = makeSelfSigned(["secure.example", "127.0.0.1"]);
const before = getCACertificates("default");
let locations: Readonly<Record<string, string>> = {};
const asked: string[] = [];
const hosts: unknown[] = [];
const listener: RequestListener = (request, response) => {
  const isSecure = "encrypted" in request.socket;
  const path = `${isSecure ? "https" : "http"}:${request.url}`;
  asked.push(path);
  hosts.push(request.headers.host, Reflect.get(request.socket, "servername"));
  const location = locations[path];
  response.writeHead(location === undefined ? 200 : 302, location === undefined ? {} : { location }).end("end");
};
const plain = createPlain(listener);
const secure = createSecure(own, listener);
let plainPort = 0;
let securePort = 0;

beforeAll(async () => {
  setDefaultCACertificates([...before, own.cert]);
  [plainPort, securePort] = await Promise.all([listen(plain), listen(secure)]);
});
afterAll(() => {
  setDefaultCACertificates(before);
  for (const server of [plain, secure]) server.close();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

const ask = async (url: string): Promise<Response> =>
  await openUrl({
    method: "GET",
    url: new URL(url),
    headers: {},
    body: undefined,
    okStatus: [],
    signal: new AbortController().signal,
  });

it("follows from http up to https, and never down again", async () => {
  locations = { "http:/up": `https://127.0.0.1:${securePort}/a`, "https:/down": `http://127.0.0.1:${plainPort}/b` };
  asked.length = 0;
  expect(await (await ask(`http://127.0.0.1:${plainPort}/up`)).text()).toBe("end");
  await expect(ask(`https://127.0.0.1:${securePort}/down`)).rejects.toMatchObject({ code: "HTTP_REDIRECT_REFUSED" });
  expect(asked).toEqual(["http:/up", "https:/a", "https:/down"]);
});

it("asks the checked address, and TLS and Host by the name", async () => {
  const gateway = createNetGateway({
    privateHosts: ["*.example"],
    ports: [securePort],
    resolve: async () => ["127.0.0.1"],
  });
  hosts.length = 0;
  const answer = await gateway.open({ url: `https://secure.example.:${securePort}/` });
  expect(await answer.text()).toBe("end");
  expect(hosts).toEqual([`secure.example.:${securePort}`, "secure.example"]);
  const wrong = gateway.open({ url: `https://other.example:${securePort}/`, method: "POST" });
  await expect(wrong).rejects.toMatchObject({
    code: "NET_FAILED",
    mayHaveActed: false,
    message: expect.stringContaining("ERR_TLS_CERT_ALTNAME_INVALID"),
  });
});
