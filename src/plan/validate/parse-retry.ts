import { isJsonObject } from "../../base/index.ts";
import type { PlanNode, Retry } from "../graph.ts";
import {
  isMissing,
  readFields,
  readInteger,
  readList,
  readNumber,
  readWord,
  refuse,
  type Draft,
  type Fields,
} from "./fields.ts";
import type { Place } from "./report.ts";

const LONGEST_MS = 31_536_000_000;
const FAILURES = ["transient", "timeout", "permanent"] as const;

const FIELDS: Fields<Draft<Retry>> = new Map([
  [
    "attempts",
    (retry: Draft<Retry>, value: unknown, place: Place) => {
      retry.attempts = readInteger(place, value, { min: 1, max: 1000 }) ?? 1;
    },
  ],
  [
    "backoffMs",
    (retry: Draft<Retry>, value: unknown, place: Place) => {
      const backoffMs = readInteger(place, value, { min: 0, max: LONGEST_MS });
      if (backoffMs !== undefined && backoffMs !== 1000) retry.backoffMs = backoffMs;
    },
  ],
  [
    "factor",
    (retry: Draft<Retry>, value: unknown, place: Place) => {
      const factor = readNumber(place, value, { min: 1, max: 100 });
      if (factor !== undefined && factor !== 2) retry.factor = factor;
    },
  ],
  [
    "maxBackoffMs",
    (retry: Draft<Retry>, value: unknown, place: Place) => {
      const maxBackoffMs = readInteger(place, value, { min: 0, max: LONGEST_MS });
      if (maxBackoffMs !== undefined && maxBackoffMs !== 60_000) retry.maxBackoffMs = maxBackoffMs;
    },
  ],
  [
    "jitter",
    (retry: Draft<Retry>, value: unknown, place: Place) => {
      const jitter = readNumber(place, value, { min: 0, max: 1 });
      if (jitter !== undefined && jitter !== 0.2) retry.jitter = jitter;
    },
  ],
  ["on", readOn],
]);

/** Reads `retry`: a number of attempts, or an object. One attempt is no retry, and is left out. */
export function readRetry(node: Draft<PlanNode>, value: unknown, place: Place): void {
  const retry: Draft<Retry> = { attempts: 1 };
  if (typeof value === "number") retry.attempts = readInteger(place, value, { min: 1, max: 1000 }) ?? 1;
  else {
    readFields(retry, value, { ...place, fields: FIELDS, what: "retry" });
    if (isJsonObject(value) && isMissing(value, "attempts")) {
      const at = { report: place.report, path: `${place.path}.attempts` };
      refuse(at, undefined, { expected: "how many attempts", fix: "Add attempts, which counts the first one too." });
    }
  }
  if (retry.attempts > 1) node.retry = retry;
}

function readOn(retry: Draft<Retry>, value: unknown, place: Place): void {
  const list = readList(place, value, "a list of failure classes");
  if (list === undefined) return;
  if (list.length === 0) refuse(place, list, { expected: "one failure class or more", fix: "Name one, or remove on." });
  const chosen = new Set(
    list.map((word, index) => readWord({ ...place, path: `${place.path}[${index}]` }, word, FAILURES)),
  );
  const on = FAILURES.filter((word) => chosen.has(word));
  if (on.join() !== "transient,timeout") retry.on = on;
}
