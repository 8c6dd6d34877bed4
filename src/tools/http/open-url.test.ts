import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openUrl } from "./open-url.ts";

let server: Server;
let origin = "";
const asked: (string | undefined)[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url);
    if (request.url === "/b/c?d") response.writeHead(302, { location: "../e" });
    response.end("end");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  origin = `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`;
});
afterAll(() => server.close());

it("follows to a place that is relative to where it stands", async () => {
  const response = await openUrl({
    method: "GET",
    url: new URL(`${origin}/b/c?d`),
    headers: {},
    body: undefined,
    okStatus: [],
    signal: new AbortController().signal,
  });
  expect(await response.text()).toBe("end");
  expect(response.url).toBe(`${origin}/e`);
  expect(asked).toEqual(["/b/c?d", "/e"]);
});
