import { listModels, type Environment, type ProviderListing } from "../../models/index.ts";
import type { CliContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { oneLine, toJsonText } from "../text.ts";

/** `pawl models ls`: 0 also where nothing answers. */
export async function performModelsLs(context: CliContext): Promise<number> {
  const { isJson, write, env } = context;
  const chosen = env["PAWL_MODEL"] ?? "";
  const listings = await listModels({ env: withChosen(env, chosen), signal: new AbortController().signal });
  const shown = listings.map((listing) => toListing(listing, env, chosen));
  if (isJson) write(toJsonText({ chosen: chosen === "" ? null : chosen, providers: shown.map(toOut) }));
  else show(context, shown, chosen);
  return EXIT.ok;
}

/** The server of PAWL_MODEL is asked too, where no other is set. */
function withChosen(env: Environment, chosen: string): Environment {
  const url = isOwnServer(env, chosen) ? URL.parse(chosen) : null;
  if (url === null) return env;
  url.hash = "";
  return { ...env, PAWL_BASE_URL: url.href };
}

function isOwnServer(env: Environment, chosen: string): boolean {
  return /^https?:/u.test(chosen) && (env["PAWL_BASE_URL"] ?? "") === "";
}

/** Names that work as they are printed. */
function toListing(listing: ProviderListing, env: Environment, chosen: string): ProviderListing {
  const { provider, models, address } = listing;
  if (provider !== "compatible" || models === undefined || !isOwnServer(env, chosen)) return listing;
  const base = (address ?? "").replace(/\/+$/u, "");
  return { ...listing, models: models.map((name) => `${base}#${name.slice("compatible:".length)}`) };
}

function toOut({ provider, address, isConfigured, needs, models, problem }: ProviderListing): object {
  return {
    provider,
    address: address ?? null,
    isConfigured,
    needs: [...needs],
    models: models === undefined ? null : [...models],
    problem: problem ?? null,
  };
}

function show({ write, say, paint }: CliContext, listings: readonly ProviderListing[], chosen: string): void {
  for (const { provider, address, isConfigured, needs, models = [], problem } of listings) {
    const at = address === undefined ? "" : paint("dim", ` ${oneLine(address)}`);
    if (!isConfigured) write(`${paint("dim", "-")} ${provider}${at}: set ${needs.join(" or ")}`);
    else if (problem !== undefined)
      write(
        `${paint("red", "✗")} ${provider}${at}: ${oneLine(problem.message.replaceAll(`${provider}:any`, provider))}`,
      );
    else write(`${paint("green", "✓")} ${provider}${at}`);
    for (const name of models) write(`    ${oneLine(name)}${name === chosen ? "  (PAWL_MODEL)" : ""}`);
  }
  if (chosen === "") say("PAWL_MODEL is not set: `pawl agent` takes --model, or `model` of pawl.config.ts");
}
