import type { AgentOptions } from "../../../../src/agents/index.ts";
import type { HttpFault, ScriptedReply } from "../../../../src/models/index.ts";
import type { ReplyLimits } from "../../../../src/models/index.ts";
import { call, chunk, complaint, DONE, endless, many, said, usage } from "./wire.ts";

/** What is wrong with a server, and how an agent that uses it has to end. */
export interface BadCase {
  readonly name: string;
  /** What the server sends at its nth call instead of a reply; undefined: what `reply` says. */
  readonly fault?: (number: number) => HttpFault | undefined;
  /** What its model says at its nth call; default: an answer. */
  readonly reply?: (number: number) => ScriptedReply;
  /** Nobody listens at the address. */
  readonly isDead?: boolean;
  readonly limits?: Partial<ReplyLimits>;
  readonly options?: Partial<AgentOptions>;
  readonly ends: Ends;
  /** Calls of the model: as many, or at most as many. */
  readonly asked: number | { readonly most: number };
  /** Calls of the tool, at most. Default 0. */
  readonly made?: number;
  /** It moves so much that it is run by itself. */
  readonly isHeavy?: boolean;
  /** It is tried again and again, with pauses of seconds. A quick run cuts that short by `wallMs`. */
  readonly isSlow?: boolean;
}

/** The outcome: of the run, and its reason. */
export type Ends =
  | { readonly tag: "succeeded"; readonly ended: "done" | "budget" | "time" | "loop" | "no-answer" }
  | { readonly tag: "rolled-back" | "failed"; readonly code: string }
  /** Waits for so long as the server asks for, but at most for an hour; then it is cancelled. */
  | { readonly tag: "parked"; readonly code: string };

/** As often as a thought is tried. */
const TRIES = 5;
const done: Ends = { tag: "succeeded", ended: "done" };
const loop: Ends = { tag: "succeeded", ended: "loop" };
const budget: Ends = { tag: "succeeded", ended: "budget" };
const noAnswer: Ends = { tag: "succeeded", ended: "no-answer" };

/** Refused for good: one call, and the end. */
function forGood(name: string, code: string, fault: () => HttpFault): BadCase {
  return { name, fault, ends: { tag: "rolled-back", code }, asked: 1 };
}

/** May pass: tried again, then the end. */
function forNow(name: string, code: string, fault: () => HttpFault): BadCase {
  return { name, fault, ends: { tag: "rolled-back", code }, asked: TRIES, isSlow: true };
}

/** Passes after the first call. */
function once(name: string, fault: () => HttpFault): BadCase {
  return { name, fault: (number) => (number === 1 ? fault() : undefined), ends: done, asked: 2 };
}

const noReplies: readonly BadCase[] = [
  forNow("an empty body", "MODEL_REPLY_INVALID", () => said(200, "")),
  forNow("an empty stream", "MODEL_REPLY_CUT", () => ({ pieces: [] })),
  forNow("a stream with an end only", "MODEL_REPLY_INVALID", () => ({ pieces: [DONE] })),
  forGood("a web page", "MODEL_REPLY_INVALID", () => ({ headers: { "content-type": "text/html" }, pieces: ["<p>"] })),
  forGood("a web page said to be JSON", "MODEL_REPLY_INVALID", () => said(200, "<!doctype html>")),
  forGood("JSON of another kind", "MODEL_REPLY_INVALID", () => said(200, { models: [] })),
  forNow("broken JSON", "MODEL_REPLY_INVALID", () => said(200, '{"choices": [')),
  forNow("a cut stream", "MODEL_REPLY_CUT", () => ({ pieces: [chunk({ content: "so" })], end: "cut" })),
  forNow("a call that is cut", "MODEL_REPLY_CUT", () => ({ pieces: [chunk(call(0, "pay", '{"n":'))], end: "cut" })),
  once("a stream that is cut once", () => ({ pieces: [chunk({ content: "so" })], end: "cut" })),
  forGood("a redirect", "MODEL_REPLY_INVALID", () => ({ status: 307, headers: { location: "/elsewhere" } })),
];

const tooMuch: readonly BadCase[] = [
  forGood("a stream without end", "MODEL_REPLY_TOO_LARGE", () => ({
    pieces: endless(chunk({ content: "words ".repeat(200) })),
  })),
  forGood("signs of life without end", "MODEL_REPLY_TOO_LARGE", () => ({
    pieces: endless(`: ${"ping".repeat(2_000)}\n\n`),
  })),
  forGood("50 MB of text", "MODEL_REPLY_TOO_LARGE", () => ({
    pieces: many(800, () => chunk({ content: "x".repeat(65_536) })),
  })),
  forGood("50 MB in one line", "MODEL_REPLY_TOO_LARGE", () => ({ pieces: many(800, () => "x".repeat(65_536)) })),
  forGood("10,000 calls in one reply", "MODEL_REPLY_TOO_LARGE", () => ({
    pieces: many(10_000, (at) => chunk(call(at, "pay", "{}"))),
  })),
].map((one) => ({ ...one, isHeavy: true }));

