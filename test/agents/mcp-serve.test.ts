import { createServer, request } from "node:http";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../src/base/index.ts";
import { connectMcp } from "../../src/tools/mcp/connect.ts";
import { serveMcp } from "../../src/tools/mcp/serve.ts";
import type { McpServing } from "../../src/tools/mcp/served.ts";
import { callTool } from "./mcp-servers.ts";
import { toOwnService } from "./own-mcp-server.ts";

const OWN = join(import.meta.dirname, "own-mcp-server.ts");
const TOKEN = "a-token-of-more-than-thirty-two-characters";

const cancelled = { count: 0 };
let serving: McpServing;
let url = new URL("http://localhost");
beforeAll(async () => {
  serving = await serveMcp(
    toOwnService(() => (cancelled.count += 1)),
    { type: "http", token: TOKEN, origins: ["https://good.example"] },
  );
  url = new URL(serving.url ?? "");
});
afterAll(async () => await serving.close());

/** Waits for something; the test's own limit ends the wait. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}

const authorization = `Bearer ${TOKEN}`;
const toHttp = (): StreamableHTTPClientTransport =>
  new StreamableHTTPClientTransport(url, { requestInit: { headers: { authorization } } });
const toStdio = (): StdioClientTransport => new StdioClientTransport({ command: process.execPath, args: [OWN] });

/** The real client of the protocol's makers, of either generation. */
async function connect(way: "stdio" | "http", mode: "legacy" | "auto"): Promise<Client> {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(way === "http" ? toHttp() : toStdio());
  return client;
}

describe.each([
  ["stdio", "legacy"],
  ["stdio", "auto"],
  ["http", "legacy"],
  ["http", "auto"],
] as const)("what we serve over %s to a %s client", (way, mode) => {
  it("is listed and called, and its failures are answers", async () => {
    const client = await connect(way, mode);
    try {
      expect(client.getProtocolEra()).toBe(mode === "auto" ? "modern" : "legacy");
      expect(client.getServerVersion()).toMatchObject({ name: "own", version: "1.2.3" });
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(["add", "structure", "fail", "wait", "key"]);
      expect(tools[0]).toMatchObject({ description: "Adds two numbers.", annotations: { readOnlyHint: true } });

      const input = { a: 1, b: 2 };
      expect(await client.callTool({ name: "add", arguments: input })).toMatchObject({
        content: [{ type: "text", text: "3" }],
        structuredContent: { output: 3 },
      });
      expect(await client.callTool({ name: "structure", arguments: input })).toMatchObject({
        content: [{ type: "text", text: '{"a":1,"b":2}' }],
        structuredContent: input,
      });
      expect(await client.callTool({ name: "fail", arguments: {} })).toMatchObject({
        isError: true,
        content: [{ type: "text", text: "SHOP_CLOSED: The shop is closed." }],
        structuredContent: { error: { code: "SHOP_CLOSED", message: "The shop is closed." } },
      });
      expect(await client.callTool({ name: "add", arguments: { a: "1", b: 2 } })).toMatchObject({
        isError: true,
        structuredContent: { error: { code: "INPUT_INVALID" } },
      });
      await expect(client.callTool({ name: "none", arguments: {} })).rejects.toMatchObject({ code: -32_602 });
    } finally {
      await client.close();
    }
  });
});

it.each([
  ["stdio", "legacy"],
  ["stdio", "auto"],
  ["http", "legacy"],
  ["http", "auto"],
] as const)("a call over %s of a %s client tells its progress, and can be cancelled", async (way, mode) => {
  const client = await connect(way, mode);
  const before = cancelled.count;
  const stop = new AbortController();
  const steps: number[] = [];
  const onprogress = ({ progress }: { readonly progress: number }): void => {
    if (steps.push(progress) === 3) stop.abort();
  };
  const call = client.callTool({ name: "wait", arguments: {} }, { onprogress, signal: stop.signal });
  await expect(call).rejects.toThrow("abort");
  expect(steps).toEqual([1, 2, 3]);
  await until(() => way === "stdio" || cancelled.count > before);
  await client.close();
});

it("our own client finds it, also when the server has forgotten the session", async () => {
  const first = await serveMcp(toOwnService(), { type: "http", token: TOKEN });
  const port = Number(new URL(first.url ?? "").port);
  const target = { name: "own", url: first.url ?? "", headers: { authorization } };
  await using connection = await connectMcp(target, { trustFirst: true });
  const add = async (): Promise<unknown> => await callTool(connection.tools, "own.add", { input: { a: 1, b: 2 } });
  expect(await add()).toEqual({ text: "3", structured: { output: 3 } });
  expect(await callTool(connection.tools, "own.key")).toMatchObject({ text: "key-1" });
  await expect(callTool(connection.tools, "own.fail")).rejects.toMatchObject({
    code: "TOOL_FAILED",
    message: expect.stringContaining("SHOP_CLOSED: The shop is closed."),
  });
  await first.close();
  await sleep(300); // long enough ago for the client to ask first whether anyone is there
  const second = await serveMcp(toOwnService(), { type: "http", token: TOKEN, port });
  expect(await add()).toEqual({ text: "3", structured: { output: 3 } });
  await connection.close();
  await second.close();
});

