import { afterEach, expect, it, vi } from "vitest";
import { openUrl, type UrlRequest } from "./open-url.ts";

const toRequest = (url: string): UrlRequest => ({
  method: "GET",
  url: new URL(url),
  headers: {},
  body: undefined,
  okStatus: [],
  signal: new AbortController().signal,
});

afterEach(() => vi.unstubAllGlobals());

/** No server here has a certificate that is trusted, so that fetch itself is played. */
function playRedirect(from: string, location: string): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: URL) => {
    asked.push(url.href);
    return url.href === from ? new Response(null, { status: 302, headers: { location } }) : new Response("end");
  });
  return asked;
}

it("never follows from https down to http", async () => {
  const asked = playRedirect("https://a/", "http://a/b");
  await expect(openUrl(toRequest("https://a/"))).rejects.toMatchObject({ code: "HTTP_REDIRECT_REFUSED" });
  expect(asked).toEqual(["https://a/"]);
});

it("follows upwards, and a place that is relative to where it stands", async () => {
  const up = playRedirect("http://a/b/c?d", "https://a/");
  expect((await openUrl(toRequest("http://a/b/c?d"))).status).toBe(200);
  expect(up).toEqual(["http://a/b/c?d", "https://a/"]);
  const relative = playRedirect("http://a/b/c?d", "../e");
  await openUrl(toRequest("http://a/b/c?d"));
  expect(relative).toEqual(["http://a/b/c?d", "http://a/e"]);
});
