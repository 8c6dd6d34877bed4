import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { QUIET, type AttemptContext, type EffectDefinition } from "../../action/index.ts";
import { RuntimeFailure, TransientError, type Json, type JsonObject } from "../../base/index.ts";
import { httpAction } from "./http-action.ts";

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Answer = (request: Seen, response: ServerResponse) => void;

/** A server of the test's own, which notes what it is asked and answers as the test says. */
interface TestServer {
  readonly origin: string;
  readonly seen: Seen[];
  answer: Answer;
  readonly server: Server;
}

async function listen(): Promise<TestServer> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      const asked = { method, url, headers, body: Buffer.concat(chunks).toString("utf8") };
      seen.push(asked);
      own.answer(asked, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const own: TestServer = { origin: `http://127.0.0.1:${port}`, seen, answer: ok, server };
  return own;
}

const ok: Answer = (_, response) => void response.setHeader("content-type", "application/json").end('{"ok":true}');

let web: TestServer;
let other: TestServer;
beforeAll(async () => {
  [web, other] = await Promise.all([listen(), listen()]);
});
afterEach(() => {
  for (const one of [web, other]) {
    one.answer = ok;
    one.seen.length = 0;
  }
});
afterAll(() => {
  for (const { server } of [web, other]) {
    server.close();
    server.closeAllConnections();
  }
});

function forNode(input: Json, effect?: JsonObject): EffectDefinition {
  const { definition } = httpAction;
  if (definition.tag !== "by-node") throw new Error("expected a definition by node");
  return definition.forNode({ with: input, effect });
}

function toContext(input: Json, more: Partial<AttemptContext<Json>> = {}): AttemptContext<Json> {
  const { signal } = new AbortController();
  return {
    ...QUIET,
    input,
    key: "key-1",
    token: 7,
    signal,
    run: "run-1",
    node: "node-1",
    attempt: 2,
    ...more,
  };
}

const run = async (input: Json, more: Partial<AttemptContext<Json>> = {}): Promise<unknown> =>
  await forNode(input).run(toContext(input, more));

