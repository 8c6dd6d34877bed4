import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import { refuse, type Draft } from "./fields.ts";
import { checkCommand, readEffect } from "./parse-effect.ts";
import { complain, type Place } from "./report.ts";
import { show, under } from "./show.ts";
import { createSuggester, didYouMean } from "./suggest.ts";

/** The part of a node, or of its fallback, that says what is done. */
export interface Work {
  readonly uses: string;
  readonly with?: Json;
  readonly effect?: JsonObject;
}

type WorkDraft = Draft<Work>;

const LONGEST_MS = 31_536_000_000;

const CHECKS: Readonly<Record<string, (work: WorkDraft, place: Place) => void>> = {
  process: checkProcess,
  http: checkHttp,
  wait: checkWait,
  ask: checkAsk,
  plan: checkPlanNode,
};

/** Tells whether a name is that of a built-in action. */
export function isBuiltin(uses: string): boolean {
  return Object.hasOwn(CHECKS, uses);
}

/** Tells whether a request only reads. A method that is still a template may become any. */
export function isReading(input: Json | undefined): boolean {
  const method = isJsonObject(input) ? (input["method"] ?? "GET") : "POST";
  return method === "GET" || method === "HEAD";
}

/** Checks what a node says to a built-in action, and brings it into normal form. */
export function checkWork(work: WorkDraft, place: Place): void {
  const check = isBuiltin(work.uses) ? CHECKS[work.uses] : undefined;
  const isByFile = work.uses === "process" || work.uses === "http";
  if (work.effect !== undefined && !isByFile) {
    const expected = "no effect beside an action whose nature stands in code";
    const fix = "Remove it; only process and http take one.";
    complain(place.report, { code: "PLAN_SHAPE", path: `${place.path}.effect`, expected, got: show(work.effect), fix });
  }
  check?.(work, place);
}

function checkProcess(work: WorkDraft, place: Place): void {
  const input = readObject(work, place, "with: { command: [ ... ] }");
  if (input !== undefined) checkCommand(input["command"], at(place, "with.command"));
  normaliseEffect(work, place, "process");
}

function checkHttp(work: WorkDraft, place: Place): void {
  const input = readObject(work, place, "with: { url: ... }");
  if (input !== undefined && (typeof input["url"] !== "string" || input["url"] === "")) {
    refuse(at(place, "with.url"), input["url"], { expected: "an address as text", fix: 'Write url: "https://...".' });
  }
  normaliseEffect(work, place, isReading(work.with) ? "http-read" : "http");
}

function normaliseEffect(work: WorkDraft, place: Place, uses: "process" | "http" | "http-read"): void {
  if (work.effect === undefined) return;
  const effect = readEffect(work.effect, at(place, "effect"), uses);
  if (effect === undefined) delete work.effect;
  else work.effect = effect;
}

function checkWait(work: WorkDraft, place: Place): void {
  const input = readObject(work, place, "with: { ms } or { until }");
  if (input === undefined) return;
  checkNames(input, ["ms", "until"], place);
  const { ms, until } = input;
  if ((ms === undefined) === (until === undefined)) {
    refuse(at(place, "with"), input, {
      expected: "one of ms and until",
      fix: "Say how long (ms), or until when (until).",
    });
  }
  if (ms !== undefined && !isTemplate(ms)) checkMs(ms, at(place, "with.ms"), 0);
  if (until === undefined || isTemplate(until)) return;
  if (typeof until === "string" && !Number.isNaN(Date.parse(until))) return;
  if (typeof until === "number" && Number.isInteger(until) && until >= 0) return;
  const fix = 'Write for example until: "2030-01-31T09:00:00Z".';
  refuse(at(place, "with.until"), until, { expected: "a time: ISO 8601, or milliseconds since 1970", fix });
}

function checkAsk(work: WorkDraft, place: Place): void {
  if (work.with === undefined) return;
  const input = readObject(work, place, "with: { show, answer, expiresMs }");
  if (input === undefined) return;
  checkNames(input, ["show", "answer", "expiresMs"], place);
  const { answer, expiresMs } = input;
  if (answer !== undefined && typeof answer !== "boolean" && !isJsonObject(answer)) {
    refuse(at(place, "with.answer"), answer, {
      expected: "a JSON Schema",
      fix: "Write for example { type: boolean }.",
    });
  }
  if (expiresMs !== undefined && !isTemplate(expiresMs)) checkMs(expiresMs, at(place, "with.expiresMs"), 1);
  if (Object.keys(input).length === 0) delete work.with;
}

function checkPlanNode(work: WorkDraft, place: Place): void {
  const input = readObject(work, place, "with: { plan, input }");
  if (input === undefined) return;
  checkNames(input, ["plan", "input"], place);
  const { plan } = input;
  if (typeof plan === "string" && plan !== "" && !plan.includes("${")) return;
  refuse(at(place, "with.plan"), plan, {
    expected: "the name of one of `plans`, as plain text",
    fix: "Name the plan.",
  });
}

function readObject(work: WorkDraft, place: Place, expected: string): JsonObject | undefined {
  if (isJsonObject(work.with)) return work.with;
  return refuse(at(place, "with"), work.with, { expected, fix: `Add ${expected}.` });
}

function checkNames(input: JsonObject, names: readonly string[], place: Place): void {
  for (const key of Object.keys(input)) {
    if (names.includes(key)) continue;
    const fix = didYouMean(createSuggester(names)(key), `Remove it; there are: ${names.join(", ")}.`);
    const expected = `one of ${names.join(", ")}`;
    const path = under(`${place.path}.with`, key);
    complain(place.report, { code: "PLAN_UNKNOWN_FIELD", path, expected, got: show(key), fix });
  }
}

function checkMs(value: Json, place: Place, min: number): void {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= LONGEST_MS) return;
  const expected = `milliseconds from ${min} to ${LONGEST_MS}, or a template`;
  refuse(place, value, { expected, fix: "Write a whole number without quotes." });
}

function isTemplate(value: Json): boolean {
  return typeof value === "string" && value.includes("${");
}

function at({ report, path }: Place, field: string): Place {
  return { report, path: `${path}.${field}` };
}
