import { InputError, toExcerpt } from "../../base/index.ts";
import type { Endpoint, Fetch } from "../wire/endpoint.ts";
import { PROVIDERS, type Environment, type Provider } from "./providers.ts";

/** An address that has been taken apart. */
export interface Target {
  readonly provider: Provider;
  readonly endpoint: Endpoint;
}

/**
 * Finds out where `provider:model` or `http(s)://host/v1#model` is reached, and with which key.
 *
 * @throws {InputError} MODEL_BAD_ADDRESS, MODEL_KEY_MISSING
 */
export function toTarget(address: string, env: Environment, fetch?: Fetch): Target {
  return /^https?:\/\//u.test(address) ? fromUrl(address, env, fetch) : fromName(address, env, fetch);
}

function fromName(address: string, env: Environment, fetch: Fetch | undefined): Target {
  const colon = address.indexOf(":");
  const id = address.slice(0, Math.max(colon, 0));
  const model = address.slice(colon + 1);
  const provider = Object.hasOwn(PROVIDERS, id) ? PROVIDERS[id] : undefined;
  if (provider === undefined || model === "") throw badAddress(address);
  return open({ name: address, model, provider, place: findAddress(id, env) }, env, fetch);
}

function fromUrl(address: string, env: Environment, fetch: Fetch | undefined): Target {
  const url = URL.parse(address);
  const model = decodeURIComponent(url?.hash.slice(1) ?? "");
  const { compatible: provider } = PROVIDERS;
  if (url === null || model === "" || provider === undefined) throw badAddress(address);
  if (url.username !== "" || url.password !== "") {
    const fix = "Put the key into PAWL_API_KEY.";
    throw new InputError("MODEL_BAD_ADDRESS", `Expected an address without credentials, got one with some. ${fix}`);
  }
  url.hash = "";
  return open({ name: address, model, provider, place: { url: url.href, isDefault: false } }, env, fetch);
}

interface Place {
  readonly url: string;
  readonly isDefault: boolean;
  /** The variable that the address came from. */
  readonly variable?: string | undefined;
}

/** Where a provider is, by the environment; undefined where nothing says it. */
export function findAddress(id: string, env: Environment): Place | undefined {
  const provider = Object.hasOwn(PROVIDERS, id) ? PROVIDERS[id] : undefined;
  const variable = provider?.addressVariables.find((name) => (env[name] ?? "").trim() !== "");
  const set = variable === undefined ? undefined : env[variable]?.trim();
  const url = set ?? provider?.defaultAddress;
  if (url === undefined) return undefined;
  return { url: id === "ollama" ? toOllamaUrl(url) : url, isDefault: set === undefined, variable };
}

/** OLLAMA_HOST is written for its server: a host, a port, an address to listen on. */
function toOllamaUrl(host: string): string {
  const full = /^https?:\/\//u.test(host) ? host : `http://${host.startsWith(":") ? `127.0.0.1${host}` : host}`;
  const url = URL.parse(full);
  if (url === null) return host;
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (url.port === "" && !/^https?:\/\//u.test(host)) url.port = "11434";
  return url.pathname.endsWith("/v1") ? url.href : new URL("/v1", url).href;
}

interface Opening {
  readonly name: string;
  readonly model: string;
  readonly provider: Provider;
  readonly place: Place | undefined;
}

function open({ name, model, provider, place }: Opening, env: Environment, fetch: Fetch | undefined): Target {
  if (place === undefined) {
    const names = provider.addressVariables.join(" or ");
    throw new InputError("MODEL_BAD_ADDRESS", `Expected the address of the server for ${name}. Set ${names}.`);
  }
  if (URL.parse(place.url)?.protocol.startsWith("http") !== true) {
    throw new InputError(
      "MODEL_BAD_ADDRESS",
      `Expected an http or https address for ${name}, got ${JSON.stringify(place.url)}.`,
    );
  }
  // A key goes only where its own address variable points.
  const keyVariable = place.variable === "OPENAI_BASE_URL" ? "OPENAI_API_KEY" : provider.keyVariable;
  const key = readKey(keyVariable, env);
  if (key === undefined && place.isDefault && place.url.startsWith("https:")) {
    const fix = `Set ${keyVariable}, or choose a model that needs none, such as one of ollama.`;
    throw new InputError("MODEL_KEY_MISSING", `Expected a key for ${name}, got none. ${fix}`);
  }
  const endpoint: Endpoint = {
    name,
    model,
    baseUrl: toBaseUrl(place.url, provider),
    headers: toHeaders(provider, key),
    secrets: key === undefined ? {} : { [keyVariable]: key },
    keyVariable,
    limitField: provider.limitField,
    ...(fetch !== undefined && { fetch }),
  };
  return { provider, endpoint };
}

/** The paths of Anthropic's API begin with the version, which some write into the address as well. */
function toBaseUrl(url: string, { protocol }: Provider): string {
  const plain = url.replace(/\/+$/u, "");
  return protocol === "anthropic" ? plain.replace(/\/v1$/u, "") : plain;
}

function readKey(variable: string, env: Environment): string | undefined {
  const key = env[variable]?.trim() ?? "";
  if (key === "") return undefined;
  if (/^[\u0021-\u007E]+$/u.test(key)) return key;
  throw new InputError(
    "MODEL_KEY_MISSING",
    `Expected a key of visible ASCII characters in ${variable}, got something else. Set it again.`,
  );
}

function toHeaders(provider: Provider, key: string | undefined): Readonly<Record<string, string>> {
  const version = provider.protocol === "anthropic" ? { "anthropic-version": "2023-06-01" } : {};
  if (key === undefined) return version;
  return provider.protocol === "anthropic" ? { ...version, "x-api-key": key } : { authorization: `Bearer ${key}` };
}

function badAddress(address: string): InputError {
  const forms = [...Object.keys(PROVIDERS).map((id) => `${id}:MODEL`), "scripted:FILE", "recorded:FILE"];
  const expected = `${forms.join(", ")} or http://HOST/v1#MODEL`;
  return new InputError(
    "MODEL_BAD_ADDRESS",
    `Expected a model as ${expected}, got ${JSON.stringify(toExcerpt(address, 100))}. Correct it, or define it as an alias.`,
  );
}