async function failureOf(attempt: Promise<unknown>): Promise<RuntimeFailure> {
  const error = await attempt.then(
    (value) => new Error(`expected a failure, got ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!RuntimeFailure.is(error)) throw error;
  return error;
}

async function undo(input: Json, effect: JsonObject, output: Json): Promise<void> {
  const definition = forNode(input, effect);
  if (typeof definition.undo !== "function") throw new Error("expected an undo");
  await definition.undo({ ...toContext(input), key: "undo-key", undoes: "key-1", output });
}

async function check(input: Json, effect: JsonObject): Promise<unknown> {
  const definition = forNode(input, effect);
  if (definition.check === undefined) throw new Error("expected a check");
  return await definition.check(toContext(input));
}

const send =
  (status: number, body: string | Buffer = "", headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);
const redirect = (status: number, location: string): Answer => send(status, "", { location });

describe("a request", () => {
  it("is what the plan says, and its answer is status, a few headers and the body", async () => {
    web.answer = (_, response) =>
      void response
        .writeHead(200, { "content-type": "application/problem+json; charset=utf-8", etag: '"1"', "set-cookie": "a=b" })
        .end('{"a":[1]}');
    const output = await run({
      url: `${web.origin}/path?a=1`,
      query: { b: "x y&z", c: [1, true] },
      headers: { "X-Token": "t" },
    });
    expect(output).toEqual({
      status: 200,
      headers: { "content-type": "application/problem+json; charset=utf-8", etag: '"1"' },
      body: { a: [1] },
    });
    expect(web.seen).toMatchObject([
      {
        method: "GET",
        url: "/path?a=1&b=x+y%26z&c=1&c=true",
        headers: { "x-token": "t", "user-agent": "pawl" },
        body: "",
      },
    ]);
    expect(web.seen[0]?.headers["idempotency-key"]).toBe(undefined);
  });

  it("carries JSON or text, and its key where it may act", async () => {
    await run({ url: web.origin, method: "POST", body: { a: null, b: "ü" } });
    await run({ url: web.origin, method: "PUT", text: "ü", keyHeader: "PayPal-Request-Id" });
    await run({
      url: web.origin,
      method: "POST",
      body: null,
      headers: { "Content-Type": "application/merge-patch+json" },
    });
    await run({ url: web.origin, method: "DELETE" });
    expect(web.seen).toMatchObject([
      {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": "key-1" },
        body: '{"a":null,"b":"ü"}',
      },
      {
        method: "PUT",
        headers: { "content-type": "text/plain;charset=UTF-8", "paypal-request-id": "key-1" },
        body: "ü",
      },
      { method: "POST", headers: { "content-type": "application/merge-patch+json" }, body: "null" },
      { method: "DELETE", headers: { "idempotency-key": "key-1" }, body: "" },
    ]);
    expect(web.seen[1]?.headers["idempotency-key"]).toBe(undefined);
  });

  it.each<[string, Answer, Json]>([
    ["text", send(200, "hi\n", { "content-type": "text/html" }), "hi\n"],
    [
      "text of another charset",
      send(200, Buffer.from([0xe9]), { "content-type": "text/plain; charset=iso-8859-1" }),
      "é",
    ],
    ["nothing", send(204), ""],
    ["empty JSON", send(200, " ", { "content-type": "application/json" }), null],
    ["JSON without the content type", send(200, "{}"), "{}"],
    [
      "what was compressed",
      send(200, gzipSync("[1]"), { "content-type": "application/json", "content-encoding": "gzip" }),
      [1],
    ],
  ])("may bring %s", async (_, answer, body) => {
    web.answer = answer;
    expect(await run({ url: web.origin })).toMatchObject({ body });
  });

  it.each<[string, Answer, string]>([
    ["broken JSON", send(200, "{a", { "content-type": "application/json" }), "{a"],
    ["a key twice", send(200, '{"a":1,"a":2}', { "content-type": "application/json" }), "JSON_DUPLICATE_KEY"],
    ["an image", send(200, Buffer.from([0x89, 0x50, 0xff]), { "content-type": "image/png" }), "image/png"],
  ])("can't use %s", async (_, answer, part) => {
    web.answer = answer;
    expect(await failureOf(run({ url: web.origin }))).toMatchObject({
      failure: "permanent",
      code: "HTTP_BAD_BODY",
      mayHaveActed: false,
      message: expect.stringContaining(part),
    });
    expect(await failureOf(run({ url: web.origin, method: "POST" }))).toMatchObject({
      code: "HTTP_BAD_BODY",
      mayHaveActed: true,
    });
  });

  it("reads no more than its limit, counted after decompression", async () => {
    web.answer = send(200, gzipSync(Buffer.alloc(1_000_000, "a")), { "content-encoding": "gzip" });
    const limited = run({ url: web.origin, maxResponseBytes: 999_999 });
    expect(await failureOf(limited)).toMatchObject({ failure: "permanent", code: "HTTP_RESPONSE_TOO_LARGE" });
    expect(await run({ url: web.origin, maxResponseBytes: 1_000_000 })).toMatchObject({ status: 200 });
  });

  it("stops reading what never ends", async () => {
    const closed = Promise.withResolvers<void>();
    web.answer = (_, response) => {
      const timer = setInterval(() => response.write("x".repeat(10_000)), 1);
      response.on("close", () => {
        clearInterval(timer);
        closed.resolve();
      });
    };
    expect(await failureOf(run({ url: web.origin, maxResponseBytes: 100_000 }))).toMatchObject({
      code: "HTTP_RESPONSE_TOO_LARGE",
    });
    await closed.promise;
  });
});

describe("the status of an answer", () => {
  it.each([408, 425, 429, 500, 502, 503, 504])("may be better later: %i", async (status) => {
    web.answer = send(status, "try \u001B[31mlater", { "retry-after": "7" });
    const failure = await failureOf(run({ url: `${web.origin}/a?secret=1`, method: "POST" }));
    expect(failure).toMatchObject({
      failure: "transient",
      code: "HTTP_STATUS",
      retryAfterMs: 7_000,
      mayHaveActed: [500, 502, 504].includes(status),
    });
    expect(failure.message).toContain(`POST ${web.origin}/a answered ${status}`);
    expect(failure.message).toContain('"try later"');
    expect(failure.message).not.toContain("secret");
    expect(await failureOf(run({ url: web.origin }))).toMatchObject({ mayHaveActed: false });
  });

  it.each([300, 304, 400, 401, 403, 404, 409, 410, 418, 422, 501, 505])("never gets better: %i", async (status) => {
    web.answer = send(status, "", { "retry-after": "7" });
    expect(await failureOf(run({ url: web.origin }))).toMatchObject({
      failure: "permanent",
      code: "HTTP_STATUS",
      mayHaveActed: false,
    });
  });

  it("may be declared good", async () => {
    web.answer = send(404, "no");
    expect(await run({ url: web.origin, okStatus: [404] })).toMatchObject({ status: 404, body: "no" });
    web.answer = redirect(302, "/away");
    expect(await run({ url: web.origin, okStatus: [302] })).toMatchObject({
      status: 302,
      headers: { location: "/away" },
    });
    expect(web.seen).toHaveLength(2);
  });

  it("says when to come again, within an hour", async () => {
    const retryAfter = async (value: string): Promise<number | undefined> => {
      web.answer = send(503, "", { "retry-after": value });
      const failure = await failureOf(run({ url: web.origin }));
      return failure instanceof TransientError ? failure.retryAfterMs : undefined;
    };
    expect(await retryAfter("999999999999")).toBe(3_600_000);
    expect(await retryAfter("soon")).toBe(undefined);
    expect(await retryAfter("-5")).toBe(undefined);
    expect(await retryAfter("Sun, 06 Nov 1994 08:49:37 GMT")).toBe(0);
    expect(await retryAfter(new Date(Date.now() + 900_000).toUTCString())).toSatisfy(
      (ms: number) => ms > 0 && ms <= 900_000,
    );
  });
});

describe("a redirect", () => {
  const route =
    (routes: Readonly<Record<string, Answer>>): Answer =>
    (request, response) =>
      (routes[request.url ?? ""] ?? ok)(request, response);

  it("is followed, five times at most", async () => {
    web.answer = (request, response) => {
      const step = Number(request.url?.slice(1));
      (step < 5 ? redirect(302, `/${step + 1}`) : ok)(request, response);
    };
    expect(await run({ url: `${web.origin}/0` })).toMatchObject({ body: { ok: true } });
    web.answer = (request, response) => redirect(302, request.url ?? "/")(request, response);
    web.seen.length = 0;
    expect(await failureOf(run({ url: web.origin }))).toMatchObject({
      failure: "permanent",
      code: "HTTP_REDIRECT_REFUSED",
    });
    expect(web.seen).toHaveLength(6);
  });

  it.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "PUT", "GET"],
    [302, "PUT", "PUT"],
    [307, "POST", "POST"],
    [308, "DELETE", "DELETE"],
  ])("with %i turns %s into %s", async (status, method, then) => {
    web.answer = route({ "/a": redirect(status, "/b") });
    await run({ url: `${web.origin}/a`, method, body: { a: 1 }, headers: { authorization: "t" } });
    const body = then === "GET" ? "" : '{"a":1}';
    expect(web.seen[1]).toMatchObject({ method: then, url: "/b", body, headers: { authorization: "t" } });
    expect(web.seen[1]?.headers["content-type"]).toBe(then === "GET" ? undefined : "application/json");
  });

  it("takes no credentials to another origin", async () => {
    web.answer = redirect(307, `${other.origin}/b`);
    await run({
      url: web.origin,
      method: "POST",
      body: 1,
      headers: { authorization: "t", cookie: "c", "X-Api-Key": "k", accept: "a/b" },
    });
    const [seen] = other.seen;
    expect(seen).toMatchObject({
      method: "POST",
      body: "1",
      headers: { accept: "a/b", "content-type": "application/json" },
    });
    for (const name of ["authorization", "cookie", "x-api-key", "idempotency-key"])
      expect(seen?.headers[name]).toBe(undefined);
  });

  it.each(["file:///etc/passwd", "ftp://a/", "javascript:1", "http://user:pw@a/", "http://[", "data:text/plain,a"])(
    "to %s is refused",
    async (location) => {
      web.answer = redirect(302, location);
      const failure = await failureOf(run({ url: web.origin, method: "POST" }));
      expect(failure).toMatchObject({ failure: "permanent", code: "HTTP_REDIRECT_REFUSED", mayHaveActed: true });
      expect(failure.message).not.toContain("pw");
    },
  );

  it("without a place to go is an answer", async () => {
    web.answer = send(302);
    expect(await failureOf(run({ url: web.origin }))).toMatchObject({ failure: "permanent", code: "HTTP_STATUS" });
  });
});

describe("the network", () => {
  it("may fail before anything was asked", async () => {
    const gone = await listen();
    await new Promise((resolve) => gone.server.close(resolve));
    for (const method of ["GET", "POST"]) {
      const failure = await failureOf(run({ url: gone.origin, method }));
      expect(failure).toMatchObject({ failure: "transient", code: "HTTP_FAILED", mayHaveActed: false });
      expect(failure.message).toContain("ECONNREFUSED");
    }
  });

  it("may fail when the server has been asked, and then a POST may have acted", async () => {
    web.answer = (_, response) => response.destroy();
    expect(await failureOf(run({ url: web.origin, method: "POST" }))).toMatchObject({
      failure: "transient",
      code: "HTTP_FAILED",
      mayHaveActed: true,
    });
    expect(await failureOf(run({ url: web.origin }))).toMatchObject({
      failure: "transient",
      code: "HTTP_FAILED",
      mayHaveActed: false,
    });
  });

  it("may fail in the middle of an answer", async () => {
    web.answer = (_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("half", () => response.destroy());
    };
    expect(await failureOf(run({ url: web.origin, method: "POST" }))).toMatchObject({
      failure: "transient",
      code: "HTTP_FAILED",
      mayHaveActed: true,
    });
  });
});

describe("stopping a request", () => {
  it("doesn't send it at all when that comes first", async () => {
    const failure = await failureOf(run({ url: web.origin, method: "POST" }, { signal: AbortSignal.abort() }));
    expect(failure).toMatchObject({ failure: "cancelled", code: "HTTP_NOT_STARTED" });
    expect(web.seen).toEqual([]);
  });

  it("ends it while the server is silent, and while it drips", async () => {
    for (const isDripping of [false, true]) {
      const stop = new AbortController();
      const closed = Promise.withResolvers<void>();
      web.answer = (_, response) => {
        response.on("close", closed.resolve);
        if (isDripping) response.write("drip");
        setTimeout(() => stop.abort(), 30);
      };
      const failure = await failureOf(run({ url: web.origin }, { signal: stop.signal }));
      expect(failure).toMatchObject({ failure: "cancelled", code: "HTTP_STOPPED" });
      await closed.promise;
    }
  });

  it("isn't needed while there are signs of life", async () => {
    let signs = 0;
    web.answer = (_, response) => {
      response.write("a");
      setTimeout(() => response.end("b"), 30);
    };
    expect(await run({ url: web.origin }, { alive: () => (signs += 1) })).toMatchObject({ body: "ab" });
    expect(signs).toBe(3);
  });
});

describe("the nature of a request", () => {
  it("follows its method until the file says more", () => {
    const url = "http://a/";
    const reading = { isQuery: true, repeat: "safe", undo: "not-needed" };
    const acting = { isQuery: false, repeat: "never", undo: "impossible" };
    expect(forNode({ url })).toMatchObject(reading);
    expect(forNode({ url, method: "HEAD" })).toMatchObject(reading);
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "${input.method}"]) {
      expect(forNode({ url, method })).toMatchObject(acting);
    }
    expect(forNode("${input}")).toMatchObject(acting);
    expect(forNode({ url, method: "POST" }, { repeat: "keyed" })).toMatchObject({ ...acting, repeat: "keyed" });
    expect(forNode({ url }, { repeat: "never" })).toMatchObject({
      isQuery: false,
      repeat: "never",
      undo: "not-needed",
    });
  });

  it("may have templates that only the run can fill", () => {
    for (const input of [
      { url: "${input.url}" },
      { url: "http://a/${input.id}" },
      { url: "http://a", method: "${input.m}", body: 1 },
      { url: "http://a", headers: { a: "${input.a}" } },
    ]) {
      expect(() => forNode(input)).not.toThrow();
    }
  });

  it.each<[string, readonly [Json, JsonObject?], string]>([
    ["no URL", [{}], "with.url"],
    ["a relative URL", [{ url: "/a" }], "with.url"],
    ["another scheme", [{ url: "file:///a" }], "with.url"],
    ["credentials in the URL", [{ url: "http://user:hunter2@a/" }], "with.url"],
    ["an unknown method", [{ url: "http://a", method: "get" }], '"get"'],
    ["a body without method", [{ url: "http://a", body: 1 }], "with.method"],
    ["two bodies", [{ url: "http://a", method: "POST", body: 1, text: "a" }], "with.text"],
    ["a header with a line break", [{ url: "http://a", headers: { a: "b\r\nc: hunter2" } }], "with.headers"],
    ["a header of the connection", [{ url: "http://a", headers: { Host: "b" } }], "Host"],
    ["a header twice", [{ url: "http://a", headers: { a: "b", A: "c" } }], "with.headers"],
    ["a header without a name", [{ url: "http://a", headers: { "": "b" } }], "with.headers"],
    ["an unknown option", [{ url: "http://a", redirects: 9 }], "with.redirects"],
    ["an undo without URL", [{ url: "http://a" }, { undo: { method: "DELETE" } }], "effect.undo.url"],
    ["a check that acts", [{ url: "http://a" }, { check: { url: "http://a", method: "POST" } }], "effect.check.method"],
    ["the output in a check", [{ url: "http://a" }, { check: { url: "http://a/${output.id}" } }], "effect.check.url"],
  ])("is refused with %s", (_, [input, effect], part) => {
    let failure: unknown;
    try {
      forNode(input, effect);
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ failure: "input" });
    expect(String(failure)).toContain(part);
    expect(String(failure)).not.toContain("hunter2");
  });
});

describe("an undo", () => {
  it("is a request of its own, filled from input and output", async () => {
    const input = {
      url: `${web.origin}/pay`,
      method: "POST",
      body: { order: 9 },
      headers: { authorization: "t", "content-type": "a/b" },
    };
    const output = { status: 201, body: { id: "../x y", cents: 5, list: ["a"] } };
    const request = {
      url: `${web.origin}/refunds/\${output.body.id}`,
      query: { key: "${undoes}" },
      body: { cents: "${output.body.cents}", note: "of ${input.body.order}", list: "${output.body.list}" },
    };
    await undo(input, { undo: request }, output);
    expect(web.seen).toMatchObject([
      {
        method: "POST",
        url: "/refunds/..%2Fx%20y?key=key-1",
        headers: { authorization: "t", "idempotency-key": "undo-key", "content-type": "application/json" },
      },
    ]);
    expect(JSON.parse(web.seen[0]?.body ?? "")).toEqual({ cents: 5, note: "of 9", list: ["a"] });
  });

  it("takes a whole URL as it is, and its credentials to no other origin", async () => {
    const input = { url: web.origin, method: "POST", headers: { authorization: "t" } };
    const effect = {
      undo: { method: "DELETE", url: "${output.body.self}?a=${output.body.a}", headers: { "x-own": "o" } },
    };
    await undo(input, effect, { body: { self: `${other.origin}/p/1`, a: "b&c" } });
    expect(other.seen).toMatchObject([{ method: "DELETE", url: "/p/1?a=b%26c", headers: { "x-own": "o" } }]);
    expect(other.seen[0]?.headers.authorization).toBe(undefined);
  });

  it("fails as its answer says, and is refused when a value is missing or would climb", async () => {
    const effect = { undo: { url: `${web.origin}/\${output.id}/x` } };
    const input = { url: web.origin };
    web.answer = send(503);
    expect(await failureOf(undo(input, effect, { id: "1" }))).toMatchObject({
      failure: "transient",
      code: "HTTP_STATUS",
    });
    web.answer = send(200, "{not json", { "content-type": "application/json" });
    await expect(undo(input, effect, { id: "1" })).resolves.toBe(undefined);
    web.seen.length = 0;
    for (const output of [{}, { id: ".." }, { id: "." }, { id: null }]) {
      expect(await failureOf(undo(input, effect, output))).toMatchObject({
        failure: "input",
        code: "TOOL_PLACEHOLDER",
      });
    }
    expect(web.seen).toEqual([]);
  });
});

describe("a check", () => {
  const effect = (): JsonObject => ({
    check: { url: `${web.origin}/by-key/\${key}`, query: { order: "${input.body.order}" } },
  });
  const input = (): JsonObject => ({
    url: `${web.origin}/pay`,
    method: "POST",
    body: { order: 9 },
    headers: { authorization: "t", "content-type": "a/b" },
  });

  it("asks with the key, and gives what the node itself would have given", async () => {
    const headers = { "content-type": "application/json" };
    expect(await check(input(), effect())).toEqual({
      tag: "done",
      output: { status: 200, headers, body: { ok: true } },
    });
    expect(web.seen).toMatchObject([{ method: "GET", url: "/by-key/key-1?order=9", headers: { authorization: "t" } }]);
    expect(web.seen[0]?.headers["idempotency-key"]).toBe(undefined);
    expect(web.seen[0]?.headers["content-type"]).toBe(undefined);
  });

  it.each<[number, string]>([
    [404, "not-done"],
    [204, "cannot-tell"],
    [403, "cannot-tell"],
    [410, "cannot-tell"],
    [500, "cannot-tell"],
  ])("with %i says %s", async (status, tag) => {
    web.answer = send(status);
    expect(await check(input(), effect())).toEqual({ tag });
  });

  it("can't tell from an answer that can't be read, and says so when the network fails", async () => {
    web.answer = send(200, "{", { "content-type": "application/json" });
    expect(await check(input(), effect())).toEqual({ tag: "cannot-tell" });
    web.answer = (_, response) => response.destroy();
    expect(await failureOf(check(input(), effect()))).toMatchObject({
      failure: "transient",
      code: "HTTP_FAILED",
      mayHaveActed: false,
    });
  });
});
