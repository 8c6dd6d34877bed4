import { InputError } from "../../base/index.ts";
import type { Model, Price } from "../port.ts";
import { findPrice, type KnownModel } from "../price/prices.ts";
import { recordedModel } from "../recorded/recorded-model.ts";
import { readScript } from "../scripted/read-script.ts";
import { scriptedModel } from "../scripted/scripted-model.ts";
import type { Fetch } from "../wire/endpoint.ts";
import { REPLY_LIMITS, type ReplyLimits } from "../wire/limits.ts";
import { followAliases } from "./follow-aliases.ts";
import type { Environment } from "./providers.ts";
import { toTarget } from "./to-endpoint.ts";

/** What a model's address is resolved with. */
export interface ResolveOptions {
  /** Keys and addresses: `process.env`, or a part of it. */
  readonly env: Environment;
  /** Own names for addresses, such as `{ fast: "openai:gpt-5-mini" }`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Own prices and contexts, by `provider:model`. They come before those that Pawl knows. */
  readonly prices?: Readonly<Record<string, KnownModel>>;
  readonly limits?: Partial<ReplyLimits>;
  /** Default: the global one. */
  readonly fetch?: Fetch;
}

/**
 * Gives the model at an address: `openai:MODEL`, `anthropic:MODEL`, `ollama:MODEL`, `compatible:MODEL` (at
 * PAWL_BASE_URL or OPENAI_BASE_URL), `http(s)://HOST/v1#MODEL`, `scripted:FILE`, `recorded:FILE` (replay only),
 * `recorded:FILE#ADDRESS` (records what that model answers), or an alias. Nothing is sent before it is asked.
 *
 * @throws {InputError} MODEL_BAD_ADDRESS, MODEL_KEY_MISSING
 */
export function resolveModel(address: string, options: ResolveOptions): Model {
  const { env, prices = {} } = options;
  const resolved = followAliases(address, options.aliases ?? {});
  if (resolved.startsWith("scripted:")) {
    return scriptedModel(readScript(resolved.slice("scripted:".length)), { name: resolved });
  }
  if (resolved.startsWith("recorded:")) return resolveRecorded(resolved, options);
  const { provider, endpoint } = toTarget(resolved, env, options.fetch);
  const known = findPrice(resolved, prices);
  const price = known === undefined ? undefined : toPrice(known);
  const model = { endpoint, price, limits: { ...REPLY_LIMITS, ...options.limits } };
  return {
    name: resolved,
    ...(known?.contextTokens !== undefined && { contextTokens: known.contextTokens }),
    ...(price !== undefined && { price }),
    generate: async (request, context) => {
      if (provider.protocol === "openai") return (await import("../openai/chat.ts")).chat(model, request, context);
      return (await import("../anthropic/messages.ts")).askMessages(model, request, context);
    },
  };
}

function toPrice({ input, cachedInput, output }: KnownModel): Price {
  return { input, ...(cachedInput !== undefined && { cachedInput }), output };
}

function resolveRecorded(address: string, options: ResolveOptions): Model {
  const hash = address.indexOf("#");
  const file = address.slice("recorded:".length, hash < 0 ? undefined : hash);
  if (file === "") throw new InputError("MODEL_BAD_ADDRESS", "Expected recorded:FILE, got no file. Name one.");
  const secrets = findSecrets(options.env);
  if (hash < 0) return recordedModel(file, { secrets });
  return recordedModel(file, { secrets, model: resolveModel(address.slice(hash + 1), options) });
}

/** Whatever looks like a key in the environment stays out of recordings. */
function findSecrets(env: Environment): Readonly<Record<string, string>> {
  const found = Object.entries(env).filter(([name]) => /KEY|TOKEN|SECRET|PASSWORD/u.test(name));
  return Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
