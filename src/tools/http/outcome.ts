import type { Outcome } from "../../action/index.ts";
import {
  PermanentError,
  TransientError,
  toExcerpt,
  type Json,
  type JsonObject,
  type RuntimeFailure,
} from "../../base/index.ts";
import { parseJson } from "../json.ts";
import { mayAct } from "../net/method.ts";
import type { Bytes } from "../net/read-bytes.ts";
import { describeTarget } from "../net/target.ts";
import type { HttpRequest } from "./options.ts";
import { readRetryAfter } from "./retry-after.ts";

/** An answer with its body read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Bytes;
}

const MAY_WORK_LATER = [408, 425, 429, 500, 502, 503, 504];
/** The server took the request and then something broke, so that it may have acted. */
const LOST_ANSWER = [500, 502, 504];
const SHOWN_HEADERS = ["content-type", "etag", "last-modified", "link", "location", "x-request-id"];
const EXCERPT_LENGTH = 300;

/**
 * Gives what a node outputs for an answer: `{ status, headers, body }`.
 *
 * @throws {TransientError | PermanentError} HTTP_STATUS
 * @throws {PermanentError} HTTP_RESPONSE_TOO_LARGE, HTTP_BAD_BODY
 */
export function toOutput(answer: Answer, request: HttpRequest, now: number): JsonObject {
  if (!isOk(answer, request)) throw badStatus(answer, request, now);
  const mayHaveActed = mayAct(request.method);
  const target = describeTarget(request.method, request.url);
  if (!answer.body.isWhole) {
    const advice = "Ask for less, or raise `maxResponseBytes`.";
    const message = `${target} answered with more than ${request.maxResponseBytes} bytes. ${advice}`;
    throw new PermanentError("HTTP_RESPONSE_TOO_LARGE", message, { mayHaveActed });
  }
  const content = readContent(answer);
  if (content.tag === "refused") {
    const message = `${target} answered ${answer.status} with a body that cannot be used (${content.why}): ${start(answer)}. Expected strict JSON where the content type says so, else text.`;
    throw new PermanentError("HTTP_BAD_BODY", message, { mayHaveActed });
  }
  return { status: answer.status, headers: pickHeaders(answer.headers), body: content.value };
}

/** Gives what a check found out: 200 is done, with this answer as the node's output; 404 is not done; else can't tell. */
export function toFinding(answer: Answer): Outcome<Json> {
  if (answer.status === 404) return { tag: "not-done" };
  const content = answer.status === 200 && answer.body.isWhole ? readContent(answer) : undefined;
  if (content?.tag !== "parsed") return { tag: "cannot-tell" };
  return { tag: "done", output: { status: 200, headers: pickHeaders(answer.headers), body: content.value } };
}

/** @throws {TransientError | PermanentError} HTTP_STATUS unless an undo was accepted. Its answer's body is of no use. */
export function requireUndone(answer: Answer, request: HttpRequest, now: number): void {
  if (!isOk(answer, request)) throw badStatus(answer, request, now);
}

const isOk = ({ status }: Answer, request: HttpRequest): boolean =>
  (status >= 200 && status <= 299) || request.okStatus.includes(status);

function badStatus(answer: Answer, request: HttpRequest, now: number): RuntimeFailure {
  const { status } = answer;
  const message = `${describeTarget(request.method, request.url)} answered ${status}, expected 200 to 299${request.okStatus.map((code) => ` or ${code}`).join("")}. It said: ${start(answer)}`;
  if (!MAY_WORK_LATER.includes(status)) return new PermanentError("HTTP_STATUS", message);
  const retryAfterMs = readRetryAfter(answer.headers.get("retry-after"), now);
  const mayHaveActed = mayAct(request.method) && LOST_ANSWER.includes(status);
  return new TransientError("HTTP_STATUS", message, {
    mayHaveActed,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function start(answer: Answer): string {
  return JSON.stringify(toExcerpt(answer.body.bytes.toString("utf8"), EXCERPT_LENGTH));
}

type Content = ReturnType<typeof parseJson>;

function readContent(answer: Answer): Content {
  const type = answer.headers.get("content-type") ?? "";
  const text = decode(answer.body.bytes, /charset="?([\w.:-]+)/iu.exec(type)?.[1] ?? "utf-8");
  if (text === undefined)
    return { tag: "refused", why: `bytes that are not text, content type ${toExcerpt(type, 100) || "unknown"}` };
  if (!/^\s*(?:application|text)\/(?:[\w.+-]+\+)?json\s*(?:;|$)/iu.test(type)) return { tag: "parsed", value: text };
  return text.trim() === "" ? { tag: "parsed", value: null } : parseJson(text);
}

function decode(bytes: Buffer, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function pickHeaders(headers: Headers): JsonObject {
  const found = SHOWN_HEADERS.map((name) => [name, headers.get(name)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== null));
}