it("our own client calls again where the server says that it does not know the session", async () => {
  let session = "";
  const withoutStream: typeof fetch = async (where, init) => {
    if (init?.method === "GET") return new Response(null, { status: 405 });
    session = new Headers(init?.headers).get("mcp-session-id") ?? session;
    return await fetch(where, init);
  };
  const target = { name: "own", url: url.href, headers: { authorization }, fetch: withoutStream };
  await using connection = await connectMcp(target, { trustFirst: true });
  const [before, input] = [session, { a: 1, b: 2 }];
  // At once: the client has no reason yet to ask whether anyone is there.
  await fetch(url, { method: "DELETE", headers: { authorization, "mcp-session-id": session } });
  expect(await callTool(connection.tools, "own.add", { input })).toMatchObject({ text: "3" });
  expect(session).not.toBe(before);
});

it("our own client asks whether anyone is there before a call that would be in doubt", async () => {
  let session = "";
  let deadSession = "";
  const throughDead: typeof fetch = async (where, init) => {
    session = new Headers(init?.headers).get("mcp-session-id") ?? session;
    if (session === deadSession && session !== "" && init?.method === "POST") {
      const isHandshake = !new Headers(init.headers).has("mcp-session-id");
      if (!isHandshake) throw new TypeError("fetch failed", { cause: new Error("the line is dead") });
    }
    return await fetch(where, init);
  };
  const target = { name: "own", url: url.href, headers: { authorization }, fetch: throughDead };
  await using connection = await connectMcp(target, { trustFirst: true });
  deadSession = session;
  await sleep(300);
  const output = await callTool(connection.tools, "own.add", { input: { a: 1, b: 2 } });
  expect(output).toMatchObject({ text: "3" });
});

it("our own client gives back the connection of a call that it cancels", async () => {
  const stop = new AbortController();
  const signals: (AbortSignal | null | undefined)[] = [];
  const watched: typeof fetch = async (where, init) => {
    if (typeof init?.body === "string" && init.body.includes("tools/call")) signals.push(init?.signal);
    return await fetch(where, init);
  };
  const target = { name: "own", url: url.href, headers: { authorization }, fetch: watched };
  await using connection = await connectMcp(target, { trustFirst: true });
  const more = { signal: stop.signal, alive: () => stop.abort() };
  await expect(callTool(connection.tools, "own.wait", { more })).rejects.toMatchObject({ code: "MCP_STOPPED" });
  await until(() => signals[0]?.aborted === true);
  expect(signals).toHaveLength(1);
});

it("our own client stops reading an answer that never ends", async () => {
  const endless = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const timer = setInterval(() => response.write("x".repeat(1_000_000)), 0);
    response.on("close", () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => endless.listen(0, "127.0.0.1", resolve));
  const address = endless.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const connecting = connectMcp({ name: "endless", url: `http://127.0.0.1:${port}/` });
  await expect(connecting).rejects.toThrow("larger than 33554432 bytes");
  endless.closeAllConnections();
  endless.close();
});

it("a call that is under way is aborted when the server closes", async () => {
  const aborted = Promise.withResolvers<void>();
  const own = await serveMcp(toOwnService(aborted.resolve), { type: "http", token: TOKEN });
  const target = { name: "own", url: own.url ?? "", headers: { authorization } };
  await using connection = await connectMcp(target, { trustFirst: true });
  const isAlive = Promise.withResolvers<void>();
  const waiting = callTool(connection.tools, "own.wait", { more: { alive: isAlive.resolve } });
  const ending: Promise<unknown> = waiting.catch((error: unknown) => error);
  await isAlive.promise;
  await Promise.all([own.close(), aborted.promise]);
  expect(await ending).toMatchObject({ code: "MCP_CONNECTION_LOST", mayHaveActed: true });
});

it("our own client is told when it may not call", async () => {
  const target = { name: "own", url: url.href, headers: { authorization: "Bearer s3cret-but-wrong" } };
  const error: unknown = await connectMcp(target).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "MCP_REFUSED", failure: "permanent" });
  expect(String(error)).toContain("HTTP 401");
  expect(String(error)).not.toContain("s3cret");
});

