import {
  UNLABELLED,
  type AnyAction,
  type AttemptContext,
  type EffectDefinition,
  type UndoContext,
} from "../../action/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import { readEffect, type EffectRules } from "../effect.ts";
import { refuseProblems } from "../fields.ts";
import type { PlaceholderScope } from "../placeholders.ts";
import { exchange } from "./exchange.ts";
import { fillRequest } from "./fill-request.ts";
import { METHODS } from "../net/method.ts";
import { findRequestProblems, readRequest, type HttpRequest, type RequestPlace } from "./options.ts";
import { requireUndone, toFinding, toOutput } from "./outcome.ts";

/**
 * The built-in action `http`: one request, JSON or text, with an idempotency key where it may act. Its nature stands
 * beside it in the plan file (`effect`); without one, GET and HEAD are queries and everything else is never repeated
 * and cannot be undone.
 */
export const httpAction: AnyAction = {
  name: "http",
  version: 1,
  definition: { tag: "by-node", forNode: toDefinition },
};

const WITH: RequestPlace = { path: "with", methods: METHODS, method: "GET" };
const UNDO: RequestPlace = { path: "effect.undo", methods: METHODS, method: "POST" };
const CHECK: RequestPlace = { path: "effect.check", methods: ["GET", "HEAD"], method: "GET" };

const findEffectProblems: EffectRules["findProblems"] = (request, path) =>
  findRequestProblems(request, path === "effect.undo" ? UNDO : CHECK);

function toDefinition(node: { readonly with: Json; readonly effect: JsonObject | undefined }): EffectDefinition {
  refuseProblems("The http node cannot be used", findRequestProblems(node.with, WITH));
  const isQuery = isReading(node.with);
  const nature = isQuery
    ? ({ repeat: "safe", undo: "not-needed" } as const)
    : ({ repeat: "never", undo: "impossible" } as const);
  const { repeat, undo, undoesUnknown, check } = readEffect(node.effect, {
    ...nature,
    findProblems: findEffectProblems,
  });
  return {
    tag: "effect",
    isQuery: isQuery && node.effect === undefined,
    repeat,
    undo: typeof undo === "string" ? undo : (context) => undoWith(undo, context),
    undoesUnknown,
    check: check === undefined ? undefined : (context) => checkWith(check, context),
    identity: undefined,
    input: undefined,
    output: undefined,
    limits: {},
    resources: [],
    counters: {},
    ...UNLABELLED,
    run,
  };
}

/** A method that is still a template may become any. */
function isReading(value: Json): boolean {
  const method = isJsonObject(value) ? (value["method"] ?? "GET") : undefined;
  return method === "GET" || method === "HEAD";
}

async function run(context: AttemptContext<Json>): Promise<Json> {
  const request = readRequest(context.input, WITH);
  return toOutput(await exchange(request, context), request, Date.now());
}

async function undoWith(undo: JsonObject, context: UndoContext<Json, Json>): Promise<void> {
  const { input, output, key, undoes } = context;
  const request = readStated(undo, UNDO, { input, output, key, undoes });
  requireUndone(await exchange(request, context), request, Date.now());
}

async function checkWith(check: JsonObject, context: AttemptContext<Json>): Promise<unknown> {
  const request = readStated(check, CHECK, { input: context.input, key: context.key });
  return toFinding(await exchange(request, context));
}

/** The header fields of `with` hold for undo and check too, credentials among them: so only on the same origin. */
function readStated(template: JsonObject, place: RequestPlace, scope: PlaceholderScope): HttpRequest {
  const request = readRequest(fillRequest(template, scope), place);
  const original = readRequest(scope["input"] ?? null, WITH);
  if (request.url.origin !== original.url.origin) return request;
  const inherited = Object.entries(original.headers).filter(([name]) => !name.startsWith("content-"));
  return { ...request, headers: { ...Object.fromEntries(inherited), ...request.headers } };
}
