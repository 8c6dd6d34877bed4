import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNetGateway, type NetGateway } from "./gateway.ts";
import type { NetLimits, NetPolicy } from "./policy.ts";
import { toFetch } from "./to-fetch.ts";

let server: Server;
let port = 0;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const seen: { method?: string; url?: string; headers: IncomingMessage["headers"]; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString("utf8") });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  port = typeof address === "object" ? (address?.port ?? 0) : 0;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** The server is in the own network, so that it must be allowed by name; everything else is the public policy. */
const create = (policy: NetPolicy = {}): NetGateway =>
  createNetGateway({ privateHosts: ["*.example"], ports: [port], resolve: async () => ["127.0.0.1"], ...policy });
const at = (path = "/", host = "a.example"): string => `http://${host}:${port}${path}`;

const codeOf = async (attempt: Promise<unknown>): Promise<unknown> =>
  await attempt.then(
    () => "no failure",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );
const readAll = async (policy: NetPolicy, url = at()): Promise<string> =>
  await (await create(policy).open({ url })).text();
const limited = (limits: NetLimits): NetPolicy => ({ limits });

describe("an address", () => {
  it.each<[string, string[]]>([
    ["one that is private", ["10.0.0.1"]],
    ["a private one after a public one", ["93.184.215.14", "127.0.0.1"]],
    ["a private one before a public one", ["127.0.0.1", "93.184.215.14"]],
    ["what is no address", ["localhost"]],
    ["one with a zone", ["2606:2800::1%lo"]],
  ])("refuses the name when it is %s", async (_, addresses) => {
    seen.length = 0;
    const gateway = create({ privateHosts: [], resolve: async () => addresses });
    expect(await codeOf(gateway.open({ url: at() }))).toBe("NET_ADDRESS_REFUSED");
    expect(seen).toEqual([]);
  });

  it("is asked for once, and the second answer is never used", async () => {
    answer = (_, response) => void response.end("here");
    const turns = [["127.0.0.1"], ["127.0.0.2"]];
    let questions = 0;
    const resolve = async (): Promise<string[]> => turns[questions++] ?? [];
    expect(await readAll({ resolve })).toBe("here");
    expect(questions).toBe(1);
  });

  it("may be private for a host that is allowed by name, but never link-local or a cloud's", async () => {
    for (const address of ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fe80::1", "0.0.0.0"]) {
      expect(await codeOf(create({ resolve: async () => [address] }).open({ url: at() }))).toBe("NET_ADDRESS_REFUSED");
    }
    const literal = create({ privateHosts: ["127.0.0.1"] });
    answer = (_, response) => void response.end("here");
    expect(await (await literal.open({ url: at("/", "127.0.0.1") })).text()).toBe("here");
  });

  it("stands in no message", async () => {
    const gateway = create({ privateHosts: [], resolve: async () => ["10.9.8.7"] });
    await expect(gateway.open({ url: at() })).rejects.toMatchObject({ message: expect.not.stringContaining("10.9") });
  });

  it("that there is none of is a failure of the network", async () => {
    expect(await codeOf(create({ resolve: async () => [] }).open({ url: at() }))).toBe("NET_FAILED");
  });
});

describe("a host", () => {
  it.each<[string, NetPolicy]>([
    ["denied", { denyHosts: ["a.example"] }],
    ["below a denied one", { denyHosts: ["*.example"] }],
    ["denied, in capitals", { denyHosts: ["A.EXAMPLE."] }],
    ["not listed", { onlyHosts: ["b.example"] }],
    ["not below a listed one", { onlyHosts: ["*.a.example"] }],
    ["on another port", { ports: [] }],
  ])("is not asked when it is %s", async (_, policy) => {
    seen.length = 0;
    for (const host of ["a.example", "A.Example."])
      expect(await codeOf(create(policy).open({ url: at("/", host) }))).toBe("NET_URL_REFUSED");
    expect(seen).toEqual([]);
  });

  it("is checked again on a redirect", async () => {
    answer = (_, response) => void response.writeHead(302, { location: at("/", "b.example") }).end();
    expect(await codeOf(readAll({ denyHosts: ["b.example"] }))).toBe("NET_REDIRECT_REFUSED");
    const resolve = async (host: string): Promise<string[]> => [host === "a.example" ? "127.0.0.1" : "10.0.0.1"];
    expect(await codeOf(readAll({ privateHosts: ["a.example"], resolve }))).toBe("NET_ADDRESS_REFUSED");
  });
});

