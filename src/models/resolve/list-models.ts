import { isJsonObject, RuntimeFailure, type JsonObject } from "../../base/index.ts";
import type { Fetch } from "../wire/endpoint.ts";
import { exchange } from "../wire/exchange.ts";
import { toInvalid } from "../wire/failures.ts";
import { REPLY_LIMITS } from "../wire/limits.ts";
import { parseObject } from "../wire/parse-object.ts";
import { readText } from "../wire/read-body.ts";
import { findAddress, toTarget } from "./to-endpoint.ts";
import { PROVIDERS, type Environment } from "./providers.ts";

/** What is known of one provider. */
export interface ProviderListing {
  readonly provider: string;
  /** Undefined where no variable says it. */
  readonly address: string | undefined;
  /** Everything that is needed to ask it is set. */
  readonly isConfigured: boolean;
  /** The variables to set, where something is missing. */
  readonly needs: readonly string[];
  /** What its server offers, as addresses for `resolveModel`; absent where it was not asked or did not answer. */
  readonly models?: readonly string[];
  readonly problem?: { readonly code: string; readonly message: string };
}

/** How long a server may take to say what it offers. */
const PATIENCE_MS = 5_000;
const LIMITS = { ...REPLY_LIMITS, firstMs: PATIENCE_MS, totalMs: PATIENCE_MS };

/** Says which providers are configured, and asks those what they offer. A server that is down is a line, not an error. */
export async function listModels(options: {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly fetch?: Fetch;
}): Promise<readonly ProviderListing[]> {
  const { env, signal, fetch } = options;
  return await Promise.all(Object.keys(PROVIDERS).map((id) => list(id, { env, signal, fetch })));
}

interface Listing {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly fetch: Fetch | undefined;
}

async function list(id: string, { env, signal, fetch }: Listing): Promise<ProviderListing> {
  const address = findAddress(id, env)?.url;
  const base = { provider: id, address };
  try {
    const { endpoint, provider } = toTarget(`${id}:any`, env, fetch);
    const path = provider.protocol === "anthropic" ? "/v1/models" : "/models";
    try {
      const names = await exchange({ endpoint, path, signal, limits: LIMITS }, async ({ body }) => {
        const reply = parseObject(await readText(body, LIMITS.maxBytes, endpoint), endpoint);
        const found = readNames(reply);
        if (found === undefined) throw toInvalid(endpoint, "JSON without a list of models", true);
        return found;
      });
      return { ...base, isConfigured: true, needs: [], models: names.map((name) => `${id}:${name}`) };
    } catch (error) {
      return { ...base, isConfigured: true, needs: [], problem: toProblem(error) };
    }
  } catch (error) {
    return { ...base, isConfigured: false, needs: findNeeds(id, address), problem: toProblem(error) };
  }
}

function readNames({ data }: JsonObject): readonly string[] | undefined {
  if (!Array.isArray(data)) return undefined;
  const ids = data.map((entry) => (isJsonObject(entry) ? entry["id"] : undefined));
  return ids.filter((name) => typeof name === "string").toSorted();
}

function findNeeds(id: string, address: string | undefined): readonly string[] {
  const provider = PROVIDERS[id];
  if (provider === undefined) return [];
  return address === undefined ? provider.addressVariables : [provider.keyVariable];
}

/** What is none of ours is a bug, and must not look like a server that is down. */
function toProblem(error: unknown): { readonly code: string; readonly message: string } {
  if (!RuntimeFailure.is(error) || error.failure === "cancelled") throw error;
  return { code: error.code, message: error.message };
}
