import { isJsonObject, RuntimeFailure, type JsonObject } from "../../base/index.ts";
import { exchange } from "../wire/exchange.ts";
import { toInvalid } from "../wire/failures.ts";
import { REPLY_LIMITS } from "../wire/limits.ts";
import { parseObject } from "../wire/parse-object.ts";
import { readText } from "../wire/read-body.ts";
import { findAddress, toTarget } from "./to-endpoint.ts";
import type { ListOptions, ProviderListing } from "./list-models.ts";
import { PROVIDERS } from "./providers.ts";

/** How long a server may take to say what it offers. */
const PATIENCE_MS = 5_000;
const LIMITS = { ...REPLY_LIMITS, firstMs: PATIENCE_MS, totalMs: PATIENCE_MS };

/** Asks every configured provider what it offers. */
export async function askServers(options: ListOptions): Promise<readonly ProviderListing[]> {
  return await Promise.all(Object.keys(PROVIDERS).map((id) => list(id, options)));
}

async function list(id: string, { env, signal, fetch }: ListOptions): Promise<ProviderListing> {
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
