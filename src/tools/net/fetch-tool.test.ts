import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QUIET, type EffectDefinition } from "../../action/index.ts";
import type { Json } from "../../base/index.ts";
import { fetchTool, type FetchOptions } from "./fetch-tool.ts";
import { createNetGateway } from "./gateway.ts";

let server: Server;
let port = 0;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  port = typeof address === "object" ? (address?.port ?? 0) : 0;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function define(options: FetchOptions = {}): EffectDefinition {
  const gateway = createNetGateway({ privateHosts: ["127.0.0.1"], ports: [port] });
  const { definition } = fetchTool({ gateway, ...options });
  if (definition.tag !== "effect") throw new Error("expected an effect");
  return definition;
}

async function run(input: { readonly [name: string]: Json } = {}, options: FetchOptions = {}): Promise<unknown> {
  const { signal } = new AbortController();
  const asked = { url: `http://127.0.0.1:${port}/page?a=1`, ...input };
  return await define(options).run({
    ...QUIET,
    input: asked,
    key: "k",
    token: 1,
    signal,
    run: "r",
    node: "n",
    attempt: 1,
  });
}

const send =
  (type: string, body: string | Buffer, status = 200): typeof answer =>
  (_, response) =>
    void response.writeHead(status, type === "" ? {} : { "content-type": type }).end(body);

it("is a query whose output is untrusted and whose input is no secret", () => {
  expect(define()).toMatchObject({ isQuery: true, repeat: "safe", gives: ["untrusted"], refuses: ["secret"] });
});

it("takes URL, method and harmless header fields, and nothing else", async () => {
  const { input } = define();
  const check = async (value: Json): Promise<boolean> =>
    (await input?.["~standard"].validate(value))?.issues === undefined;
  const url = "https://a.example/";
  expect(await check({ url, method: "HEAD", headers: { accept: "a/b", "accept-language": "de" } })).toBe(true);
  for (const wrong of [
    {},
    { url, method: "POST" },
    { url, headers: { authorization: "t" } },
    { url, headers: { accept: "a\r\nb: c" } },
    { url, body: "a" },
  ]) {
    expect(await check(wrong)).toBe(false);
  }
});

it("reaches no private address unless its owner says so", async () => {
  const attempt = fetchTool().definition;
  if (attempt.tag !== "effect") throw new Error("expected an effect");
  await expect(run({ url: "http://127.0.0.1/" }, { gateway: createNetGateway() })).rejects.toMatchObject({
    code: "NET_ADDRESS_REFUSED",
  });
});

describe("an answer", () => {
  it("is status, URL, type and text, with HTML made readable", async () => {
    answer = (request, response) => {
      if (request.url !== "/end") return void response.writeHead(302, { location: "/end" }).end();
      send("text/html; charset=utf-8", "<title>T</title><script>x</script><p>a <a href='b'>c</a>")(request, response);
    };
    expect(await run()).toEqual({
      status: 200,
      url: `http://127.0.0.1:${port}/end`,
      contentType: "text/html; charset=utf-8",
      text: `T\n\na c (http://127.0.0.1:${port}/b)`,
      isCut: false,
    });
  });

  it.each<[string, readonly [type: string, body: string | Buffer], string]>([
    ["JSON as it is", ["application/json", '{"a":"<b>"}'], '{"a":"<b>"}'],
    ["plain text as it is", ["text/plain", "<b>"], "<b>"],
    ["text without a type", ["", "hi"], "hi"],
    ["a charset that is named", ["text/plain; charset=iso-8859-2", Buffer.from([0xb1])], "ą"],
    ["old text without a charset", ["text/html", Buffer.from([0x93, 0x61, 0xe9])], "“aé"],
    ["nothing", ["text/plain", ""], ""],
  ])("may be %s", async (_, [type, body], text) => {
    answer = send(type, body);
    expect(await run()).toMatchObject({ text, isCut: false });
  });

  it.each<[string, string, string | Buffer]>([
    ["an image", "image/png", "a"],
    ["an archive", "application/zip", "a"],
    ["bytes", "application/octet-stream", "a"],
    ["bytes without a type", "", Buffer.from([0xff, 0xfe, 0x41])],
    ["bytes that claim to be text", "text/plain", Buffer.from([0x61, 0, 0x62])],
    ["a charset that nobody knows", "text/plain; charset=klingon", "a"],
  ])("may not be %s", async (_, type, body) => {
    answer = send(type, body);
    await expect(run()).rejects.toMatchObject({ failure: "permanent", code: "NET_NOT_TEXT" });
  });

  it("of any status is one, and HEAD has no text", async () => {
    answer = send("text/plain", "no such page", 404);
    expect(await run()).toMatchObject({ status: 404, text: "no such page" });
    expect(await run({ method: "HEAD" })).toMatchObject({ status: 404, text: "", isCut: false });
  });

  it("is cut in whole characters, and what never ends is not waited for", async () => {
    answer = send("text/plain", "aü".repeat(10));
    expect(await run({}, { maxTextBytes: 5 })).toMatchObject({ text: "aüa", isCut: true });
    expect(await run({}, { maxTextBytes: 30 })).toMatchObject({ isCut: false });
    answer = (_, response) =>
      void response
        .writeHead(200, { "content-type": "text/plain", "content-encoding": "gzip" })
        .end(gzipSync(Buffer.alloc(50_000_000, "ü")));
    expect(await run()).toMatchObject({ text: "ü".repeat(32_768), isCut: true });
  });
});