describe("a request", () => {
  it("has no fields of the connection, and the length of its body", async () => {
    answer = (_, response) => void response.end();
    seen.length = 0;
    const headers = { Host: "evil.example", Connection: "upgrade", "Transfer-Encoding": "chunked", "X-Own": "1" };
    await create().open({ url: at(), method: "DELETE", headers, body: "ü" });
    expect(seen).toMatchObject([{ method: "DELETE", body: "ü", headers: { host: `a.example:${port}`, "x-own": "1" } }]);
    expect(seen[0]?.headers["content-length"]).toBe("2");
    expect(seen[0]?.headers["transfer-encoding"]).toBe(undefined);
  });

  it.each([{ "a\r\nb": "1" }, { a: "1\r\nb: 2" }, { a: "✓" }])("is refused with %j", async (headers) => {
    expect(await codeOf(create().open({ url: at(), headers: { ...headers } }))).toBe("NET_REQUEST_REFUSED");
  });

  it("is not sent when the stop comes first, and is cut when it comes later", async () => {
    seen.length = 0;
    const names: string[] = [];
    const resolve = async (host: string): Promise<string[]> => {
      names.push(host);
      return ["127.0.0.1"];
    };
    const early = create({ resolve }).open({ url: at(), signal: AbortSignal.abort() });
    expect(await codeOf(early)).toBe("NET_NOT_STARTED");
    expect([names, seen]).toEqual([[], []]);
    const stop = new AbortController();
    answer = (_, response) => {
      response.write("a");
      setTimeout(() => stop.abort(), 20);
    };
    const { body } = await create().open({ url: at(), signal: stop.signal });
    expect(await codeOf(new Response(body).text())).toBe("NET_STOPPED");
  });
});

describe("a limit", () => {
  const ZLIB_HEAD = Buffer.from("7801", "hex");
  const EMPTY_BLOCK = Buffer.from("000000ffff", "hex");
  const never = async (): Promise<string[]> => await new Promise(() => undefined);

  it("of time ends the name, the silence, the pause and the whole", async () => {
    expect(await codeOf(readAll({ resolve: never, ...limited({ connectMs: 20 }) }))).toBe("NET_TIMEOUT");
    answer = () => undefined;
    const silent = create(limited({ firstByteMs: 20 })).open({ url: at(), method: "POST" });
    await expect(silent).rejects.toMatchObject({ code: "NET_TIMEOUT", failure: "transient", mayHaveActed: true });
    answer = (_, response) => void response.write("a");
    expect(await codeOf(readAll(limited({ idleMs: 20 })))).toBe("NET_TIMEOUT");
    answer = (_, response) => {
      const drip = setInterval(() => response.write("a"), 5);
      response.on("close", () => clearInterval(drip));
    };
    expect(await codeOf(readAll(limited({ idleMs: 5_000, totalMs: 60 })))).toBe("NET_TIMEOUT");
  });

  it("of time holds across redirects", async () => {
    answer = (request, response) => {
      const next = `/${Number(request.url?.slice(1)) + 1}`;
      setTimeout(() => response.writeHead(302, { location: next }).end(), 30);
    };
    expect(await codeOf(readAll(limited({ totalMs: 60 }), at("/0")))).toBe("NET_TIMEOUT");
  });

  it("of size holds for the head and the body", async () => {
    answer = (_, response) => void response.writeHead(200, { a: "b".repeat(2_000) }).end();
    expect(await codeOf(readAll(limited({ maxHeaderBytes: 1_000 })))).toBe("NET_TOO_LARGE");
    answer = (_, response) => void response.end("a".repeat(1_001));
    expect(await codeOf(readAll(limited({ maxBodyBytes: 1_000 })))).toBe("NET_TOO_LARGE");
    expect(await readAll(limited({ maxBodyBytes: 1_001 }))).toHaveLength(1_001);
  });

  it.each<[string, (data: Buffer) => Buffer]>([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
    ["deflate", deflateSync],
    ["gzip, gzip", (data) => gzipSync(gzipSync(data))],
    ["gzip, br", (data) => brotliCompressSync(gzipSync(data))],
    // Blocks that hold nothing: large between the layers, and empty in the end.
    ["deflate, gzip", ({ length }) => gzipSync(Buffer.concat([ZLIB_HEAD, Buffer.alloc(length, EMPTY_BLOCK)]))],
  ])("of size counts what %s unpacks", async (coding, pack) => {
    const bomb = pack(Buffer.alloc(4_000_000));
    expect(bomb.length).toBeLessThan(20_000);
    answer = (_, response) => void response.writeHead(200, { "content-encoding": coding }).end(bomb);
    expect(await codeOf(readAll(limited({ maxBodyBytes: 1_000_000 })))).toBe("NET_TOO_LARGE");
  });

  it("of layers leaves what was packed more often as it came", async () => {
    const packed = gzipSync(gzipSync(gzipSync(gzipSync("a"))));
    answer = (_, response) => void response.writeHead(200, { "content-encoding": "gzip,gzip,gzip,gzip" }).end(packed);
    const body = await (await create().open({ url: at() })).arrayBuffer();
    expect(Buffer.from(body)).toEqual(packed);
  });
});