const soon = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toUTCString();
const limited = (headers: Readonly<Record<string, string>>, message = ""): HttpFault =>
  said(429, complaint(message), headers);

const refusals: readonly BadCase[] = [
  once("429 with seconds", () => limited({ "retry-after": "1" })),
  once("429 with a date", () => limited({ "retry-after": soon(1) })),
  once("429 with a date that is over", () => limited({ "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" })),
  once("429 that says nothing", () => limited({})),
  once("429 that says it in its words", () => limited({}, "Rate limit reached. Please try again in 1.2s.")),
  forNow("429 for ever", "MODEL_RATE_LIMITED", () => limited({})),
  {
    ...forGood("429 for a thousand years, within a time limit", "MODEL_RATE_LIMITED", () =>
      limited({ "retry-after": "31557600000" }),
    ),
    options: { budget: { wallMs: 60_000 } },
  },
  {
    name: "429 for a thousand years, without a time limit",
    fault: () => limited({ "retry-after": "31557600000" }),
    ends: { tag: "parked", code: "MODEL_RATE_LIMITED" },
    asked: 1,
  },
  forGood("429 about money", "MODEL_QUOTA_SPENT", () => said(429, complaint("x", { code: "insufficient_quota" }))),
  forGood("400", "MODEL_REFUSED", () => said(400, complaint("bad tool", { type: "invalid_request_error" }))),
  forGood("400 about a context too long", "MODEL_CONTEXT_EXCEEDED", () =>
    said(400, complaint("x", { code: "context_length_exceeded" })),
  ),
  forGood("401", "MODEL_KEY_REFUSED", () => said(401, complaint("Incorrect API key provided"))),
  forGood("403", "MODEL_KEY_REFUSED", () => said(403, "no")),
  forGood("404", "MODEL_UNKNOWN", () => said(404, complaint("no such model", { code: "model_not_found" }))),
  forGood("422", "MODEL_REFUSED", () => said(422, { detail: "extra field" })),
  forNow("500", "MODEL_UNAVAILABLE", () => said(500, complaint("boom"))),
  forNow("502 with a web page", "MODEL_UNAVAILABLE", () => said(502, "<html>Bad gateway</html>")),
  forNow("529", "MODEL_UNAVAILABLE", () => said(529, complaint("Overloaded", { type: "overloaded_error" }))),
  once("503 once", () => said(503, "")),
];

const silences: readonly BadCase[] = [
  {
    ...forNow("nothing, not even a status", "MODEL_TIMED_OUT", () => ({ delayMs: 600_000 })),
    limits: { firstMs: 200 },
  },
  {
    ...forNow("nothing after a piece", "MODEL_TIMED_OUT", () => ({ pieces: [chunk({ content: "a" })], end: "hang" })),
    limits: { idleMs: 200 },
  },
  {
    ...forNow("a piece now and then for ever", "MODEL_TIMED_OUT", () => ({
      pieces: endless(chunk({ content: "a" })),
      pieceMs: 20,
    })),
    limits: { totalMs: 400 },
  },
  {
    name: "nothing at all, within a time limit",
    fault: () => ({ end: "hang" }),
    options: { budget: { wallMs: 1_500 } },
    ends: { tag: "succeeded", ended: "time" },
    asked: { most: 1 },
  },
  {
    name: "a dead server",
    isDead: true,
    ends: { tag: "rolled-back", code: "MODEL_UNREACHABLE" },
    asked: 0,
    isSlow: true,
  },
];

const pay = (n: number): ScriptedReply => ({ text: "", calls: [{ tool: "pay", input: { n } }] });

