import type { Fetch } from "../wire/endpoint.ts";
import type { Environment } from "./providers.ts";

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

/** What the providers are looked for in. */
export interface ListOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly fetch?: Fetch;
}

/** Says which providers are configured, and asks those what they offer. A server that is down is a line, not an error. */
export async function listModels(options: ListOptions): Promise<readonly ProviderListing[]> {
  return (await import("./ask-servers.ts")).askServers(options);
}