describe("a policy", () => {
  it.each<[string, NetPolicy, string]>([
    ["a URL as a host", { onlyHosts: ["http://a.example/"] }, "policy.onlyHosts"],
    ["a host with a port", { privateHosts: ["a.example:80"] }, "policy.privateHosts"],
    ["a star alone", { denyHosts: ["*"] }, "policy.denyHosts"],
    ["a port that there is not", { ports: [70_000] }, "policy.ports"],
    ["a time that never comes", { limits: { totalMs: 2 ** 31 } }, "policy.limits.totalMs"],
    ["no room for a body", { limits: { maxBodyBytes: 0 } }, "policy.limits.maxBodyBytes"],
  ])("with %s is refused", (_, policy, part) => {
    expect(() => createNetGateway(policy)).toThrow(expect.objectContaining({ code: "TOOL_OPTIONS" }));
    expect(() => createNetGateway(policy)).toThrow(part);
  });

  it("takes addresses as hosts, in any form", async () => {
    answer = (_, response) => void response.end("here");
    const url = at("/", "127.0.0.1");
    for (const host of ["127.0.0.1", "0x7f.1", "2130706433"])
      expect(await (await create({ privateHosts: [host] }).open({ url })).text()).toBe("here");
    for (const host of ["::1", "[::1]", "0:0:0:0:0:0:0:1"])
      expect(await codeOf(create({ denyHosts: [host] }).open({ url: at("/", "[::1]") }))).toBe("NET_URL_REFUSED");
  });
});

describe("as a fetch", () => {
  it("takes what fetch takes, and says where the answer came from", async () => {
    const fetch = toFetch(create());
    answer = (request, response) =>
      void (request.url === "/" ? response.writeHead(307, { location: "/b" }).end() : response.end("here"));
    seen.length = 0;
    const body = new URLSearchParams({ a: "1 2" });
    const response = await fetch(new URL(at()), { method: "post", body, headers: [["X-Own", "1"]] });
    expect([response.status, response.url, await response.text()]).toEqual([200, at("/b"), "here"]);
    const type = "application/x-www-form-urlencoded;charset=UTF-8";
    expect(seen[1]).toMatchObject({ method: "POST", body: "a=1+2", headers: { "content-type": type, "x-own": "1" } });
    expect((await fetch(new Request(at()), { redirect: "manual" })).status).toBe(307);
    expect(await codeOf(fetch(at(), { redirect: "error" }))).toBe("NET_REDIRECT_REFUSED");
    expect(await codeOf(fetch(at(), { method: "PROPFIND" }))).toBe("NET_REQUEST_REFUSED");
  });

  it("gives the pieces of a stream as they come, and throws the reason of a stop", async () => {
    const stop = new AbortController();
    let end = (): void => undefined;
    answer = (_, response) => {
      response.write("data: 1\n\n");
      end = () => void response.end("data: 2\n\n");
    };
    const { body } = await toFetch(create())(at(), { signal: stop.signal });
    const pieces: string[] = [];
    for await (const piece of body ?? []) {
      pieces.push(Buffer.from(piece).toString("utf8"));
      end();
    }
    expect(pieces).toEqual(["data: 1\n\n", "data: 2\n\n"]);
    answer = () => stop.abort("enough");
    await expect(toFetch(create())(at(), { signal: stop.signal })).rejects.toBe("enough");
  });
});
