import { isJsonObject, type Json, type Problem } from "../../base/index.ts";
import { complain, hasTemplate, isGiven, openFields, refuseProblems, take, type Fields } from "../fields.ts";
import { anyJson, anyText, integer, listOf, oneOf, recordOf, scalar, someText } from "../kinds.ts";
import type { Method } from "../net/method.ts";
import { findTargetFault } from "../net/target.ts";

/** A request as it will be sent. */
export interface HttpRequest {
  readonly method: Method;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Statuses that count as success beside 200 to 299. */
  readonly okStatus: readonly number[];
  readonly keyHeader: string;
  readonly maxResponseBytes: number;
}

/** Where a request stands in the node, and what it is when it doesn't say its method. */
export interface RequestPlace {
  readonly path: "with" | "effect.undo" | "effect.check";
  readonly methods: readonly Method[];
  /** Taken when the request names none. */
  readonly method: Method;
}

const KNOWN = ["method", "url", "headers", "query", "body", "text", "okStatus", "keyHeader", "maxResponseBytes"];
const DEFAULT_MOST_BYTES = 8_388_608;
const MOST_BYTES = 1_073_741_824;
// RFC 9110 section 5.6.2: a field name is a token.
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/u;
const HEADERS = { pattern: TOKEN, called: "header fields" };
const SET_BY_PAWL = [
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "upgrade",
  "expect",
  "te",
];

const headerValue = {
  expected: "a string, a number or true or false, without line breaks and in Latin-1",
  read: (value: Json) => whenMatches(scalar.read(value), /^[\t\u0020-\u007E\u0080-\u00FF]*$/u),
};
const headerName = {
  expected: "the name of a header field",
  read: (value: Json) => whenMatches(anyText.read(value), TOKEN),
};
const queryValue = {
  expected: `${scalar.expected}, or a list of these`,
  read: (value: Json) => listOf(scalar).read(Array.isArray(value) ? value : [value]),
};

const whenMatches = (text: string | undefined, pattern: RegExp): string | undefined =>
  text !== undefined && pattern.test(text) ? text : undefined;

/** @throws {InputError} TOOL_OPTIONS with every problem of an evaluated request. */
export function readRequest(value: Json, place: RequestPlace): HttpRequest {
  const fields = openFields(value, { path: place.path, code: "TOOL_OPTIONS", isTemplate: false, known: KNOWN });
  const request = readFields(fields, place);
  refuseProblems("The request cannot be sent", fields.problems);
  return request;
}

/** Gives what is wrong with the constant parts of a request that may still hold expressions or placeholders. */
export function findRequestProblems(value: Json, place: RequestPlace): readonly Problem[] {
  const code = place.path === "with" ? "TOOL_OPTIONS" : "TOOL_EFFECT";
  const fields = openFields(value, { path: place.path, code, isTemplate: true, known: KNOWN });
  if (isJsonObject(value)) readFields(fields, place);
  return fields.problems;
}

function readFields(fields: Fields, place: RequestPlace): HttpRequest {
  const method = take(fields, "method", oneOf(place.methods)) ?? place.method;
  const url = readUrl(fields);
  const query = take(fields, "query", recordOf(queryValue, { pattern: /./u, called: "parameters" }));
  for (const [name, values] of query ?? []) {
    for (const value of values) url.searchParams.append(name, value);
  }
  const headers = readHeaders(fields);
  const body = readBody(fields, method, headers);
  return {
    method,
    url,
    headers: Object.fromEntries(headers),
    body,
    okStatus: take(fields, "okStatus", listOf(integer(200, 599))) ?? [],
    keyHeader: (take(fields, "keyHeader", headerName) ?? "Idempotency-Key").toLowerCase(),
    maxResponseBytes: take(fields, "maxResponseBytes", integer(1, MOST_BYTES)) ?? DEFAULT_MOST_BYTES,
  };
}

function readUrl(fields: Fields): URL {
  const text = take(fields, "url", someText);
  const parsed = text === undefined ? null : URL.parse(text);
  const isUnknown = fields.isTemplate && hasTemplate(fields.value["url"] ?? null);
  const fault = parsed === null ? "no absolute URL" : findTargetFault(parsed);
  if (fault !== undefined && !isUnknown) {
    const fix = "Write http:// or https:// and the host; give credentials as a header.";
    complain(fields, "url", { expected: "an absolute http or https URL without user and password", got: fault, fix });
  }
  return parsed ?? new URL("http://invalid.invalid/");
}

function readHeaders(fields: Fields): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of take(fields, "headers", recordOf(headerValue, HEADERS)) ?? []) {
    const lower = name.toLowerCase();
    if (SET_BY_PAWL.includes(lower) || headers.has(lower)) {
      complain(fields, "headers", {
        expected: "each header field once, and none of the connection's own",
        got: name,
        fix: "Remove it.",
      });
    }
    headers.set(lower, value);
  }
  return headers;
}

function readBody(fields: Fields, method: Method, headers: Map<string, string>): string | undefined {
  const hasJson = isGiven(fields, "body");
  if (!hasJson && !isGiven(fields, "text")) return undefined;
  checkBody(fields, method);
  const type = hasJson ? "application/json" : "text/plain;charset=UTF-8";
  if (!headers.has("content-type")) headers.set("content-type", type);
  return hasJson ? JSON.stringify(take(fields, "body", anyJson) ?? null) : take(fields, "text", anyText);
}

function checkBody(fields: Fields, method: Method): void {
  if (isGiven(fields, "body") && isGiven(fields, "text")) {
    complain(fields, "text", { expected: "`body` or `text`", got: "both", fix: "Remove one of them." });
  }
  const isUnknown = fields.isTemplate && hasTemplate(fields.value["method"] ?? null);
  if ((method === "GET" || method === "HEAD") && !isUnknown) {
    const fix = "Say `method: POST`, or use `query`.";
    complain(fields, "method", { expected: "a method that sends a body", got: method, fix });
  }
}