describe("the port", () => {
  const INITIALIZE: Json = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
  };
  const good = {
    authorization,
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };

  /** Not fetch: that sets Host and Origin by itself. */
  async function ask(method: string, headers: object, { path = "/mcp", body = "" } = {}): Promise<number> {
    return await new Promise((resolve, reject) => {
      const asked = request({ port: url.port, path, method, headers: { ...headers } }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode ?? 0));
      });
      asked.on("error", reject);
      asked.end(method === "POST" && body === "" ? JSON.stringify(INITIALIZE) : body);
    });
  }

  it.each<[string, object, number]>([
    ["everything right", {}, 200],
    ["the name localhost", { host: "localhost:PORT" }, 200],
    ["a page that is on the list", { origin: "https://good.example" }, 200],
    ["another host, as a rebound name has", { host: "evil.example:PORT" }, 403],
    ["another port", { host: "127.0.0.1:1" }, 403],
    ["a page that isn't on the list", { origin: "https://evil.example" }, 403],
    ["a page of its own", { origin: "http://127.0.0.1:PORT" }, 403],
    ["a page of a file", { origin: "null" }, 403],
    ["no token", { authorization: "" }, 401],
    ["another token", { authorization: `Bearer ${TOKEN}x` }, 401],
    ["part of the token", { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    ["the token in another scheme", { authorization: `Basic ${TOKEN}` }, 401],
  ])("judges a request with %s: %o -> %i", async (_, more, status) => {
    const headers = JSON.parse(JSON.stringify({ ...good, ...more }).replaceAll("PORT", url.port));
    expect(await ask("POST", headers)).toBe(status);
    // Without a session these are no good to anyone; but who may not ask learns not even that.
    for (const method of ["GET", "DELETE", "HEAD", "OPTIONS", "PUT"]) {
      expect(await ask(method, headers)).toBe(status === 200 ? 400 : status);
    }
  });

  it("serves one path, JSON only, and nothing large", async () => {
    expect(await ask("POST", good, { path: "/" })).toBe(404);
    expect(await ask("POST", good, { path: "/mcp/" })).toBe(404);
    expect(await ask("POST", { ...good, "content-type": "text/plain" })).toBe(415);
    expect(await ask("POST", good, { body: "{" })).toBe(400);
    expect(await ask("POST", { ...good, "mcp-session-id": "unknown" })).toBe(404);
    const large = ask("POST", good, { body: " ".repeat(5_000_000) });
    expect(await large.catch(() => 413)).toBe(413);
    expect(await ask("POST", good)).toBe(200);
  });

  it("forgets the session that was longest unused when there are too many", async () => {
    const old = await connect("http", "legacy");
    for (let index = 0; index < 70; index += 1) expect(await ask("POST", good)).toBe(200);
    await expect(old.listTools()).rejects.toMatchObject({ status: 404 });
    await old.close();
  });

  it("is refused with a token that could be guessed, or where another listens", async () => {
    const service = toOwnService();
    await expect(serveMcp(service, { type: "http", token: "short" })).rejects.toMatchObject({ code: "MCP_OPTIONS" });
    const taken = serveMcp(service, { type: "http", port: Number(url.port) });
    await expect(taken).rejects.toMatchObject({ code: "MCP_OPTIONS", message: expect.stringContaining("EADDRINUSE") });
    const made = await serveMcp(service, { type: "http" });
    expect(made.token).toMatch(/^[\w-]{43}$/u);
    await made.close();
  });
});

describe("the pipes", () => {
  it("end with their client, and a call that is under way is aborted", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const aborted = Promise.withResolvers<void>();
    const service = toOwnService(aborted.resolve);
    const piped = await serveMcp(service, { type: "stdio", input, output });
    const write = (message: object): void => void input.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const clientInfo = { name: "test", version: "1" };
    write({ id: 1, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo } });
    write({ method: "notifications/initialized" });
    write({ id: 2, method: "tools/call", params: { name: "wait", arguments: {}, _meta: { progressToken: 2 } } });
    for await (const chunk of output) if (String(chunk).includes("notifications/progress")) break;
    input.end();
    await aborted.promise;
    await expect(piped.closed).resolves.toBe(undefined);
    await piped.close();
  });
});

it("refuses tools of one name, of names that can be confused, and of no name", async () => {
  const service = toOwnService();
  const [first] = service.tools;
  if (first === undefined) throw new Error("no tool");
  const withNames = (...names: readonly string[]) => ({ ...service, tools: names.map((name) => ({ ...first, name })) });
  const serve = async (...names: readonly string[]): Promise<unknown> =>
    await serveMcp(withNames(...names), { type: "http" });
  await expect(serve("a.b", "a_b")).rejects.toMatchObject({ code: "TOOL_NAME_TAKEN" });
  await expect(serve("a", "a")).rejects.toMatchObject({ code: "TOOL_NAME_TAKEN" });
  await expect(serve("a b")).rejects.toMatchObject({ code: "MCP_OPTIONS" });
});