const oddities: readonly BadCase[] = [
  {
    name: "a tool that there is none of, then an answer",
    reply: (number) => (number === 1 ? { calls: [{ tool: "rm_rf", input: {} }] } : "fine"),
    ends: done,
    asked: 2,
  },
  {
    name: "tools that there are none of, for ever",
    reply: () => ({ calls: [{ tool: "rm_rf", input: {} }] }),
    ends: loop,
    asked: { most: 12 },
  },
  {
    name: "arguments that are no JSON, for ever",
    reply: () => ({ calls: [{ tool: "pay", invalid: "{n:" }] }),
    ends: loop,
    asked: { most: 12 },
  },
  {
    name: "arguments that don't fit, then some that reach for a prototype, then an answer",
    reply: (number) =>
      number > 2
        ? "fine"
        : {
            calls: [
              number === 1 ? { tool: "pay", input: { n: "1" } } : { tool: "pay", invalid: '{"__proto__":{"n":1}}' },
            ],
          },
    ends: done,
    asked: 3,
  },
  { name: "the same call for ever", reply: () => pay(1), ends: loop, asked: { most: 12 }, made: 10 },
  {
    name: "100 calls in one reply",
    reply: (number) =>
      number > 1 ? "fine" : { calls: Array.from({ length: 100 }, (_, n) => ({ tool: "pay", input: { n } })) },
    ends: done,
    asked: 2,
    made: 16,
  },
  { name: "empty answers for ever", reply: () => "", ends: noAnswer, asked: { most: 4 } },
  {
    name: "answers that are cut off for ever",
    reply: () => ({ text: "so", finish: "length" }),
    ends: noAnswer,
    asked: { most: 4 },
  },
  {
    name: "answers that a filter withholds",
    reply: () => ({ text: "", finish: "content-filter" }),
    ends: noAnswer,
    asked: { most: 4 },
  },
  {
    name: "calls where only an answer is asked for",
    reply: (number) => (number === 1 ? "about three" : pay(number)),
    options: { answer: { type: "object", properties: { n: { type: "number" } }, required: ["n"] } },
    ends: noAnswer,
    asked: { most: 4 },
  },
  {
    name: "prose where a form is asked for",
    reply: () => "about three",
    options: { answer: { type: "object", properties: { n: { type: "number" } }, required: ["n"] } },
    ends: noAnswer,
    asked: { most: 4 },
  },
];

const money: readonly BadCase[] = [
  {
    name: "new calls for ever, by steps",
    reply: pay,
    options: { budget: { steps: 6 } },
    ends: budget,
    asked: { most: 7 },
    made: 6,
  },
  {
    name: "new calls for ever, by calls",
    reply: pay,
    options: { budget: { steps: 50, calls: 4 } },
    ends: budget,
    asked: { most: 6 },
    made: 4,
  },
  {
    name: "new calls for ever, by tokens",
    reply: pay,
    options: { budget: { steps: 50, tokens: 5_000 } },
    ends: budget,
    asked: { most: 20 },
    made: 19,
  },
  {
    name: "16 calls in each reply, by calls",
    reply: (number) => ({
      calls: Array.from({ length: 16 }, (_, at) => ({ tool: "pay", input: { n: number * 100 + at } })),
    }),
    options: { budget: { calls: 20 } },
    ends: budget,
    asked: { most: 4 },
    made: 20,
  },
  {
    name: "a reply that says it used a million tokens",
    fault: () => ({
      pieces: [chunk(call(0, "pay", '{"n":1}')), chunk({}, "tool_calls"), usage(500_000, 500_000), DONE],
    }),
    options: { budget: { tokens: 10_000 } },
    ends: budget,
    asked: 1,
    made: 1,
  },
  {
    name: "a reply that is longer than was allowed",
    reply: (number) => ({ text: "word ".repeat(20_000), calls: [{ tool: "pay", input: { n: number } }] }),
    options: { budget: { tokens: 10_000 } },
    ends: budget,
    asked: { most: 2 },
    made: 2,
  },
  {
    name: "a failure after an effect, which is taken back",
    fault: (number) => (number > 1 ? said(400, complaint("no")) : undefined),
    reply: pay,
    ends: { tag: "rolled-back", code: "MODEL_REFUSED" },
    asked: 2,
    made: 1,
  },
  {
    name: "a failure after an effect, which is kept",
    fault: (number) => (number > 1 ? said(400, complaint("no")) : undefined),
    reply: pay,
    options: { onFailure: "keep" },
    ends: { tag: "failed", code: "MODEL_REFUSED" },
    asked: 2,
    made: 1,
  },
  {
    name: "new calls for ever, told to stop",
    reply: pay,
    options: { budget: { steps: 4 }, onBudget: "stop" },
    ends: { tag: "rolled-back", code: "BUDGET_EXCEEDED" },
    asked: { most: 5 },
    made: 5,
  },
];

/** All that can come of a server and a model that are broken, silent, greedy or mad. */
export const CASES: readonly BadCase[] = [...noReplies, ...tooMuch, ...refusals, ...silences, ...oddities, ...money];
